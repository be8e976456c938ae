import type { ExecutionResult } from 'graphql';
import { codeOf } from '../lib/errors.ts';

interface MissingNode {
  node: string;
  reason: string;
  /** RFC 3339; null for a node that never connected. */
  lastSeenAt: string | null;
}

/** Which nodes an operation needed an answer of, and which gave one: `extensions.completeness`. */
export class Completeness {
  readonly #lastSeenAt: (node: string) => number | undefined;
  readonly #asked = new Set<string>();
  readonly #missing = new Map<string, MissingNode>();

  constructor(lastSeenAt: (node: string) => number | undefined) {
    this.#lastSeenAt = lastSeenAt;
  }

  asked(node: string): void {
    this.#asked.add(node);
  }

  missed(node: string, error: unknown): void {
    const seen = this.#lastSeenAt(node);
    const lastSeenAt = seen === undefined ? null : new Date(seen).toISOString();
    this.#missing.set(node, { node, reason: codeOf(error) ?? 'INTERNAL_SERVER_ERROR', lastSeenAt });
  }

  /** The result with what there is to say; the same one where no node was needed. */
  addTo(result: ExecutionResult): ExecutionResult {
    if (this.#asked.size === 0) return result;
    const missing = [...this.#missing.values()];
    const completeness = { asked: this.#asked.size, answered: this.#asked.size - missing.length, missing };
    return { ...result, extensions: { ...result.extensions, completeness } };
  }
}
