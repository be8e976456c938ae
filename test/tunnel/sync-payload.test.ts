import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../tunnel/close-codes.ts';
import { checkDownMessage, checkUpMessage } from '../../tunnel/message-check.ts';
import type { DownMessage, UpMessage } from '../../tunnel/messages.ts';
import { SyncDecoder, SyncEncoder } from '../../tunnel/sync-payload.ts';
import { machine } from '../harness/objects.ts';
import { decodeSync, encodeSync, reports, times } from './harness.ts';

const MIB = 1024 * 1024;

const UP: UpMessage[] = [
  reports(1, 3),
  { type: 'states', states: [{ device: 'default/a', uid: 'u', state: 'online', aliveAt: 1 }], sentAt: 5 },
  { type: 'snapshot', first: true, last: false, updates: reports(1, 1).updates, states: [], sentAt: 5 },
  {
    type: 'proposals',
    proposals: [
      { change: 'chg-1', device: 'default/a', uid: 'u', property: 'p', desired: { value: 21.5 }, base: null },
    ],
  },
  { type: 'machine', machine: machine() },
];

const DOWN: DownMessage[] = [
  {
    type: 'objects',
    complete: true,
    upsert: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge-a' } }],
    remove: [{ kind: 'Pod', namespace: 'default', name: 'gone' }],
  },
  { type: 'acked', seq: 12 },
  { type: 'verdicts', verdicts: [{ change: 'chg-1', device: 'default/a', property: 'p', accepted: false }] },
];

