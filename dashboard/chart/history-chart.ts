import UPlot from 'uplot';
import type { ChartData } from '../state/chart-data.ts';
import { formatInstant, formatValue } from '../state/format.ts';
import type { TimeRange } from '../state/time-range.ts';
import { timeLabels } from './time-axis.ts';

export interface HistoryChart {
  show(data: ChartData, range: TimeRange): void;
  close(): void;
}

export interface HistoryChartOptions {
  element: HTMLElement;
  unit: string;
  /** Drawn as steps: on and off, and whole numbers that are names of modes. */
  isStepped: boolean;
  /** Wall clock, ms: an instant of today goes without its date. */
  now(): number;
  /** A person marked a part of the time. */
  onZoom(range: TimeRange): void;
}

const HEIGHT = 220;

/** A line of means in the band of their extremes, broken where nothing is known. Marking a part of it zooms. */
export function createHistoryChart(options: HistoryChartOptions): HistoryChart {
  const { element, unit, isStepped, now, onZoom } = options;
  const ink = colourOf(element, '--dim');
  const line = colourOf(element, '--line');
  const accent = colourOf(element, '--accent');
  const paths = isStepped ? UPlot.paths.stepped?.({ align: 1 }) : undefined;
  const axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font: '11px system-ui',
  };
  const edge = { stroke: 'transparent', width: 0, points: { show: false }, paths };
  const chart = new UPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: true, live: true },
      cursor: { drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: true } },
      axes: [
        { ...axis, space: 80, values: (_chart, splits, _axis, _space, step) => timeLabels(splits, step) },
        {
          ...axis,
          size: 56,
          label: unit || undefined,
          labelSize: unit ? 16 : 0,
          labelFont: '11px system-ui',
        },
      ],
      series: [
        {
          label: 'at',
          value: (_chart, seconds) => (seconds === null ? '–' : formatInstant(seconds * 1000, now())),
        },
        { ...edge, label: 'least', value: reading },
        { ...edge, label: 'greatest', value: reading },
        { label: 'mean', value: reading, stroke: accent, width: 1.5, points: { show: false }, paths },
      ],
      bands: [{ series: [2, 1], fill: `color-mix(in srgb, ${accent} 22%, transparent)` }],
      hooks: {
        setSelect: [
          (self) => {
            const { left, width } = self.select;
            if (width > 0)
              onZoom({ from: self.posToVal(left, 'x') * 1000, to: self.posToVal(left + width, 'x') * 1000 });
            self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          },
        ],
      },
    },
    [[], [], [], []],
    element,
  );
  const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
  observer.observe(element);
  return {
    show({ times, lows, highs, means }, { from, to }) {
      chart.batch(() => {
        chart.setData([times, lows, highs, means], false);
        chart.setScale('x', { min: from / 1000, max: to / 1000 });
      });
    },
    close() {
      observer.disconnect();
      chart.destroy();
    },
  };
}

const reading = (_chart: UPlot, value: number | null) => formatValue(value);

/** A custom property as a colour of the theme that holds now: canvas knows no custom properties. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
