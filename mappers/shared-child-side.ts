import { systemClock } from '../lib/clock.ts';

/** Asked now and then, and answered: a process whose loop hangs does not. */
export const PING = 'ping';
export const PONG = 'pong';

/** Milliseconds that a goodbye may take. */
const GOODBYE_MS = 1_500;

export interface ChildSide<To> {
  receive(message: To): void;
  /** The parent wants us no longer, or is no longer there: the process ends when this settles. */
  goodbye(): Promise<unknown>;
}

/** The other half of `SharedChild`: makes this process one. @returns what sends; `sent` is called when the message has left */
export function serveParent<To, From>({ receive, goodbye }: ChildSide<To>) {
  const send = (message: From | typeof PONG, sent: () => void = () => {}): void => {
    if (process.connected) process.send?.(message, undefined, undefined, sent);
  };
  process.on('message', (message: To | typeof PING) => {
    if (message === PING) send(PONG);
    else receive(message as To);
  });
  process.on('disconnect', () => {
    systemClock.setTimer(GOODBYE_MS, () => process.exit(0));
    void goodbye().finally(() => process.exit(0));
  });
  // A terminal's Ctrl-C and a supervisor's stop go to all processes; it is the parent that decides about our end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  return send;
}
