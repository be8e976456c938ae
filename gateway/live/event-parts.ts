import type { ExecutionResult } from 'graphql';

/** What a stream of results is made of: a subscriber's own events, and what each of them becomes. */
export interface EventParts {
  /** Ending them ends the stream. */
  readonly events: AsyncIterator<object>;
  /**
   * Executes the operation for one event.
   * @param context of this execution alone; it may be that of any subscriber of the same authorization scope
   */
  resultOf(event: object, context: unknown): ExecutionResult | Promise<ExecutionResult>;
}

const partsByStream = new WeakMap<object, EventParts>();

/**
 * Lets a consumer take a stream of results apart: pull the events itself and execute each that subscribers share once.
 * It lets go of the stream then. Who does not know of the parts iterates the stream as it is.
 */
export function withParts<S extends AsyncIterable<ExecutionResult>>(stream: S, parts: EventParts): S {
  partsByStream.set(stream, parts);
  return stream;
}

export const partsOf = (stream: object): EventParts | undefined => partsByStream.get(stream);
