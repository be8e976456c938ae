import { useEffect, useRef, useState } from 'preact/hooks';
import type { TwinFieldsFragment, ValueType } from '../../schema/generated/dashboard/graphql.ts';
import type { HistoryChart } from '../chart/history-chart.ts';
import { loadHistory } from '../data/history.ts';
import { useApp } from '../hooks/app-context.ts';
import { useQuery } from '../hooks/use-query.ts';
import type { DeviceRef } from '../live/keys.ts';
import { type ChartData, extentOf } from '../state/chart-data.ts';
import { formatInstant, formatValue } from '../state/format.ts';
import { DEFAULT_SPAN_MS, lastOf, NARROWEST_MS, SPANS, type TimeRange } from '../state/time-range.ts';
import { Problem } from './problem.tsx';

const FOLLOW_MS = 3000;

export interface HistoryPanelProps {
  device: DeviceRef;
  twin: Pick<TwinFieldsFragment, 'property' | 'type' | 'unit'>;
  onClose(): void;
}

/** What one property was: the last stretch of time, going on, or a part of it that was marked. */
export function HistoryPanel({ device, twin: { property, type, unit }, onClose }: HistoryPanelProps) {
  const { ask, seconds } = useApp();
  const [spanMs, setSpan] = useState(DEFAULT_SPAN_MS);
  const [zoom, setZoom] = useState<TimeRange>();
  const { data, error } = useQuery(
    async (signal) => {
      const range = zoom ?? lastOf(spanMs, seconds.now());
      return { range, chart: await loadHistory(ask, device, property, range, signal) };
    },
    [device, property, spanMs, zoom],
    zoom ? 600_000 : FOLLOW_MS,
  );
  const panel = useRef<HTMLElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<HistoryChart>(undefined);
  const scheme = useScheme();
  const [isLoaded, setLoaded] = useState(false);

  useEffect(() => {
    let isOver = false;
    setLoaded(false);
    // Not part of the page's first load: who looks at no history needs no charts.
    void import('../chart/history-chart.ts').then(({ createHistoryChart }) => {
      if (isOver || !frame.current) return;
      chart.current = createHistoryChart({
        element: frame.current,
        unit: unit ?? '',
        isStepped: type === 'BOOLEAN' || type === 'INT',
        now: seconds.now,
        onZoom: ({ from, to }) => to - from >= NARROWEST_MS && setZoom({ from, to }),
      });
      setLoaded(true);
    });
    return () => {
      isOver = true;
      chart.current?.close();
      chart.current = undefined;
    };
  }, [property, type, unit, scheme, seconds]);

  useEffect(() => {
    if (isLoaded && data?.chart) chart.current?.show(data.chart, data.range);
  }, [isLoaded, data]);

  // It opens above the properties, which may be far above the button that was pressed.
  useEffect(() => panel.current?.focus(), []);

  const isText = data?.chart?.isDrawable === false;
  const summary = data?.chart && !isText ? summaryOf(data.chart, type, unit) : '';
  return (
    <section
      ref={panel}
      tabIndex={-1}
      class="panel history"
      aria-label={`History of ${property}`}
      data-history={property}
    >
      <header>
        <h2>History of {property}</h2>
        <span class="spans">
          {SPANS.map(([name, ms]) => (
            <button
              type="button"
              key={name}
              class="plain"
              aria-pressed={!zoom && ms === spanMs}
              onClick={() => {
                setZoom(undefined);
                setSpan(ms);
              }}
            >
              {name}
            </button>
          ))}
          <button type="button" class="plain" onClick={onClose}>
            Close
          </button>
        </span>
      </header>
      <Problem error={error} />
      {data && !data.chart && (
        <p class="hint">
          Its node keeps the history, and cannot be reached now. It goes on recording meanwhile.
        </p>
      )}
      {isText && <p class="hint">Text has no line to draw: the chart is for numbers, and for on and off.</p>}
      <div
        ref={frame}
        class="chart"
        role="img"
        aria-label={`${property}: ${summary}`}
        hidden={isText || (data && !data.chart)}
      />
      <p class="hint" hidden={isText}>
        {summary && `${summary}. `}
        {zoom
          ? [zoom.from, zoom.to].map((at) => formatInstant(at, seconds.now())).join(' to ')
          : 'Mark a part of it to look closer.'}
      </p>
    </section>
  );
}

/** What a reader would take from the chart at a glance, and one who does not see it from here. */
function summaryOf(chart: ChartData, type: ValueType, unit: string | null | undefined): string {
  const extent = extentOf(chart);
  if (!extent) return 'Nothing was recorded in this time';
  if (type === 'BOOLEAN')
    return extent[0] === extent[1] ? `Always ${extent[0] ? 'on' : 'off'}` : 'On and off';
  const [least, greatest] = extent.map((value) => formatValue(value));
  return `${least === greatest ? `Always ${least}` : `${least} to ${greatest}`}${unit ? ` ${unit}` : ''}`;
}

/** Changes when the system changes between dark and light. */
function useScheme(): boolean {
  const query = '(prefers-color-scheme: dark)';
  const [isDark, setDark] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const look = () => setDark(media.matches);
    media.addEventListener('change', look);
    return () => media.removeEventListener('change', look);
  }, []);
  return isDark;
}
