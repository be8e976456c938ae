import { describe, expect, it } from 'vitest';
import type { Context } from '../../resolvers/context.ts';
import { type PublishInput, publish } from '../../resolvers/publish.ts';
import { ManualClock } from '../harness/manual-clock.ts';

/** @param cloudNow the cloud's time; the place's own clock is another */
function publishAt(cloudNow: number | undefined, input: Partial<PublishInput>) {
  const context = {
    clock: new ManualClock(),
    createId: () => 'msg-1',
    principal: { name: 'ann' },
    messages: {
      cloudNow: () => cloudNow,
      record: () => undefined,
      publish: async () => ({ kind: 'MessagePublished', id: 'msg-1' }),
    },
  } as unknown as Context;
  return publish({ nodeName: 'edge-a', topic: 'cmd', payload: 'go', ...input }, context);
}

describe('the end of a message', () => {
  const now = Date.UTC(1999, 0);

  it("is judged in the cloud's time, whatever the place's own clock says", async () => {
    expect(await publishAt(now, { expiresAt: now + 1 })).toMatchObject({ kind: 'MessagePublished' });
    expect(await publishAt(now, { expiresAt: now })).toMatchObject({
      code: 'MESSAGE_EXPIRED',
      message: 'expiresAt is 1999-01-01T00:00:00.000Z: expected a time to come',
    });
  });

  it('cannot be judged at a node that has not heard that time; what has no end is published', async () => {
    expect(await publishAt(undefined, { expiresAt: now })).toMatchObject({
      code: 'MESSAGE_EXPIRED',
      message: 'it has an end, and this node has not heard the time from the cloud since it started',
    });
    expect(await publishAt(undefined, {})).toMatchObject({ kind: 'MessagePublished' });
  });
});
