import { useMemo } from 'preact/hooks';
import { DeviceChangesDocument } from '../../schema/generated/dashboard/graphql.ts';
import { loadConflicts } from '../data/conflicts.ts';
import { type DeviceDetails, loadDevice } from '../data/devices.ts';
import { useApp } from '../hooks/app-context.ts';
import { useChanges } from '../hooks/use-changes.ts';
import { useLiveDevices, useProperties } from '../hooks/use-live.ts';
import { useQuery } from '../hooks/use-query.ts';
import { replaceRoute } from '../hooks/use-route.ts';
import { filterOf } from '../live/follow-twins.ts';
import type { DeviceRef } from '../live/keys.ts';
import { ConflictCard } from '../parts/conflict-card.tsx';
import { Events } from '../parts/events.tsx';
import { Facts } from '../parts/facts.tsx';
import { HistoryPanel } from '../parts/history-panel.tsx';
import { Mark } from '../parts/mark.tsx';
import { Methods } from '../parts/methods.tsx';
import { DeviceBadge, LinkBadge, NodeBadge } from '../parts/offline-badges.tsx';
import { Problem } from '../parts/problem.tsx';
import { PropertyPanel } from '../parts/property-panel.tsx';
import { Since } from '../parts/since.tsx';
import { formatRoute, NO_FILTERS } from '../state/route.ts';

const REFRESH_MS = 3000;
const CONFLICTS_MS = 10_000;

/** One device: its three badges, every property with both sides of its twin, and what can be done to it. */
export function DevicePage({ namespace, name, property: chosen }: DeviceRef & { property?: string }) {
  const { ask, board } = useApp();
  const device = useMemo(() => ({ namespace, name }), [namespace, name]);
  const {
    data: details,
    error,
    reload,
  } = useQuery((signal) => loadDevice(ask, device, signal), [device], REFRESH_MS);
  useChanges(DeviceChangesDocument, { where: filterOf([device]) }, reload);
  useLiveDevices(useMemo(() => [[device]], [device]));
  const properties = useProperties(device);
  // Its type and unit are all that is needed of it: they do not change with its values.
  const chosenTwin = chosen && properties.includes(chosen) ? board.twin(device, chosen)?.twin : undefined;
  const choose = (property: string | undefined) =>
    replaceRoute({ page: 'device', namespace, name, property });
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={formatRoute({ page: 'devices', ...NO_FILTERS })}>Devices</a>
      </nav>
      <div class="title-line">
        <h1>{name}</h1>
        {details && (
          <p class="badges">
            <DeviceBadge {...details} link={details.node?.edgeNode?.link} />
            {details.nodeName && <NodeBadge name={details.nodeName} node={details.node} />}
            <LinkBadge link={details.node?.edgeNode?.link} />
          </p>
        )}
      </div>
      <Problem error={error} />
      {details === null && <p class="empty">There is no device {name} here.</p>}
      {details?.stateReason && details.state !== 'online' && <p class="problem-box">{details.stateReason}</p>}
      {details?.problems.map(({ reason, message }) => (
        <p key={reason} class="problem-box">
          <Mark shape="warn" tone="bad" />
          {message}
        </p>
      ))}
      {details && !details.nodeName && <p class="hint">It is not bound to a node yet: nobody reads it.</p>}
      {chosenTwin && (
        <HistoryPanel
          key={chosen}
          device={device}
          twin={chosenTwin}
          onClose={() => {
            choose(undefined);
            // Back to where its reader was.
            document
              .querySelector<HTMLElement>(`[data-history-of="${CSS.escape(chosenTwin.property)}"]`)
              ?.focus();
          }}
        />
      )}
      {details?.nodeName && <OpenConflicts device={device} />}
      <div class="properties">
        {properties.map((property) => (
          <PropertyPanel
            key={property}
            device={device}
            property={property}
            description={descriptionOf(details, property)}
            onHistory={() => choose(property)}
          />
        ))}
      </div>
      {details && <Methods device={device} methods={details.methods} />}
      {details && <About details={details} />}
      {details && <Events events={details.events} />}
    </main>
  );
}

/** Conflicts of this device that nobody has seen to. */
function OpenConflicts({ device }: { device: DeviceRef }) {
  const { ask } = useApp();
  const { data, reload } = useQuery(
    (signal) => loadConflicts(ask, { device, open: true }, signal),
    [device],
    CONFLICTS_MS,
  );
  return (
    <>
      {data?.conflicts.map((conflict) => (
        <ConflictCard key={conflict.id} conflict={conflict} onSettled={reload} />
      ))}
    </>
  );
}

function About({ details }: { details: DeviceDetails }) {
  const { place } = useApp();
  const { namespace, nodeName, protocol, model, labels, createdAt, lastOnlineAt } = details;
  const node =
    nodeName && place.kind === 'CLOUD' ? (
      <a href={formatRoute({ page: 'node', name: nodeName })}>{nodeName}</a>
    ) : (
      nodeName
    );
  return (
    <section class="panel about">
      <h2>Device</h2>
      <Facts
        facts={[
          ['Namespace', namespace],
          ['Model', model?.name],
          ['Protocol', protocol],
          ['Node', node],
          ['Last online', lastOnlineAt && <Since at={lastOnlineAt} as="ago" />],
          ['Created', createdAt && <Since at={createdAt} as="ago" />],
        ]}
      />
      <ul class="labels" aria-label="Labels">
        {labels.map(({ key, value }) => (
          <li key={key}>{value ? `${key}=${value}` : key}</li>
        ))}
      </ul>
    </section>
  );
}

const descriptionOf = (details: DeviceDetails | null | undefined, property: string) =>
  details?.model?.properties.find(({ name }) => name === property)?.description ?? undefined;
