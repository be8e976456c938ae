/** Where each row of a grid begins, px from its top, and last where the grid ends. */
export function rowOffsets<Item>(
  items: readonly Item[],
  columns: number,
  heightOf: (item: Item) => number,
  gap: number,
): number[] {
  const offsets = [0];
  for (let start = 0; start < items.length; start += columns) {
    let height = 0;
    for (let index = start; index < Math.min(start + columns, items.length); index++)
      height = Math.max(height, heightOf(items[index]!));
    offsets.push(offsets.at(-1)! + height + gap);
  }
  return offsets;
}

/** The row that holds a place, px from the top; the first or the last for what is outside. */
export function rowAt(offsets: readonly number[], y: number): number {
  let low = 0;
  let high = Math.max(0, offsets.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (offsets[middle]! <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}
