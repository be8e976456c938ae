import { type Clock, every } from '../../lib/clock.ts';
import { nextOf } from '../live/pollable.ts';
import type { OperationStream } from './operation-stream.ts';

const ping = Buffer.from(':\n\n');
const nextHead = Buffer.from('event: next\ndata: ');
const end = Buffer.from('\n\n');
const complete = Buffer.from('event: complete\ndata:\n\n');

export interface SseOptions {
  clock: Clock;
  pingMs: number;
}

/**
 * A subscription as server-sent events (graphql-sse, distinct connections mode), from the same payloads that WebSockets
 * write. Pulled at the pace at which the client reads.
 */
export function sseBody(stream: OperationStream, { clock, pingMs }: SseOptions): ReadableStream<Uint8Array> {
  let stopPing = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // Some browsers show a stream as open only once something has come.
      controller.enqueue(ping);
      stopPing = every(clock, pingMs, () => {
        if (controller.desiredSize !== null && controller.desiredSize > 0) controller.enqueue(ping);
      });
    },
    async pull(controller) {
      const { done, value } = await nextOf(stream);
      if (!done) {
        controller.enqueue(Buffer.concat([nextHead, value.json, end]));
        return;
      }
      stopPing();
      controller.enqueue(complete);
      controller.close();
    },
    async cancel() {
      stopPing();
      await stream.return();
    },
  });
}
