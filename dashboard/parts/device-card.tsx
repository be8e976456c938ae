import type { DeviceFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import { useApp } from '../hooks/app-context.ts';
import { useIsLost } from '../hooks/use-is-lost.ts';
import { useFacts, useProperties } from '../hooks/use-live.ts';
import type { DeviceFacts } from '../live/live-devices.ts';
import { formatRoute } from '../state/route.ts';
import { Mark } from './mark.tsx';
import { DeviceBadge, LinkBadge } from './offline-badges.tsx';
import { TwinRow } from './twin-row.tsx';

/** Properties that a card has room for. */
export const CARD_ROWS = 5;

/** Least width, CSS px. */
export const CARD_WIDTH = 300;

/** CSS px, as the style sheet has them: borders and header, a row, the line that counts the rest. */
const FRAME_HEIGHT = 62;
const ROW_HEIGHT = 26;
const MORE_HEIGHT = 24;

/** Of a device with so many properties, CSS px. */
export const cardHeight = (properties: number): number =>
  FRAME_HEIGHT + Math.min(properties, CARD_ROWS) * ROW_HEIGHT + (properties > CARD_ROWS ? MORE_HEIGHT : 0);

/** Quiet while all is well: a check mark. Otherwise the badge of what is wrong, the wider one first. */
function CardState({ facts }: { facts: DeviceFacts }) {
  const { place } = useApp();
  const isLost = useIsLost();
  if (facts.link?.state === 'DOWN' && place.kind === 'CLOUD') return <LinkBadge link={facts.link} isShort />;
  if (facts.state !== 'online' || isLost) return <DeviceBadge {...facts} />;
  return <Mark shape="check" tone="good" label="online" />;
}

/** A device among others: who it is, how it is, and its first properties, live. */
export function DeviceCard({ device }: { device: DeviceFieldsFragment }) {
  const facts: DeviceFacts = useFacts(device) ?? device;
  const properties = useProperties(device);
  const hidden = properties.length - CARD_ROWS;
  const { namespace, name, nodeName, model } = device;
  return (
    <article class="card device-card" data-device={name}>
      <header>
        <h2>
          <a href={formatRoute({ page: 'device', namespace, name })}>{name}</a>
        </h2>
        <CardState facts={facts} />
        <span class="where">
          {namespace !== 'default' && `${namespace} · `}
          {model?.name ?? 'no model'} · {nodeName ?? 'no node'}
        </span>
      </header>
      {properties.slice(0, CARD_ROWS).map((property) => (
        <TwinRow key={property} device={device} property={property} />
      ))}
      {hidden > 0 && <footer>and {hidden} more</footer>}
    </article>
  );
}
