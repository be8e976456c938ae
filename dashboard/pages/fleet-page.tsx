import { useState } from 'preact/hooks';
import { NodeChangesDocument, type NodeFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import { loadFleet, otherDevices, PAGE_SIZE, whereOf } from '../data/fleet.ts';
import { useApp } from '../hooks/app-context.ts';
import { useChanges } from '../hooks/use-changes.ts';
import { useQuery } from '../hooks/use-query.ts';
import { replaceRoute } from '../hooks/use-route.ts';
import { MOST_FOLLOWED } from '../live/follow-changes.ts';
import { Counts } from '../parts/counts.tsx';
import { Choice, SearchField } from '../parts/fields.tsx';
import { LinkBadge, NodeBadge } from '../parts/offline-badges.tsx';
import { Problem } from '../parts/problem.tsx';
import { Since } from '../parts/since.tsx';
import { formatLag, formatOutbox, plural } from '../state/format.ts';
import { type FleetFilters, formatRoute, NO_FILTERS, WHOLE_FLEET } from '../state/route.ts';

const REFRESH_MS = 5000;

/** All nodes: who is there, who is cut off and since when, and how their devices and pods are. */
export function FleetPage({ filters }: { filters: FleetFilters }) {
  const { ask } = useApp();
  const [count, setCount] = useState(PAGE_SIZE);
  const { search, ready, labels } = filters;
  const fleet = useQuery(
    (signal) => loadFleet(ask, filters, count, signal),
    [search, ready, labels, count],
    REFRESH_MS,
  );
  const change = (part: Partial<FleetFilters>) => replaceRoute({ page: 'fleet', ...filters, ...part });
  const { nodes = [], totalCount } = fleet.data ?? {};
  // Nodes that enter, leave, or are ready no more; links and outboxes are no part of a Node, and asked for.
  const isFollowed = totalCount !== undefined && totalCount <= MOST_FOLLOWED;
  useChanges(
    NodeChangesDocument,
    isFollowed ? { where: whereOf(filters), labelSelector: labels || undefined } : undefined,
    fleet.reload,
  );
  const isFiltered = Object.values(filters).some((value) => value !== '');
  return (
    <main id="main">
      <div class="title-line">
        <h1>Fleet</h1>
        <p class="count" role="status">
          {totalCount === undefined ? !fleet.error && 'Loading' : plural(totalCount, 'node')}
          {isFiltered && totalCount !== undefined && (totalCount === 1 ? ' matches' : ' match')}
        </p>
      </div>
      <search class="filters">
        <SearchField label="Name" value={search} onChange={(search) => change({ search })} isMain />
        <Choice
          label="Ready"
          value={ready}
          options={['yes', 'no']}
          onChange={(ready) => change({ ready: ready as FleetFilters['ready'] })}
        />
        <SearchField
          label="Labels"
          value={labels}
          placeholder="site=a,tier!=test"
          onChange={(labels) => change({ labels })}
        />
        {isFiltered && (
          <button type="button" class="plain" onClick={() => change(WHOLE_FLEET)}>
            Clear
          </button>
        )}
      </search>
      <Problem error={fleet.error} />
      {totalCount === 0 && (
        <p class="empty">
          {isFiltered
            ? 'No node matches these filters.'
            : 'There are no nodes here yet: octograph edge join brings one.'}
        </p>
      )}
      <table class="fleet" hidden={nodes.length === 0}>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">State</th>
            <th scope="col">Cloud link</th>
            <th scope="col">Last word</th>
            <th scope="col">Lag</th>
            <th scope="col">Outbox</th>
            <th scope="col">Devices</th>
            <th scope="col">Pods</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <NodeRow key={node.name} node={node} />
          ))}
        </tbody>
      </table>
      {totalCount !== undefined && nodes.length < totalCount && (
        <button type="button" onClick={() => setCount(nodes.length + PAGE_SIZE)}>
          Show more: {nodes.length} of {totalCount}
        </button>
      )}
    </main>
  );
}

function NodeRow({ node }: { node: NodeFieldsFragment }) {
  const { name, edgeNode, online, offline, allDevices, running, pending, allPods } = node;
  const link = edgeNode?.link;
  return (
    <tr data-node={name}>
      <th scope="row">
        <a href={formatRoute({ page: 'node', name })}>{name}</a>
        {edgeNode?.version && <small> {edgeNode.version}</small>}
      </th>
      <td data-label="State">
        <NodeBadge node={node} />
      </td>
      <td data-label="Cloud link">
        <LinkBadge link={link} />
      </td>
      <td data-label="Last word">{link?.lastSyncAt ? <Since at={link.lastSyncAt} as="ago" /> : '–'}</td>
      <td data-label="Lag">{formatLag(link?.lagMs)}</td>
      <td data-label="Outbox">{formatOutbox(edgeNode?.outbox)}</td>
      <td data-label="Devices">
        <a href={formatRoute({ page: 'devices', ...NO_FILTERS, node: name })}>
          <Counts
            total={allDevices.totalCount}
            parts={
              // Behind a link that is down they are what they were when it went.
              link?.state === 'DOWN'
                ? [
                    ['were online', online.totalCount, 'none', 'quiet'],
                    ['were not', allDevices.totalCount - online.totalCount, 'none', 'quiet'],
                  ]
                : [
                    ['online', online.totalCount, 'check', 'good'],
                    ['offline', offline.totalCount, 'down', 'bad'],
                    ['other', otherDevices(node), 'warn', 'warn'],
                  ]
            }
          />
        </a>
      </td>
      <td data-label="Pods">
        <Counts
          total={allPods.totalCount}
          parts={[
            ['running', running.totalCount, 'check', 'good'],
            ['pending', pending.totalCount, 'waiting', 'info'],
            ['other', allPods.totalCount - running.totalCount - pending.totalCount, 'warn', 'warn'],
          ]}
        />
      </td>
    </tr>
  );
}
