import type { Clock } from '../../lib/clock.ts';
import { OctographError } from '../../lib/errors.ts';

/** Milliseconds until a demo that does not come alive says so. */
const PATIENCE_MS = 60_000;
const RETRY_MS = 100;

export const READY_QUERY =
  '{ devices(first: 1000) { edges { node { name twins { property reported { value } freshness { stale } } } } } nodes { totalCount } }';

interface Answer {
  data?: {
    devices: {
      edges: Array<{
        node: {
          name: string;
          twins: Array<{ property: string; reported: unknown; freshness: { stale: boolean } }> | null;
        };
      }>;
    };
  };
}

/**
 * Resolves when every property of these devices has a live value in the cloud. What somebody added of their own may be in any state.
 * @throws OctographError `DEMO` naming what is still missing
 */
export async function waitUntilLive(url: string, names: readonly string[], clock: Clock): Promise<void> {
  const deadline = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const missing = await whatIsMissing(url, names);
    if (!missing) return;
    if (clock.monotonic() > deadline)
      throw new OctographError('DEMO', `after ${PATIENCE_MS} ms still ${missing}`);
    await new Promise<void>((resolve) => clock.setTimer(RETRY_MS, resolve));
  }
}

async function whatIsMissing(url: string, names: readonly string[]): Promise<string | undefined> {
  let answer: Answer;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: READY_QUERY }),
    });
    answer = (await response.json()) as Answer;
  } catch (error) {
    return `no answer from ${url}: ${(error as Error).message}`;
  }
  const devices = new Map(answer.data?.devices.edges.map(({ node }) => [node.name, node]));
  for (const name of names) {
    const twins = devices.get(name)?.twins;
    if (!twins) return `nothing known of ${name}`;
    const twin = twins.find(({ reported, freshness }) => !reported || freshness.stale);
    if (twin) return `no live value of ${twin.property} of ${name}`;
  }
  return undefined;
}
