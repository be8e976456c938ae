import { describe, expect, it } from 'vitest';
import type { DesiredPatch } from '../../cloud/commands.ts';
import { ProposalCourt } from '../../cloud/proposals.ts';
import { OctographError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { Verdict } from '../../tunnel/messages.ts';
import { desiredText, encodeDesired } from '../../twin/desired.ts';
import { LOCAL_ONLY } from '../../twin/local-only.ts';
import { proposal } from '../edge-node/fixture.ts';
import { ManualClock } from '../harness/manual-clock.ts';
import { CloudFixture, PUMP, ScriptedNode } from './fixture.ts';

/** Kubernetes as the court sees it: what is written stands at once, and in the cache when the test says so. */
function start({ desired, isCacheLate = false }: { desired?: string; isCacheLate?: boolean } = {}) {
  const cloud = new CloudFixture();
  const node = new ScriptedNode();
  const patches: DesiredPatch[] = [];
  let standing: Parameters<typeof set>[0] = desired;
  let failure: OctographError | undefined;
  const hold: Array<() => void> = [];
  let isHeld = false;
  let isAnswerLost = false;
  let generation = 0;
  function set(value: string | { value: string; metadata: Record<string, string> } | undefined): void {
    standing = value;
    cloud.cluster.putDevice('pump', { desired: value === undefined ? {} : { setpoint: value } });
  }
  set(desired);
  const textOf = (value: typeof standing) =>
    value === undefined
      ? null
      : desiredText(
          {
            ...cloud.cluster.putDevice('scratch', { desired: { setpoint: value } }),
          },
          'setpoint',
        );
  const court = new ProposalCourt({
    record() {},
    createId: (prefix) => `${prefix}-1`,
    clock: new ManualClock(),
    objects: cloud.objects,
    logger: silentLogger,
    async writeDesired(patch) {
      if (isHeld) await new Promise<void>((resolve) => hold.push(resolve));
      if (failure) throw failure;
      const [write] = patch.writes as [DesiredPatch['writes'][0]];
      const now = textOf(standing);
      if (write.expected !== now) throw new OctographError('DESIRED_CHANGED', `it is ${now}`);
      patches.push(patch);
      const { value, metadata } = write;
      if (isCacheLate) standing = { value, metadata };
      else set({ value, metadata });
      if (isAnswerLost) throw new OctographError('KUBERNETES_UNAVAILABLE', 'no answer');
      return { metadata: { generation: ++generation } };
    },
  });
  const verdicts = (): Verdict[] =>
    node.sent.flatMap((message) => (message.type === 'verdicts' ? message.verdicts : []));
  return {
    cloud,
    court,
    node,
    patches,
    set,
    verdicts,
    fail: (code?: string) => {
      failure = code === undefined ? undefined : new OctographError(code, `because of ${code}`);
    },
    loseAnswers: (isLost: boolean) => {
      isAnswerLost = isLost;
    },
    holdWrites: () => {
      isHeld = true;
    },
    letWritesGo: () => {
      isHeld = false;
      for (const go of hold.splice(0)) go();
    },
  };
}

describe('a proposal', () => {
  it('whose base still stands becomes the desired value, under its own change', async () => {
    const { court, node, patches, verdicts } = start({ desired: '21' });
    await court.judge(node, [proposal({ base: 21 })]);
    expect(verdicts()).toEqual([
      { change: 'chg-1', device: PUMP, property: 'setpoint', accepted: true, generation: 1 },
    ]);
    expect(patches).toMatchObject([
      {
        namespace: 'default',
        name: 'pump',
        uid: 'uid-pump',
        writes: [
          {
            property: 'setpoint',
            value: '25',
            expected: '21',
            metadata: { 'octograph.dev/change': 'chg-1', 'octograph.dev/set-by': 'operator' },
          },
        ],
      },
    ]);
  });

  it('on a property where nothing was desired is taken', async () => {
    const { court, node, patches, verdicts } = start();
    await court.judge(node, [proposal()]);
    expect(verdicts()).toMatchObject([{ accepted: true }]);
    expect(patches[0]?.writes[0]?.expected).toBeNull();
  });

  it('loses where the cloud’s value is another meanwhile, and hears which', async () => {
    const { court, node, patches, verdicts } = start({ desired: '22' });
    await court.judge(node, [proposal({ base: 21 })]);
    expect(verdicts()).toMatchObject([
      { accepted: false, reason: 'setpoint was set to 22 in the cloud meanwhile; the cloud wins' },
    ]);
    expect(patches).toEqual([]);
  });

  it('loses where somebody was faster between judgement and write', async () => {
    const { court, node, fail, verdicts } = start({ desired: '21' });
    fail('DESIRED_CHANGED');
    await court.judge(node, [proposal({ base: 21 })]);
    expect(verdicts()).toMatchObject([{ accepted: false, reason: 'because of DESIRED_CHANGED' }]);
  });

  it.each([
    ['is another one under the same name', { uid: 'uid-of-the-old-pump' }, /created again/],
    ['does not exist any more', { device: 'default/ghost' }, /default\/ghost does not exist any more/],
    ['has lost the property', { property: 'speed' }, /has no property speed any more/],
  ])('is refused when the device %s', async (_what, fields, reason) => {
    const { court, node, verdicts, patches } = start();
    await court.judge(node, [proposal(fields)]);
    expect(verdicts()).toMatchObject([{ accepted: false, reason: expect.stringMatching(reason) }]);
    expect(patches).toEqual([]);
  });

  it('[T25] of what is local only by now is not judged: the node lets it stand', async () => {
    const { court, cloud, node, patches, verdicts } = start({ desired: '21' });
    cloud.cluster.putDevice('pump', { annotations: { [LOCAL_ONLY]: 'setpoint' } });
    await court.judge(node, [proposal({ base: 21 })]);
    expect(verdicts()).toEqual([]);
    expect(patches).toEqual([]);
  });

  it('is refused when the device is on another node', async () => {
    const { court, verdicts, patches } = start();
    const other = new ScriptedNode('edge-b');
    await court.judge(other, [proposal()]);
    expect(other.sent).toMatchObject([
      { verdicts: [{ reason: 'device default/pump is not on node edge-b' }] },
    ]);
    expect([...verdicts(), ...patches]).toEqual([]);
  });

  it('that Kubernetes cannot take now gets no verdict, and one when it comes again', async () => {
    const { court, node, fail, verdicts } = start();
    fail('KUBERNETES_UNREACHABLE');
    await court.judge(node, [proposal()]);
    expect(verdicts()).toEqual([]);
    fail(undefined);
    await court.judge(node, [proposal()]);
    expect(verdicts()).toMatchObject([{ accepted: true }]);
  });

  it('that comes again after its verdict got lost is taken again, and written once', async () => {
    const { court, node, patches, verdicts } = start({ desired: '21' });
    await court.judge(node, [proposal({ base: 21 })]);
    await court.judge(node, [proposal({ base: 21 })]);
    expect(verdicts().map(({ accepted }) => accepted)).toEqual([true, true]);
    expect(patches).toHaveLength(1);
  });

  it('that comes again to a gateway that was started anew is taken too', async () => {
    const { court, node, set, patches, verdicts } = start();
    set(encodeDesired(proposal().desired));
    await court.judge(node, [proposal({ base: 21 })]);
    expect(verdicts()).toMatchObject([{ accepted: true }]);
    expect(patches).toEqual([]);
  });

  it('may clear what is desired, once and again', async () => {
    const { court, node, patches, verdicts } = start({ desired: '21' });
    await court.judge(node, [proposal({ value: null, base: 21 })]);
    await court.judge(node, [proposal({ value: null, base: 21 })]);
    expect(verdicts().map(({ accepted }) => accepted)).toEqual([true, true]);
    expect(patches).toMatchObject([{ writes: [{ value: '', expected: '21' }] }]);
  });
});

describe('a court', () => {
  it('goes on with the next where telling the verdict failed', async () => {
    const { court, node, verdicts } = start();
    const broken = new ScriptedNode();
    broken.send = () => {
      throw new Error('the session is gone');
    };
    await expect(court.judge(broken, [proposal()])).rejects.toThrow('the session is gone');
    await court.judge(node, [proposal()]);
    expect(verdicts()).toMatchObject([{ accepted: true }]);
  });
});

describe('several proposals of a node', () => {
  const move = (change: string, value: number) => proposal({ change, value, base: 21 });

  it.each([
    ['the cache shows them', false],
    ['the cache is late', true],
  ])(
    'made one after the other, before it heard of the first, all take place when %s',
    async (_what, isCacheLate) => {
      const { court, node, patches, verdicts } = start({ desired: '21', isCacheLate });
      await Promise.all([
        court.judge(node, [move('chg-1', 22), move('chg-2', 23)]),
        court.judge(node, [move('chg-3', 24)]),
      ]);
      expect(verdicts().map(({ change, accepted }) => [change, accepted])).toEqual([
        ['chg-1', true],
        ['chg-2', true],
        ['chg-3', true],
      ]);
      expect(patches.map(({ writes }) => writes[0]?.value)).toEqual(['22', '23', '24']);
    },
  );

  it.each([
    ['set and cleared', [22, null]],
    ['cleared and set', [null, 22]],
    ['set, cleared and set', [22, null, 23]],
  ])('that %s it, all take place though the cache is late', async (_what, values) => {
    const { court, node, patches, verdicts } = start({ desired: '21', isCacheLate: true });
    for (const [index, value] of values.entries())
      await court.judge(node, [proposal({ change: `chg-${index}`, value, base: 21 })]);
    expect(verdicts().map(({ accepted }) => accepted)).toEqual(values.map(() => true));
    expect(patches.map(({ writes }) => writes[0]?.value)).toEqual(values.map((value) => String(value ?? '')));
  });

  it('that set and cleared what nobody desired, both take place though the cache is late', async () => {
    const { court, node, patches, verdicts } = start({ isCacheLate: true });
    await court.judge(node, [proposal({ change: 'chg-1', value: 22, base: null })]);
    await court.judge(node, [proposal({ change: 'chg-2', value: null, base: null })]);
    expect(verdicts().map(({ accepted }) => accepted)).toEqual([true, true]);
    expect(patches.map(({ writes }) => writes[0]?.value)).toEqual(['22', '']);
  });

  it.each([
    ['set, then cleared', 22, null],
    ['set, then set', 22, 23],
    ['set, and told again', 22, 22],
  ])(
    'of which Kubernetes did not say that it took the first are its own all the same: %s',
    async (_what, first, second) => {
      for (const isCacheLate of [false, true]) {
        const { court, node, verdicts, patches, loseAnswers } = start({ isCacheLate });
        loseAnswers(true);
        await court.judge(node, [proposal({ change: 'chg-1', value: first, base: null })]);
        expect(verdicts()).toEqual([]);
        loseAnswers(false);
        const change = first === second ? 'chg-1' : 'chg-2';
        await court.judge(node, [proposal({ change, value: second, base: null })]);
        expect(verdicts()).toMatchObject([{ change, accepted: true }]);
        expect(patches.at(-1)?.writes[0]?.value).toBe(String(second ?? ''));
      }
    },
  );

  it('are judged in their order, also where the first has to wait', async () => {
    const { court, node, verdicts, holdWrites, letWritesGo } = start({ desired: '21' });
    holdWrites();
    const judged = [
      court.judge(node, [move('chg-1', 22)]),
      court.judge(node, [proposal({ property: 'speed' })]),
    ];
    await new Promise(setImmediate);
    expect(verdicts()).toEqual([]);
    letWritesGo();
    await Promise.all(judged);
    expect(verdicts().map(({ property }) => property)).toEqual(['setpoint', 'speed']);
  });

  it('do not win over what the cloud set after the first', async () => {
    const { court, node, set, verdicts } = start({ desired: '21' });
    await court.judge(node, [move('chg-1', 22)]);
    set('28');
    await court.judge(node, [move('chg-2', 23)]);
    expect(verdicts()).toMatchObject([{ accepted: true }, { accepted: false }]);
  });

  it('that was taken before does not take its place again from a value that somebody set since', async () => {
    const { court, node, set, verdicts } = start({ desired: '20' });
    const first = proposal({ value: 25, base: 20 });
    await court.judge(node, [first]);
    // The verdict gets lost; meanwhile somebody sets what stood there before.
    set('20');
    await court.judge(node, [first]);
    expect(verdicts().map(({ accepted }) => accepted)).toEqual([true, false]);
  });
});
