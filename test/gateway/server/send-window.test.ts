import { describe, expect, test } from 'vitest';
import { SendWindow } from '../../../gateway/server/send-window.ts';

const kib = 1024;

/** Writes KiBs until the window closes. */
function fill(window: SendWindow): { written: number; pings: number } {
  let written = 0;
  let pings = 0;
  while (window.open) {
    if (window.add(kib)) pings++;
    written++;
  }
  return { written, pings };
}

describe('the window of a connection', () => {
  test('closes after 16 KiB that are not confirmed, with one ping out', () => {
    expect(fill(new SendWindow())).toEqual({ written: 16, pings: 1 });
  });

  test('opens up to the confirmed place, and twice as wide for who was held up', () => {
    const window = new SendWindow();
    fill(window);
    expect(window.confirm()).toBe(true);
    // 32 KiB, 8 of them unconfirmed behind the ping.
    expect(fill(window).written).toBe(24);
  });

  test('stays as it is for a client that keeps up', () => {
    const window = new SendWindow();
    for (let round = 0; round < 100; round++) if (window.add(kib)) expect(window.confirm()).toBe(false);
    expect(fill(window).written).toBeLessThanOrEqual(16);
  });

  test('is never wider than 256 KiB', () => {
    const window = new SendWindow();
    for (let round = 0; round < 20; round++) {
      fill(window);
      window.confirm();
    }
    expect(fill(window).written).toBeLessThanOrEqual(256);
  });

  test('is not moved by a pong that nobody asked for', () => {
    const window = new SendWindow();
    expect(window.confirm()).toBe(false);
  });
});
