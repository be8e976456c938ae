import { describe, expect, it } from 'vitest';
import { encodeGoJson } from '../../../bus/kubeedge/go-json.ts';
import {
  encodeDelta,
  encodeDocument,
  encodeFailure,
  encodeMembership,
  encodeMembershipChange,
  encodeState,
  encodeTwins,
  type MsgTwin,
} from '../../../bus/kubeedge/replies.ts';
import { parseTopic } from '../../../bus/kubeedge/topics.ts';
import { parseEventId, parseStateUpdate, parseTwinUpdate } from '../../../bus/kubeedge/twin-update.ts';

const base = { eventId: 'e1', timestamp: 1_700_000_000_000 };
const speed: MsgTwin = {
  property: 'speed',
  type: 'int',
  expected: { text: '5', at: 7 },
  actual: { text: '3', at: 8 },
};
const temperature: MsgTwin = { property: 'Temperature', type: 'double', actual: { text: '21.5', at: 9 } };

describe('a topic of the bus', () => {
  it.each([
    ['$hw/events/device/ns1/boiler/twin/update', 'twin/update', 'ns1/boiler', 'ns1/boiler'],
    ['$hw/events/device/boiler/twin/get', 'twin/get', 'default/boiler', 'boiler'],
    ['$hw/events/device/boiler/state/update', 'state/update', 'default/boiler', 'boiler'],
  ])('%s is %s of %s', (topic, event, device, address) =>
    expect(parseTopic(topic)).toEqual({ kind: 'device', event, device, address }),
  );

  it.each([
    '$hw/events/device/a/b/c/twin/update',
    '$hw/events/device//twin/update',
    '$hw/events/device/ns/a/twin/cloud_updated',
    '$hw/events/device/ns/a/twin/update/result',
  ])('%s means nothing to us', (topic) => expect(parseTopic(topic)).toBeUndefined());

  it.each(['a/user/b', 'SYS/dis/upload_records', '$ke/events/device/a/data/update', '$hw/events/upload/x'])(
    '%s is a message for somebody else',
    (topic) => expect(parseTopic(topic)).toEqual({ kind: 'message' }),
  );
});

describe('a reply of the bus, byte for byte', () => {
  it('of twins, without versions, in the order of Go', () => {
    expect(encodeTwins(base, [speed, temperature])).toBe(
      '{"event_id":"e1","timestamp":1700000000000,"twin":{' +
        '"Temperature":{"actual":{"value":"21.5","metadata":{"timestamp":9}},"optional":true,"metadata":{"type":"double"}},' +
        '"speed":{"expected":{"value":"5","metadata":{"timestamp":7}},"actual":{"value":"3","metadata":{"timestamp":8}},' +
        '"optional":true,"metadata":{"type":"int"}}}}',
    );
  });

  it('of a failure', () => {
    expect(encodeFailure(base, 404, 'Device a not found while getting twin')).toBe(
      '{"event_id":"e1","timestamp":1700000000000,"code":404,"reason":"Device a not found while getting twin"}',
    );
  });

  it('of a document', () => {
    expect(encodeDocument(base, [{ last: undefined, current: temperature }])).toBe(
      '{"event_id":"e1","timestamp":1700000000000,"twin":{"Temperature":{"last":null,"current":' +
        '{"actual":{"value":"21.5","metadata":{"timestamp":9}},"optional":true,"metadata":{"type":"double"}}}}}',
    );
  });

  it('of a delta: all that is wanted, and what is not so yet', () => {
    expect(encodeDelta(base, [speed, temperature])).toBe(
      '{"event_id":"e1","timestamp":1700000000000,"twin":{"speed":{"expected":{"value":"5","metadata":{"timestamp":7}},' +
        '"actual":{"value":"3","metadata":{"timestamp":8}},"optional":true,"metadata":{"type":"int"}}},"delta":{"speed":"5"}}',
    );
    expect(encodeDelta(base, [{ ...speed, actual: { text: '5', at: 8 } }])).toBeUndefined();
  });

  it('of a state', () => {
    expect(encodeState(base, { id: 'default/a', name: 'a', state: 'online', lastOnlineAt: 1_500 })).toBe(
      '{"event_id":"e1","timestamp":1700000000000,"device":{"name":"a","state":"online","lastOnlineTime":"1970-01-01T00:00:01Z"}}',
    );
  });

  it('of the membership, and what changed in it', () => {
    const device = { id: 'default/a', name: 'a', state: 'unknown' };
    expect(encodeMembership(base, [device])).toBe(
      '{"event_id":"e1","timestamp":1700000000000,"devices":[{"id":"default/a","name":"a","state":"unknown"}]}',
    );
    expect(encodeMembershipChange(base, [device], [])).toBe(
      '{"event_id":"e1","timestamp":1700000000000,"added_devices":[{"id":"default/a","name":"a","state":"unknown"}],"removed_devices":null}',
    );
  });

  it('has keys like numbers in the order of text, and escapes what Go escapes', () => {
    const map = new Map([
      ['2', 'a<b'],
      ['10', 'c&d>'],
    ]);
    expect(encodeGoJson(map)).toBe('{"10":"c\\u0026d\\u003e","2":"a\\u003cb"}');
  });
});

describe('a twin update', () => {
  it('is read as text by property', () => {
    const payload =
      '{"event_id":"e1","timestamp":1,"twin":{"a":{"actual":{"value":"1"},"metadata":{"type":"int"}},"b":{"expected":{"value":""}}}}';
    expect(parseTwinUpdate(payload)).toEqual({
      ok: true,
      eventId: 'e1',
      changes: [
        { property: 'a', actual: '1' },
        { property: 'b', expected: '' },
      ],
    });
  });

  it.each([
    ['{', '', /^Unmarshal update request body failed, please check the request$/],
    ['[]', '', /^Unmarshal/],
    ['{"event_id":7,"twin":{}}', '', /^Unmarshal/],
    ['{"event_id":"e"}', 'e', /^Update twin error, key:twin does not exist$/],
    ['{"event_id":"e","twin":{"a b":{}}}', 'e', /^The key of twin must only include/],
    ['{"event_id":"e","twin":{"a":{"actual":{"value":"1 %"}}}}', 'e', /^The value of twin must only include/],
    ['{"event_id":"e","twin":{"a":{"actual":{"value":1}}}}', 'e', /^Unmarshal/],
    ['{"event_id":"e","twin":{"a":null}}', 'e', /cannot be deleted/],
  ])('%s is refused', (payload, eventId, reason) =>
    expect(parseTwinUpdate(payload)).toEqual({
      ok: false,
      eventId,
      reason: expect.stringMatching(reason),
    }),
  );

  it('has no surprises in its names', () => {
    const parsed = parseTwinUpdate('{"event_id":"e","twin":{"__proto__":{"actual":{"value":"1"}}}}');
    expect(parsed).toMatchObject({ ok: true, changes: [{ property: '__proto__', actual: '1' }] });
  });
});

it('an event id is text, or missing', () => {
  expect(parseEventId('{"event_id":"x"}')).toEqual({ eventId: 'x' });
  expect(parseEventId('{}')).toEqual({ eventId: '' });
  expect(parseEventId('{"event_id":1}')).toBeUndefined();
  expect(parseEventId('nothing')).toBeUndefined();
});

it('a state is read in lower case', () => {
  expect(parseStateUpdate('{"state":"ONLINE"}')).toBe('online');
  expect(parseStateUpdate('{"state":1}')).toBeUndefined();
});
