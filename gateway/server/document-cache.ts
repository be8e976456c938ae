import type { DocumentNode, GraphQLError } from 'graphql';

/** A parsed document with what validation said about it. The same object for the same text: plans hang on it. */
export interface CachedDocument {
  document: DocumentNode;
  /** Undefined until validated. */
  errors?: readonly GraphQLError[];
}

/** Documents by their text, least recently used first out. Bounded by the length of all texts together. */
export class DocumentCache {
  readonly #limit: number;
  #entries = new Map<string, CachedDocument>();
  #byDocument = new WeakMap<DocumentNode, CachedDocument>();
  #length = 0;

  /** @param limit UTF-16 code units of text held at most; the trees that hang on them are some thirty times as large. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(text: string): CachedDocument | undefined {
    const entry = this.#entries.get(text);
    if (entry) {
      this.#entries.delete(text);
      this.#entries.set(text, entry);
    }
    return entry;
  }

  add(text: string, document: DocumentNode): void {
    const entry = { document };
    this.#byDocument.set(document, entry);
    this.#entries.set(text, entry);
    this.#length += text.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#length <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#length -= oldest.length;
    }
  }

  /** The entry of a document that this cache handed out, even if its text has been pushed out since. */
  of(document: DocumentNode): CachedDocument | undefined {
    return this.#byDocument.get(document);
  }
}
