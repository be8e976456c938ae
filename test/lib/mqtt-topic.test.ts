import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  covers,
  disjoint,
  foreignTopicProblem,
  overlaps,
  topicFilterProblem,
  topicProblem,
} from '../../lib/mqtt-topic.ts';

/** Section 4.7 of MQTT 3.1.1: filter, topic, whether it matches. */
const MATCHES: Array<[string, string, boolean]> = [
  ['sport/tennis/player1/#', 'sport/tennis/player1', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
  ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
  ['sport/#', 'sport', true],
  ['#', 'a/b', true],
  ['sport/tennis/+', 'sport/tennis/player1', true],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['sport/+', 'sport', false],
  ['sport/+', 'sport/', true],
  ['+', 'finance', true],
  ['+/+', '/finance', true],
  ['/+', '/finance', true],
  ['+', '/finance', false],
  ['#', '$SYS/uptime', false],
  ['+/monitor/Clients', '$SYS/monitor/Clients', false],
  ['$SYS/#', '$SYS/uptime', true],
  ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
  ['ACCOUNTS', 'Accounts', false],
  ['a', 'a/', false],
];

const level = fc.constantFrom('a', 'b', '+', '', '$x');
const filter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'))
  .filter((text) => text !== '');
const topic = fc
  .array(fc.constantFrom('a', 'b', '', '$x'), { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter((text) => text !== '');

describe('a topic filter', () => {
  it.each(MATCHES)('%s and topic %s: %s', (filter, topic, expected) => {
    expect(topicFilterProblem(filter)).toBeUndefined();
    expect(topicProblem(topic)).toBeUndefined();
    expect(covers(filter, topic)).toBe(expected);
    expect(overlaps(filter, topic)).toBe(expected);
  });

  it.each(['sport/tennis#', 'sport/tennis/#/ranking', '#/a', 'sport+', '+a/b', 'a/+b', ''])(
    'is none: %j',
    (filter) => {
      expect(topicFilterProblem(filter)).toBeTypeOf('string');
    },
  );

  it('has at most 65535 bytes of UTF-8, no NUL, no half of a pair, and is no shared subscription', () => {
    expect(topicFilterProblem('ä'.repeat(32_767))).toBeUndefined();
    expect(topicFilterProblem('ä'.repeat(32_768))).toMatch('65536');
    for (const filter of ['a\0b', 'a\ud800', '$share/group/a/#'])
      expect(topicFilterProblem(filter), JSON.stringify(filter)).toBeTypeOf('string');
  });

  it('covers another one only where it matches all that the other matches', () => {
    fc.assert(
      fc.property(filter, filter, topic, (outer, inner, name) => {
        if (covers(outer, inner) && covers(inner, name)) expect(covers(outer, name)).toBe(true);
        if (covers(outer, name) && covers(inner, name)) expect(overlaps(outer, inner)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('filters that overlap', () => {
  it.each([
    [['plant/#', '+/1/#'], ['+/#']],
    [
      ['a/+', 'a/#', 'b'],
      ['a/#', 'b'],
    ],
    [['+', 'a/#'], ['+/#']],
    [
      ['$hw/#', '$hw/events/+', '#'],
      ['$hw/#', '#'],
    ],
    [
      ['+/user/#', 'SYS/dis/upload_records'],
      ['+/user/#', 'SYS/dis/upload_records'],
    ],
  ])('%j become %j', (filters, expected) => {
    expect(disjoint(filters).sort()).toEqual(expected.sort());
  });

  it('become some that do not, and miss nothing', () => {
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 6 }), (filters) => {
        const result = disjoint(filters);
        for (const one of filters) expect(result.some((wide) => covers(wide, one))).toBe(true);
        for (const [at, one] of result.entries())
          for (const other of result.slice(at + 1)) expect(overlaps(one, other)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a topic to publish on', () => {
  it('has no wildcards', () => {
    for (const topic of ['a/+', 'a/#', '#', '']) expect(topicProblem(topic)).toBeTypeOf('string');
  });

  it('is not of the node or its broker where somebody outside publishes', () => {
    for (const topic of [
      '$hw/events/device/default/pump/twin/update',
      '$ke/events/device/pump/data/update',
      '$SYS/x',
      '$',
    ]) {
      expect(topicProblem(topic)).toBeUndefined();
      expect(foreignTopicProblem(topic)).toMatch("the node's own");
    }
    expect(foreignTopicProblem('plant/$hw')).toBeUndefined();
  });
});
