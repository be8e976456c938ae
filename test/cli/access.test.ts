import { describe, expect, test } from 'vitest';
import { ACCESS_OPTIONS, accessFrom, guardsFrom } from '../../cli/commands/access.ts';
import { readSettings } from '../../cli/settings.ts';
import { silentLogger } from '../../lib/logger.ts';

const settingsOf = (...argv: string[]) =>
  readSettings(ACCESS_OPTIONS, { argv, env: {}, readFile: () => '' }).settings;
const guards = (...argv: string[]) => guardsFrom(settingsOf(...argv), silentLogger);

describe('settings of a GraphQL listener', () => {
  test('change single limits', () => {
    expect(guards('--limits', 'depth=10,cost=5000').limits).toEqual({ depth: 10, cost: 5000 });
    expect(guards().limits).toEqual({});
  });

  test.each(['nothing=1', 'depth', 'depth=', 'depth=-1', 'depth=1.5', 'depth=many', '__proto__=1'])(
    'refuse the limit %s, and say what was expected',
    (row) => {
      expect(() => guards('--limits', row)).toThrow(/--limits .*: expected/);
    },
  );

  test('belong together: what is only half there is refused', () => {
    expect(() => guards('--persisted-only')).toThrow('--persisted-only needs --persisted-documents');
    expect(() => accessFrom(settingsOf('--jwt-jwks', 'keys.json'), silentLogger)).toThrow(
      '--jwt-jwks needs --jwt-issuer and --jwt-audience',
    );
  });
});
