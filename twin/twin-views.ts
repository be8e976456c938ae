import type { TwinView } from './view.ts';

const CHUNK = 32;

/**
 * The twins of one device in the order of its model. Immutable: one that differs in a twin shares the others with the one before, so
 * that many versions of a device with thousands of properties cost some hundred bytes each.
 */
export class TwinViews implements Iterable<TwinView> {
  readonly #places: ReadonlyMap<string, number>;
  readonly #chunks: ReadonlyArray<readonly TwinView[]>;

  private constructor(places: ReadonlyMap<string, number>, chunks: ReadonlyArray<readonly TwinView[]>) {
    this.#places = places;
    this.#chunks = chunks;
  }

  static from(views: Iterable<TwinView>): TwinViews {
    const places = new Map<string, number>();
    const chunks: TwinView[][] = [];
    for (const view of views) {
      if (places.size % CHUNK === 0) chunks.push([]);
      chunks.at(-1)?.push(view);
      places.set(view.model.name, places.size);
    }
    return new TwinViews(places, chunks);
  }

  get(property: string): TwinView | undefined {
    const place = this.#places.get(property);
    return place === undefined ? undefined : this.#chunks[Math.floor(place / CHUNK)]?.[place % CHUNK];
  }

  /** With another twin of a property that it has; itself where it has not. */
  with(view: TwinView): TwinViews {
    const place = this.#places.get(view.model.name);
    if (place === undefined) return this;
    const at = Math.floor(place / CHUNK);
    const chunk = this.#chunks[at] ?? [];
    return new TwinViews(this.#places, this.#chunks.with(at, chunk.with(place % CHUNK, view)));
  }

  names(): Iterable<string> {
    return this.#places.keys();
  }

  *[Symbol.iterator](): Iterator<TwinView> {
    for (const chunk of this.#chunks) yield* chunk;
  }
}
