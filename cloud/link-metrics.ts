import type { Metrics } from '../lib/metrics.ts';
import type { LinkSource } from '../resolvers/context.ts';
import type { TunnelServer } from '../tunnel/server.ts';
import type { NodeAuthorizer } from './node-authorizer.ts';
import type { NodeLinks } from './node-links.ts';

/** What a monitoring system sees of the tunnels, by node. */
export function addLinkMetrics(
  metrics: Metrics,
  links: NodeLinks,
  authorizer: NodeAuthorizer,
  tunnel: Pick<TunnelServer, 'accepted' | 'shed'>,
): void {
  metrics.gauge(
    'octograph_nodes_connected',
    'Edge nodes with a live tunnel.',
    () => [...links.sessions()].length,
  );
  const perNode = (name: string, help: string, read: (link: LinkSource) => number | undefined) =>
    metrics.gauge(name, help, function* () {
      for (const { name: node, link } of links.edgeNodes()) {
        const value = read(link);
        if (value !== undefined) yield [node, value];
      }
    });
  perNode('octograph_link_up', 'Whether the tunnel of the node is up.', ({ state }) =>
    state === 'UP' ? 1 : 0,
  );
  perNode('octograph_link_rtt_ms', 'Round trip of the last ping.', ({ rttMs }) => rttMs);
  perNode('octograph_link_lag_ms', 'Age of the oldest report not acknowledged.', ({ lagMs }) => lagMs);
  perNode('octograph_link_bytes_in', 'Bytes of frames from the node.', ({ bytesIn }) => bytesIn);
  perNode('octograph_link_bytes_out', 'Bytes of frames to the node.', ({ bytesOut }) => bytesOut);
  perNode('octograph_link_reconnects', 'Times it came up again.', ({ reconnects }) => reconnects);
  metrics.gauge('octograph_node_refusals', 'Items of devices that the node does not hold.', () =>
    authorizer.refused(),
  );
  metrics.gauge('octograph_tunnel_accepted', 'Connections taken up.', () => tunnel.accepted);
  metrics.gauge('octograph_tunnel_shed', 'Connections turned away before TLS.', () => tunnel.shed);
}
