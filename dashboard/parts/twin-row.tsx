import type { TwinFieldsFragment } from '../../schema/generated/dashboard/graphql.ts';
import { useApp } from '../hooks/app-context.ts';
import { useStaleness, useTwin } from '../hooks/use-live.ts';
import { useWatch } from '../hooks/use-watch.ts';
import type { DeviceRef } from '../live/keys.ts';
import { type BoardTwin, SPARKLINE } from '../live/twin-board.ts';
import { formatAge, formatValue, shorten } from '../state/format.ts';
import { SYNC_LOOKS } from '../state/sync.ts';
import { Mark } from './mark.tsx';

/** One property, live: its sync state, name, last minute, value with unit, and age. */
export function TwinRow({ device, property }: { device: DeviceRef; property: string }) {
  const shown = useTwin(device, property);
  const staleness = useStaleness(shown);
  if (!shown) return <div class="twin-row" />;
  const { twin, sparkline } = shown;
  const look = SYNC_LOOKS[twin.sync.state];
  return (
    <div
      class={staleness?.stale ? 'twin-row stale' : 'twin-row'}
      title={staleness?.why}
      data-property={property}
    >
      {twin.sync.state === 'NONE' ? (
        <i class="mark" />
      ) : (
        <Mark shape={look.shape} tone={look.tone} label={look.word} />
      )}
      <span class="name">{property}</span>
      <Sparkline path={sparkline} />
      <Reading twin={twin} isShort />
      <Age shown={shown} />
    </div>
  );
}

/** Characters of a unit in one line with other things. A clip of the style sheet would cost the painter a layer per row. */
const LONGEST_UNIT = 10;

/** What the device last said, with its unit; raw text marked where it did not fit the model. */
export function Reading({
  twin: { reported, type, unit },
  isShort,
}: {
  twin: TwinFieldsFragment;
  /** In one line with other things. */
  isShort?: boolean;
}) {
  if (reported?.quality === 'BAD')
    return (
      <span class="reading bad" title={`does not fit the model: ${reported.raw ?? 'nothing'}`}>
        <Mark shape="warn" tone="bad" label="bad quality" />
        <span class="text">{reported.raw ?? '–'}</span>
      </span>
    );
  const value = reported?.value;
  const kind = value === true ? 'is-on' : typeof value === 'string' ? 'text' : '';
  return (
    <span class={`reading ${kind}`}>
      {formatValue(value, type)}
      {unit && <small> {isShort ? shorten(unit, LONGEST_UNIT) : unit}</small>}
    </span>
  );
}

export function Sparkline({ path }: { path: string }) {
  return (
    <svg
      class="sparkline"
      viewBox={`0 -1 ${SPARKLINE.width} ${SPARKLINE.height + 2}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}

/** Since the device was last read. It counts on by itself when nothing comes. */
export function Age({ shown }: { shown: BoardTwin }) {
  const { seconds } = useApp();
  const text = useWatch(seconds.monotonic.watch, () => {
    const { ageMs } = shown.heard.freshness;
    if (ageMs === null || ageMs === undefined) return '';
    return formatAge(ageMs + Math.max(0, seconds.monotonic.get() - shown.heard.at));
  }, [seconds, shown]);
  return <span class="age">{text}</span>;
}
