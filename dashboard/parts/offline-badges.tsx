import type {
  LinkFieldsFragment,
  NodeStateFieldsFragment,
} from '../../schema/generated/dashboard/graphql.ts';
import { useApp } from '../hooks/app-context.ts';
import { useIsLost } from '../hooks/use-is-lost.ts';
import { useCell } from '../hooks/use-watch.ts';
import type { Shape, Tone } from '../state/sync.ts';
import { Badge, type BadgeProps } from './badge.tsx';
import { Since } from './since.tsx';

const DEVICE_LOOKS: Record<string, [shape: Shape, tone: Tone]> = {
  online: ['check', 'good'],
  offline: ['down', 'bad'],
  disconnected: ['down', 'bad'],
  unhealthy: ['warn', 'warn'],
};

export interface DeviceState {
  state: string;
  stateReason?: string | null;
  lastOnlineAt?: string | null;
  link?: LinkFieldsFragment | null;
}

/** What was, and may be otherwise by now. */
function Was({ title, children }: Pick<BadgeProps, 'title' | 'children'>) {
  return (
    <Badge shape="none" tone="quiet" title={title}>
      {children}
    </Badge>
  );
}

const BEFORE_LOST = 'As last heard, before this server went silent.';

/** First of the three: does the device answer its node? Behind a link that is down nobody knows: it did, or did not. */
export function DeviceBadge({ state, stateReason, lastOnlineAt, link }: DeviceState) {
  const { place } = useApp();
  const isLost = useIsLost();
  if (isLost) return <Was title={BEFORE_LOST}>device was {state}</Was>;
  if (link?.state === 'DOWN' && place.kind === 'CLOUD')
    return <Was title="As last heard, before its node was cut off.">device was {state}</Was>;
  const [shape, tone] = DEVICE_LOOKS[state] ?? ['none', 'quiet'];
  const isAway = state !== 'online' && lastOnlineAt;
  return (
    <Badge shape={shape} tone={tone} title={stateReason ?? undefined}>
      device {state} {isAway && <Since at={lastOnlineAt} as="for" />}
    </Badge>
  );
}

/** Second: is the node alive? At the node's own page that is the road from the page to it. */
export function NodeBadge({
  name,
  node,
}: {
  /** Where the page is not about the node itself. */
  name?: string;
  node: Pick<NodeStateFieldsFragment, 'ready' | 'conditions'> | null | undefined;
}) {
  const { connection, place } = useApp();
  const road = useCell(connection.road);
  if (place.kind === 'EDGE') {
    return road.state === 'up' ? (
      <Badge shape="check" tone="good">
        node {name ?? place.nodeName} here
      </Badge>
    ) : (
      <Badge shape="down" tone="bad">
        node {name ?? place.nodeName} silent <Since at={road.since} as="for" />
      </Badge>
    );
  }
  const ready = node?.ready;
  const condition = node?.conditions.find(({ type }) => type === 'Ready');
  if (road.state === 'down')
    return (
      <Was title={BEFORE_LOST}>
        node {name && `${name} `}
        was {wordOf(ready)}
      </Was>
    );
  const [shape, tone]: [Shape, Tone] =
    ready === true ? ['check', 'good'] : ready === false ? ['down', 'bad'] : ['none', 'quiet'];
  return (
    <Badge shape={shape} tone={tone} title={condition?.message ?? undefined}>
      node {name && `${name} `}
      {wordOf(ready)} {!ready && <Since at={condition?.lastTransitionAt} as="for" />}
    </Badge>
  );
}

const wordOf = (ready: boolean | null | undefined) =>
  ready === true ? 'ready' : ready === false ? 'not ready' : 'unknown';

/** Third: do node and cloud hear each other? */
export function LinkBadge({
  link,
  isShort,
}: {
  link: LinkFieldsFragment | null | undefined;
  /** In a place where there is little room. */
  isShort?: boolean;
}) {
  const isLost = useIsLost();
  if (!link) return <Was title="No edge node of ours ever spoke there.">no cloud link</Was>;
  const isUp = link.state === 'UP';
  if (isLost)
    return (
      <Was title={BEFORE_LOST}>
        {!isShort && 'cloud '}link was {isUp ? 'up' : 'down'}
      </Was>
    );
  return (
    <Badge shape={isUp ? 'check' : 'down'} tone={isUp ? 'good' : 'warn'}>
      {!isShort && 'cloud '}link {isUp ? 'up' : 'down'} <Since at={link.since} as="for" />
    </Badge>
  );
}
