import { KubernetesFreshnessDocument } from '../../schema/generated/dashboard/graphql.ts';
import { useApp } from '../hooks/app-context.ts';
import { useQuery } from '../hooks/use-query.ts';
import { useCell } from '../hooks/use-watch.ts';
import { shorten } from '../state/format.ts';
import { REFRESH_MS } from '../state/freshness.ts';
import { Mark } from './mark.tsx';
import { Since } from './since.tsx';

/** What holds for all of the page, above all of it: its server is away, or what that knows is not of now, or the page is paused. */
export function Notices() {
  const { connection, paused } = useApp();
  const isPaused = useCell(paused);
  const road = useCell(connection.road);
  return (
    <>
      {road.state === 'down' ? (
        <p class="notice lost" role="alert">
          This server has not answered <Since at={road.since} as="for" />. The page tries again by itself.
        </p>
      ) : (
        <KubernetesAway />
      )}
      {isPaused && (
        <p class="notice" role="status">
          Paused: what you see stands still.
        </p>
      )}
    </>
  );
}

/** Values go on while nodes, pods, devices and models stand still, and nothing in them says so. */
function KubernetesAway() {
  const { ask, place } = useApp();
  const { data } = useQuery((signal) => ask(KubernetesFreshnessDocument, {}, signal), [], REFRESH_MS);
  const kubernetes = data?.place.kubernetes;
  if (!kubernetes || kubernetes.current) return null;
  const { asOf, reason } = kubernetes;
  const then = asOf ? 'as they were then' : 'as last known';
  const isCloud = place.kind === 'CLOUD';
  return (
    <p class="notice" role="status">
      <Mark shape="down" tone="warn" /> {isCloud ? 'Kubernetes has not answered' : 'No link to the cloud'}{' '}
      <Since at={asOf} as="for" />
      {reason && <small title={reason}> ({shorten(reason, LONGEST_REASON)})</small>}:{' '}
      {isCloud
        ? `nodes, pods, devices and models are ${then}; values go on.`
        : `this node goes on, with nodes, pods, devices and models ${then}.`}
    </p>
  );
}

/** Characters of what stands in a line of its own on any screen but a phone's. */
const LONGEST_REASON = 80;
