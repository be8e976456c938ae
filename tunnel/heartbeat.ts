import { type Clock, every } from '../lib/clock.ts';
import type { Close } from '../lib/disposables.ts';

export interface HeartbeatOptions {
  clock: Clock;
  pingMs: number;
  /** One end pings regularly; the other, which hears those, only asks when they stay out. */
  pings: 'regularly' | 'when-silent';
  ping(): void;
  /** Nothing was heard for two pings. Called at most once. */
  dead(silentMs: number): void;
}

export interface Heartbeat {
  /** Anything that comes in proves that the peer lives. */
  heard(): void;
  close: Close;
}

const MAX_GRACE_MS = 500;

/** [W17] Pings, and tells when the peer has been silent for 2 pings and at most half a second more. */
export function startHeartbeat({ clock, pingMs, pings, ping, dead }: HeartbeatOptions): Heartbeat {
  const askAfterMs = 1.5 * pingMs;
  const deadAfterMs = 2 * pingMs;
  let heardAt = clock.monotonic();
  let cancel: Close = () => {};
  const silentMs = () => clock.monotonic() - heardAt;

  const waitUntilSilent = () => {
    cancel = clock.setTimer(Math.max(0, askAfterMs - silentMs()), () => {
      if (silentMs() < askAfterMs) {
        waitUntilSilent();
        return;
      }
      if (pings === 'when-silent') ping();
      waitForAnswer();
    });
  };
  const waitForAnswer = () => {
    cancel = clock.setTimer(Math.max(0, deadAfterMs - silentMs()), () => {
      if (silentMs() < deadAfterMs) {
        waitUntilSilent();
        return;
      }
      // After a stall of this process the timer runs before what lies in the socket is read: look once more.
      cancel = clock.setTimer(Math.min(MAX_GRACE_MS, pingMs / 2), () => {
        if (silentMs() < deadAfterMs) waitUntilSilent();
        else dead(silentMs());
      });
    });
  };

  waitUntilSilent();
  const stopPings = pings === 'regularly' ? every(clock, pingMs, ping) : () => {};
  return {
    heard() {
      heardAt = clock.monotonic();
    },
    close() {
      stopPings();
      cancel();
    },
  };
}
