import { describe, expect, test } from 'vitest';
import type { Principal } from '../../../gateway/server/authentication.ts';
import { type AccessQuestion, Authorization, ruleAuthorizer } from '../../../gateway/server/authorization.ts';

const who = (more: Partial<Principal> = {}): Principal => ({ name: 'ann', rights: 'write', ...more });
const confined = (...namespaces: string[]) =>
  who({ rules: [{ verbs: ['*'], resources: ['devices', 'devices/desired'], namespaces }] });

describe('rights and rules', () => {
  test.each<[string, Principal, AccessQuestion, boolean]>([
    ['a reader reads', who({ rights: 'read' }), { verb: 'list', resource: 'devices' }, true],
    ['a reader does not write', who({ rights: 'read' }), { verb: 'update', resource: 'devices' }, false],
    ['a writer writes', who(), { verb: 'delete', resource: 'pods' }, true],
    [
      'a rule names its namespaces',
      confined('a'),
      { verb: 'get', resource: 'devices', namespace: 'a' },
      true,
    ],
    ['and no other', confined('a'), { verb: 'get', resource: 'devices', namespace: 'b' }, false],
    ['nor all of them', confined('a'), { verb: 'list', resource: 'devices' }, false],
    ['a rule names its resources', confined('a'), { verb: 'get', resource: 'pods', namespace: 'a' }, false],
    ['no rule, no right', who({ rules: [] }), { verb: 'get', resource: 'devices' }, false],
    [
      'a reader with a rule for everything still reads only',
      who({ rights: 'read', rules: [{ verbs: ['*'], resources: ['*'] }] }),
      { verb: 'update', resource: 'devices', namespace: 'a' },
      false,
    ],
  ])('%s', (_what, principal, question, allowed) => {
    expect(ruleAuthorizer.allows(principal, question)).toBe(allowed);
  });
});

describe('the questions of an operation', () => {
  const asking = (allows: (question: AccessQuestion) => boolean) => {
    const asked: AccessQuestion[] = [];
    const authorize = new Authorization(who(), {
      isUnbound: () => false,
      allows: async (_principal, question) => {
        asked.push(question);
        return allows(question);
      },
    });
    return { asked, authorize };
  };

  test('are asked once each', async () => {
    const { asked, authorize } = asking(() => true);
    const question = { verb: 'get', resource: 'devices', namespace: 'a' } as const;
    await Promise.all([authorize.may(question), authorize.may({ ...question }), authorize.require(question)]);
    expect(asked).toHaveLength(1);
  });

  test('a sight is asked for all namespaces, and for each once where that is refused', async () => {
    const all = asking(() => true);
    expect((await all.authorize.sight('devices', () => ['a', 'b'])).sees('c')).toBe(true);
    expect(all.asked).toEqual([{ verb: 'list', resource: 'devices' }]);

    const some = asking(({ namespace }) => namespace === 'a');
    const sight = await some.authorize.sight('devices', () => ['a', 'b', 'a', 'b']);
    expect(['a', 'b', 'c', undefined].map((namespace) => sight.sees(namespace))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(some.asked).toHaveLength(3);
  });

  test('a refusal names who and what; an authorizer that fails refuses', async () => {
    const question = { verb: 'update', resource: 'devices/desired', namespace: 'a', name: 'pump' } as const;
    const refused = asking(() => false).authorize.require(question);
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(refused).rejects.toThrow('ann may not update devices/desired pump in a');
    const failing = asking(() => {
      throw new Error('unreachable');
    });
    expect(await failing.authorize.may(question)).toBe(false);
  });

  test('a right that is lost is found, one that was never there is not', async () => {
    let allowed = true;
    const { authorize } = asking(({ resource }) => allowed && resource === 'devices');
    await authorize.may({ verb: 'list', resource: 'devices' });
    await authorize.may({ verb: 'list', resource: 'pods' });
    expect(await authorize.lost()).toBeUndefined();
    allowed = false;
    expect(await authorize.lost()).toEqual({ verb: 'list', resource: 'devices' });
  });
});
