import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { waitUntilLive } from '../../cli/demo/ready.ts';
import { systemClock } from '../../lib/clock.ts';

const live = (name: string) => ({
  node: { name, twins: [{ property: 'level', reported: { value: 1 }, freshness: { stale: false } }] },
});
const dead = (name: string) => ({ node: { name, twins: null } });

/** A gateway that gives these answers, one after the other, and the last one from then on. */
async function gateway(answers: unknown[][]) {
  let asked = 0;
  const server = createServer((_request, response) => {
    const edges = answers[Math.min(asked++, answers.length - 1)];
    response.end(JSON.stringify({ data: { devices: { edges } } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

it('waits until every device of the demo is live, and for no other', async () => {
  const theirs = dead('of-somebody-who-tries-things');
  const { url, asked } = await gateway([
    [theirs],
    [live('pump'), theirs],
    [live('pump'), dead('fan'), theirs],
    [live('pump'), live('fan'), theirs],
  ]);
  await waitUntilLive(url, ['pump', 'fan'], systemClock);
  expect(asked()).toBe(4);
});
