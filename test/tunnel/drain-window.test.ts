import { expect, it } from 'vitest';
import { DrainWindow } from '../../tunnel/drain-window.ts';

/** A line that takes so many updates a second, behind a way of `wayMs`, and a sender that keeps the window full for a minute. */
function drain({ perSecond, wayMs }: { perSecond: number; wayMs: number }) {
  const window = new DrainWindow();
  const onTheirWay: Array<{ seq: number; at: number }> = [];
  let [sent, acked, freeAt, longestMs, now] = [0, 0, 0, 0, 0];
  for (; now < 60_000; now++) {
    while (onTheirWay[0] && onTheirWay[0].at <= now) {
      acked = onTheirWay.shift()?.seq ?? acked;
      window.acknowledged(acked, now);
    }
    while (sent - acked < window.size) {
      const count = Math.min(500, Math.ceil(window.size / 2), window.size - (sent - acked));
      sent += count;
      window.sent(sent, sent - acked, now);
      freeAt = Math.max(now, freeAt) + (count * 1000) / perSecond;
      onTheirWay.push({ seq: sent, at: freeAt + wayMs });
      // What comes now waits until the line is free; the first seconds are for learning.
      if (now > 5000) longestMs = Math.max(longestMs, freeAt - now);
    }
  }
  return { longestMs, used: acked / ((perSecond * now) / 1000) };
}

it.each([
  ['a slow line', { perSecond: 500, wayMs: 30 }],
  ['a line as of a village', { perSecond: 5000, wayMs: 60 }],
  ['a satellite', { perSecond: 3000, wayMs: 600 }],
])('[W38] on %s what is urgent waits less than 1 s, and the line is used', (_line, options) => {
  const { longestMs, used } = drain(options);
  expect(longestMs).toBeLessThan(1000);
  expect(used).toBeGreaterThan(0.6);
});

it('[W38] on a line that takes nearly nothing a handful is on its way', () => {
  const window = new DrainWindow();
  for (let seq = 16; seq < 1600; seq += 16) {
    window.sent(seq, 16, seq * 1000);
    window.acknowledged(seq, seq * 1000 + (seq === 16 ? 10 : 60_000));
  }
  expect(window.size).toBe(16);
});