describe('sync messages', () => {
  it.each(UP)('[W13] $type goes up as it is', (message) => {
    expect(checkUpMessage(decodeSync(encodeSync(message)))).toEqual(message);
  });

  it.each(DOWN)('[W13] $type goes down as it is', (message) => {
    expect(checkDownMessage(decodeSync(encodeSync(message)))).toEqual(message);
  });

  it.each([10, 50, 200])('[W13] take at most 30 bytes on the wire for an update in batches of %i', (size) => {
    const encoder = new SyncEncoder();
    let bytes = 0;
    // Frame, WebSocket and TLS record add so much to each message.
    for (let batch = 0; batch < 50; batch++)
      bytes += 40 + encoder.encode(reports(1 + batch * size, size)).bytes.byteLength;
    expect(bytes / (50 * size)).toBeLessThanOrEqual(30);
  });

  it('[W13] start over after one that was too large to leave', () => {
    const [encoder, decoder] = [new SyncEncoder(), new SyncDecoder()];
    const arrives = (message: UpMessage) => expect(decoder.decode(encoder.encode(message))).toEqual(message);
    arrives(reports(1, 3));
    expect(() => encoder.encode(reports(4, 20, 'x'.repeat(1024 * 1024)))).toThrow('send it in parts');
    arrives(reports(4, 15));
    arrives(reports(19, 15));
  });

  it('[W15] over 1 MiB travel as they are', () => {
    const { bytes, deflated } = encodeSync(reports(1, 1, 'x'.repeat(1024 * 1024)));
    expect(deflated).toBe(false);
    expect(bytes.byteLength).toBeGreaterThan(1024 * 1024);
  });

  it('[W15] that inflate to more than 1 MiB are refused', () => {
    const bomb = deflateRawSync(Buffer.alloc(50 * 1024 * 1024));
    expect(bomb.byteLength).toBeLessThan(64 * 1024);
    expect(() => decodeSync({ bytes: bomb, deflated: true })).toThrow(ProtocolError);
  });

  it('[W12] over 16 MiB are refused where they are sent, naming type, size and limit', () => {
    expect(() => encodeSync(reports(1, 1, 'x'.repeat(17 * 1024 * 1024)))).toThrow(
      /a reports message of 178\d{5} bytes; expected at most 16777216, send it in parts/,
    );
  });

  it('[W14] of any bytes are decoded and checked, or refused with a ProtocolError', () => {
    const refuseOnly = (act: () => void) => {
      try {
        act();
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    };
    const packr = new Packr({ useRecords: true });
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        fc.anything(),
        (bytes, deflated, value) => {
          refuseOnly(() => checkUpMessage(decodeSync({ bytes, deflated })));
          refuseOnly(() => checkDownMessage(decodeSync({ bytes, deflated })));
          refuseOnly(() => checkUpMessage(value));
          refuseOnly(() =>
            checkDownMessage(packr.unpack(packr.pack(JSON.parse(JSON.stringify(value) ?? 'null')))),
          );
        },
      ),
      { numRuns: times(5000, 200_000) },
    );
  });

  it('[W14] allocate no more than the size of what came allows, whatever lengths it announces', () => {
    const claim = (head: number, length: number) =>
      Buffer.of(head, length >>> 24, length >>> 16, length >>> 8, length);
    const padding = Buffer.alloc(64 * 1024);
    for (const head of [0xdd, 0xdf, 0xdb, 0xc6, 0xc9]) {
      for (const length of [0xffff_ffff, 0x01ff_ffff, 60_000]) {
        for (const depth of [1, 10, 1000]) {
          const bytes = Buffer.concat([...Array.from({ length: depth }, () => claim(head, length)), padding]);
          const before = process.memoryUsage();
          expect(() => checkUpMessage(decodeSync({ bytes, deflated: false }))).toThrow(ProtocolError);
          const after = process.memoryUsage();
          expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(
            MIB,
          );
          // A list of 64 Ki elements takes 8 bytes for each.
          expect(after.heapUsed - before.heapUsed).toBeLessThan(4 * MIB);
        }
      }
    }
  });

  it('[W14] with bytes flipped are decoded and checked, or refused with a ProtocolError', () => {
    const sample = Uint8Array.from(encodeSync(reports(1, 3)).bytes);
    fc.assert(
      fc.property(fc.nat({ max: sample.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Uint8Array.from(sample);
        bytes[at]! ^= flip;
        try {
          checkUpMessage(decodeSync({ bytes, deflated: false }));
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it.each<[unknown, string]>([
    [
      null,
      'message type undefined, expected one of reports, states, snapshot, digest, devices, proposals, machine',
    ],
    [
      { type: 'acked', seq: 1 },
      'message type acked, expected one of reports, states, snapshot, digest, devices, proposals, machine',
    ],
    [{ type: 'toString' }, 'message type toString, expected one of'],
    [{ type: 'reports' }, 'updates is undefined, expected a list'],
    [{ type: 'reports', updates: [{ seq: -1 }] }, 'seq is -1, expected a whole number from 0'],
    [{ type: 'reports', updates: [{ seq: 1, device: 3 }] }, 'device is 3, expected text'],
    [{ type: 'states', states: [[]] }, 'states is a list, expected a map'],
    [{ type: 'machine' }, 'machine: expected a map'],
    [{ type: 'machine', machine: machine({ cpus: -1 }) }, 'machine.cpus: expected a whole number from 0'],
    [
      { type: 'machine', machine: machine({ osImage: 'x'.repeat(1025) }) },
      'machine.osImage: expected text of',
    ],
    [
      { type: 'machine', machine: machine({ addresses: ['10.0.0.7', '10.0.0.7'] }) },
      'machine.addresses: expected at most 16 different IP addresses',
    ],
    [
      { type: 'machine', machine: machine({ addresses: ['gateway'] }) },
      'machine.addresses: expected at most',
    ],
    [
      { type: 'machine', machine: machine({ architecture: 'a/b' }) },
      'machine.architecture: expected at most 63 letters and digits',
    ],
    [
      { type: 'machine', machine: { ...machine(), pressure: { memory: 1 } } },
      'machine.pressure.memory: expected true or false',
    ],
    [{ type: 'digest', buckets: [1, 2] }, 'buckets is a list of 2, expected a list of 256'],
    [{ type: 'digest', buckets: [-1] }, 'buckets is -1, expected a whole number from 0'],
    [{ type: 'devices', buckets: [256] }, 'buckets is 256, expected a whole number from 0 to 255'],
    [{ type: 'devices', buckets: [], devices: [{ device: 'a/b' }] }, 'uid is undefined, expected text'],
  ])('[W14] refuses %j in words', (message, words) => {
    expect(() => checkUpMessage(message)).toThrow(words);
  });
});
