import {
  DeviceChangesDocument,
  NodeChangesDocument,
  PodChangesDocument,
} from '../../schema/generated/dashboard/graphql.ts';
import { loadNode, type NodeDetails } from '../data/fleet.ts';
import { useApp } from '../hooks/app-context.ts';
import { useChanges } from '../hooks/use-changes.ts';
import { useQuery } from '../hooks/use-query.ts';
import { MOST_FOLLOWED } from '../live/follow-changes.ts';
import { Badge } from '../parts/badge.tsx';
import { Counts } from '../parts/counts.tsx';
import { Events } from '../parts/events.tsx';
import { Facts } from '../parts/facts.tsx';
import { LinkBadge, NodeBadge } from '../parts/offline-badges.tsx';
import { Problem } from '../parts/problem.tsx';
import { Since } from '../parts/since.tsx';
import { formatLag, formatOutbox, formatRoundTrip, plural } from '../state/format.ts';
import { formatRoute, NO_FILTERS, WHOLE_FLEET } from '../state/route.ts';
import type { Shape, Tone } from '../state/sync.ts';

const REFRESH_MS = 3000;

/** One node: its link, what Kubernetes says of it, its pods and devices. */
export function NodePage({ name }: { name: string }) {
  const { ask } = useApp();
  const { data: node, error, reload } = useQuery((signal) => loadNode(ask, name, signal), [name], REFRESH_MS);
  const followsDevices = node != null && node.allDevices.totalCount <= MOST_FOLLOWED;
  useChanges(NodeChangesDocument, { where: { name: { eq: name } } }, reload);
  useChanges(PodChangesDocument, { where: { nodeName: { eq: name } } }, reload);
  useChanges(
    DeviceChangesDocument,
    followsDevices ? { where: { nodeName: { eq: name } } } : undefined,
    reload,
  );
  return (
    <main id="main">
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={formatRoute({ page: 'fleet', ...WHOLE_FLEET })}>Fleet</a>
      </nav>
      <div class="title-line">
        <h1>{name}</h1>
        {node && (
          <p class="badges">
            <NodeBadge node={node} />
            <LinkBadge link={node.edgeNode?.link} />
          </p>
        )}
      </div>
      <Problem error={error} />
      {node === null && <p class="empty">There is no node {name}.</p>}
      {node && <NodeBody node={node} />}
    </main>
  );
}

function NodeBody({ node }: { node: NodeDetails }) {
  const { name, edgeNode, conditions, addresses, labels, roles, createdAt, podList, allDevices } = node;
  return (
    <div class="panels">
      {edgeNode?.store?.isRefused && (
        <p class="problem-box wide" role="alert">
          Its disk refuses what is put on it: values wait in memory, and a restart loses them.
        </p>
      )}
      {edgeNode?.store?.isHistoryStopped && (
        <p class="problem-box wide" role="alert">
          Its disk is nearly full: no history is written.
        </p>
      )}
      <section class="panel">
        <h2>Node</h2>
        <Facts
          facts={[
            [
              'Devices',
              <a href={formatRoute({ page: 'devices', ...NO_FILTERS, node: name })}>
                {plural(allDevices.totalCount, 'device')}
              </a>,
            ],
            ['Octograph', edgeNode?.version],
            ['Roles', roles.join(', ')],
            ['Created', createdAt && <Since at={createdAt} as="ago" />],
            ...addresses.map(({ type, address }): [string, string] => [type, address]),
          ]}
        />
        <ul class="labels" aria-label="Labels">
          {labels.map(({ key, value }) => (
            <li key={key}>{value ? `${key}=${value}` : key}</li>
          ))}
        </ul>
      </section>
      <section class="panel">
        <h2>Cloud link</h2>
        {edgeNode ? (
          <Facts
            facts={[
              ['State', <LinkBadge link={edgeNode.link} />],
              ['Last word', edgeNode.link.lastSyncAt && <Since at={edgeNode.link.lastSyncAt} as="ago" />],
              ['Reports behind', formatLag(edgeNode.link.lagMs)],
              ['Outbox', formatOutbox(edgeNode.outbox)],
              ['Given up', edgeNode.outbox?.dropped ? plural(edgeNode.outbox.dropped, 'report') : undefined],
              ['There and back', formatRoundTrip(edgeNode.link.rttMs)],
              ['Came up again', edgeNode.link.reconnects != null && plural(edgeNode.link.reconnects, 'time')],
              ['Last error', edgeNode.link.lastError],
            ]}
          />
        ) : (
          <p class="hint">No edge node of ours ever spoke there.</p>
        )}
        <h2>Mappers</h2>
        <Mappers mappers={edgeNode?.mappers} />
      </section>
      <section class="panel">
        <h2>Conditions</h2>
        <Facts
          facts={conditions.map(({ type, status, reason, message, lastTransitionAt }) => [
            type,
            <>
              {status} <Since at={lastTransitionAt} as="for" /> <small>{message ?? reason}</small>
            </>,
          ])}
        />
      </section>
      <section class="panel wide">
        <h2>Pods</h2>
        {podList.totalCount > podList.edges.length && (
          <p class="hint">
            The first {podList.edges.length} of {podList.totalCount}.
          </p>
        )}
        {podList.totalCount === 0 && <p class="hint">No pods are bound to this node.</p>}
        <ul class="pods">
          {podList.edges.map(({ node: pod }) => {
            const [shape, tone] = POD_LOOKS[pod.phase ?? ''] ?? ['warn', 'warn'];
            return (
              <li key={`${pod.namespace}/${pod.name}`}>
                <strong>{pod.name}</strong> <small>{pod.namespace}</small>
                <Badge shape={shape} tone={tone} title={pod.message ?? undefined}>
                  {pod.phase} {pod.startedAt && <Since at={pod.startedAt} as="for" />}
                </Badge>
                {pod.reason && <small>{pod.reason}</small>}
                <span class="containers">
                  {pod.containers.map((container) => (
                    <small key={container.name} title={container.image ?? undefined}>
                      {container.name}: {container.state ?? 'not started'}
                      {container.restartCount > 0 && `, ${plural(container.restartCount, 'restart')}`}
                    </small>
                  ))}
                </span>
              </li>
            );
          })}
        </ul>
      </section>
      <Events events={node.events} />
    </div>
  );
}

/** Which protocols the node speaks, and how many of their devices answer. */
function Mappers({ mappers }: { mappers: NonNullable<NodeDetails['edgeNode']>['mappers'] | undefined }) {
  if (!mappers) return <p class="hint">Only the node itself knows them, and it cannot be asked now.</p>;
  return (
    <Facts
      facts={mappers.map(({ protocol, isLoaded, devices, online }) => [
        protocol || 'no protocol',
        <>
          <Counts
            total={devices}
            parts={[
              ['online', online, 'check', 'good'],
              ['not online', devices - online, 'warn', 'warn'],
            ]}
          />
          {!isLoaded && <small> no mapper of this node speaks it</small>}
        </>,
      ])}
    />
  );
}

const POD_LOOKS: Record<string, [Shape, Tone]> = {
  Running: ['check', 'good'],
  Succeeded: ['check', 'quiet'],
  Pending: ['waiting', 'info'],
  Failed: ['cross', 'bad'],
};
