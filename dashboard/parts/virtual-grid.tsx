import { type ComponentChild, Fragment } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { rowAt, rowOffsets } from '../state/rows.ts';

export interface VirtualGridProps<Item> {
  items: readonly Item[];
  keyOf(item: Item): string;
  draw(item: Item): ComponentChild;
  /** CSS px, known before it is drawn. A row is as high as its highest item. */
  heightOf(item: Item): number;
  /** Least width of a cell, CSS px. */
  cellWidth: number;
  /** The range of items that is in the page's document. */
  onRange?(first: number, end: number): void;
  label: string;
}

/** Rows drawn beyond the view on each side, so that scrolling does not show holes. */
const OVERSCAN_ROWS = 1;

/** Between cells, CSS px; `--gap` of the style sheet is the same. */
const GAP = 12;

/** What of the grid's frame is in view, CSS px from its top. */
interface View {
  columns: number;
  top: number;
  bottom: number;
}

/** Scrolling by less than this draws nothing anew, CSS px. */
const SCROLL_STEP = 50;

/** A grid that holds only the rows in view in the document, however many items there are. It scrolls with the page. */
export function VirtualGrid<Item>(props: VirtualGridProps<Item>) {
  const { items, keyOf, draw, heightOf, cellWidth, onRange, label } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>({ columns: 1, top: 0, bottom: 0 });
  const offsets = useMemo(
    () => rowOffsets(items, view.columns, heightOf, GAP),
    [items, view.columns, heightOf],
  );

  useLayoutEffect(() => {
    const measure = () => {
      const box = frame.current?.getBoundingClientRect();
      if (!box) return;
      const columns = Math.max(1, Math.floor((box.width + GAP) / (cellWidth + GAP)));
      const top = Math.floor(-box.top / SCROLL_STEP) * SCROLL_STEP;
      const bottom = top + innerHeight + SCROLL_STEP;
      setView((last) =>
        last.columns === columns && last.top === top && last.bottom === bottom
          ? last
          : { columns, top, bottom },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    addEventListener('scroll', measure, { passive: true });
    addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      removeEventListener('scroll', measure);
      removeEventListener('resize', measure);
    };
  }, [cellWidth]);

  const firstRow = Math.max(0, rowAt(offsets, view.top) - OVERSCAN_ROWS);
  const endRow = Math.min(offsets.length - 1, rowAt(offsets, view.bottom) + 1 + OVERSCAN_ROWS);
  const first = firstRow * view.columns;
  const end = Math.min(endRow * view.columns, items.length);
  useEffect(() => onRange?.(first, end), [onRange, first, end]);

  const heights = offsets.slice(firstRow, endRow).map((y, row) => offsets[firstRow + row + 1]! - y - GAP);
  return (
    <div ref={frame} class="virtual-frame" style={{ height: `${offsets.at(-1)}px` }}>
      <section
        class="virtual-grid"
        aria-label={label}
        style={{
          transform: `translateY(${offsets[firstRow]}px)`,
          gridTemplateColumns: `repeat(${view.columns}, minmax(0, 1fr))`,
          gridTemplateRows: heights.map((height) => `${height}px`).join(' '),
        }}
      >
        {items.slice(first, end).map((item) => (
          <Fragment key={keyOf(item)}>{draw(item)}</Fragment>
        ))}
      </section>
    </div>
  );
}
