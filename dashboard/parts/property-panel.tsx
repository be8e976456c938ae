import { useStaleness, useTwin } from '../hooks/use-live.ts';
import type { DeviceRef } from '../live/keys.ts';
import { formatValue } from '../state/format.ts';
import { SYNC_LOOKS } from '../state/sync.ts';
import { Badge } from './badge.tsx';
import { ChangePath } from './change-path.tsx';
import { SetPoint } from './set-point.tsx';
import { Since } from './since.tsx';
import { Age, Reading, Sparkline } from './twin-row.tsx';

export interface PropertyPanelProps {
  device: DeviceRef;
  property: string;
  description?: string;
  onHistory(): void;
}

/** One property, both sides: what the device says, what is wanted of it, and the way between the two. */
export function PropertyPanel({ device, property, description, onHistory }: PropertyPanelProps) {
  const shown = useTwin(device, property);
  const staleness = useStaleness(shown);
  if (!shown) return null;
  const { twin, sparkline } = shown;
  const { desired, sync, accessMode } = twin;
  const look = SYNC_LOOKS[sync.state];
  // A stream is looked at elsewhere: nothing can be desired of it, or looked back on.
  const isStream = twin.type === 'STREAM';
  const isWritable = accessMode === 'READ_WRITE' && !isStream;
  return (
    <section
      class={`panel property ${staleness?.stale ? 'stale' : ''}`}
      data-property={property}
      aria-label={property}
    >
      <header>
        <h2>{property}</h2>
        <span class="spring" />
        {isWritable && (
          <Badge shape={look.shape} tone={look.tone} title={look.meaning}>
            {look.word}
          </Badge>
        )}
        {!isStream && (
          <button
            type="button"
            class="plain"
            data-history-of={property}
            onClick={onHistory}
            aria-label={`History of ${property}`}
          >
            History
          </button>
        )}
      </header>
      {description && <p class="hint">{description}</p>}
      <div class="sides">
        <div class="side reported">
          <span class="side-name">reported</span>
          <Reading twin={twin} />
          <Age shown={shown} />
          <Sparkline path={sparkline} />
        </div>
        {isWritable && (
          <div class="side desired">
            <span class="side-name">desired</span>
            <span class="reading">
              {formatValue(desired?.value, twin.type)}
              {desired && twin.unit && <small> {twin.unit}</small>}
            </span>
            {desired && (
              <small class="by">
                {desired.setBy ?? 'Kubernetes'} <Since at={desired.setAt} as="ago" />
              </small>
            )}
          </div>
        )}
      </div>
      {staleness?.stale && <p class="stale-why">{staleness.why}</p>}
      {isWritable && <ChangePath state={sync.state} reason={sync.reason} />}
      {isWritable && <SetPoint device={device} twin={twin} />}
    </section>
  );
}
