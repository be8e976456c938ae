import { DIGEST_BUCKETS } from '../twin/digest.ts';
import { ProtocolError } from './close-codes.ts';
import { checkMachine } from './machine-check.ts';
import type { DownMessage, UpMessage } from './messages.ts';

/**
 * [W14] What is checked of a sync message before a handler sees it: the fields that its receiver keys, orders or
 * iterates by. Values and Kubernetes objects are judged where their model is known.
 */
type Check = (value: unknown, at: string) => void;

const text: Check = (value, at) => expect(typeof value === 'string', at, 'text', value);
const boolean: Check = (value, at) => expect(typeof value === 'boolean', at, 'true or false', value);
const number: Check = (value, at) => expect(Number.isFinite(value), at, 'a finite number', value);
const count: Check = (value, at) =>
  expect(Number.isSafeInteger(value) && (value as number) >= 0, at, 'a whole number from 0', value);
const bytes: Check = (value, at) => expect(value instanceof Uint8Array, at, 'bytes', value);
const scalar: Check = (value, at) =>
  expect(
    value === null || ['string', 'number', 'boolean'].includes(typeof value),
    at,
    'a number, text, true, false or null',
    value,
  );
const oneOf =
  (...words: string[]): Check =>
  (value, at) =>
    expect(words.includes(value as string), at, words.join(', '), value);

const qos: Check = (value, at) => expect([0, 1, 2].includes(value as number), at, '0, 1 or 2', value);

const optional =
  (check: Check): Check =>
  (value, at) => {
    if (value !== undefined) check(value, at);
  };

const fields = (checks: Record<string, Check>): Check => {
  const entries = Object.entries(checks);
  return (value, at) => {
    expect(isRecord(value), at, 'a map', value);
    for (const [name, check] of entries) check((value as Record<string, unknown>)[name], name);
  };
};

const list =
  (check: Check): Check =>
  (value, at) => {
    expect(Array.isArray(value), at, 'a list', value);
    for (const item of value as unknown[]) check(item, at);
  };

const desired = fields({
  value: scalar,
  change: optional(text),
  setBy: optional(text),
  setAt: optional(number),
  expiresAt: optional(number),
});

const update = fields({
  seq: count,
  device: text,
  uid: text,
  property: text,
  reported: optional(
    fields({
      value: scalar,
      raw: optional(text),
      quality: oneOf('GOOD', 'UNCERTAIN', 'BAD'),
      observedAt: number,
    }),
  ),
  observedDesired: optional(desired),
  sync: fields({
    state: oneOf('NONE', 'PENDING', 'DELIVERED', 'IN_SYNC', 'DRIFTED', 'REJECTED', 'EXPIRED'),
    change: optional(text),
    since: number,
    reason: optional(text),
  }),
});

const deviceState = fields({
  device: text,
  uid: text,
  state: text,
  reason: optional(text),
  lastOnlineAt: optional(number),
  aliveAt: optional(number),
  byEvent: optional(boolean),
});

const proposal = fields({
  change: text,
  device: text,
  uid: text,
  property: text,
  desired,
  base: scalar,
  accepted: optional(boolean),
});

const bucket: Check = (value, at) =>
  expect(
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < DIGEST_BUCKETS,
    at,
    `a whole number from 0 to ${DIGEST_BUCKETS - 1}`,
    value,
  );

/** One for each bucket. */
const buckets =
  (check: Check): Check =>
  (value, at) => {
    list(check)(value, at);
    const { length } = value as unknown[];
    expect(length === DIGEST_BUCKETS, at, `a list of ${DIGEST_BUCKETS}`, `a list of ${length}`);
  };

const UP: Record<UpMessage['type'], Check> = {
  reports: fields({ updates: list(update), ahead: optional(boolean) }),
  states: fields({ states: list(deviceState), sentAt: number }),
  snapshot: fields({
    first: boolean,
    last: boolean,
    updates: list(update),
    states: list(deviceState),
    sentAt: number,
    devices: optional(list(text)),
    seq: optional(count),
  }),
  digest: fields({ buckets: buckets(count) }),
  devices: fields({
    buckets: list(bucket),
    devices: list(fields({ device: text, uid: text, digest: count })),
    last: boolean,
  }),
  proposals: fields({ proposals: list(proposal) }),
  machine: fields({ machine: checkMachine }),
  messages: fields({
    messages: list(fields({ seq: count, topic: text, payload: bytes, at: number })),
    seq: count,
    dropped: count,
    droppedTold: count,
  }),
  published: fields({ seq: count, refused: list(fields({ seq: count, code: text, message: text })) }),
};

const DOWN: Record<DownMessage['type'], Check> = {
  objects: fields({
    complete: boolean,
    upsert: list(fields({ kind: text, metadata: fields({ name: text }) })),
    remove: list(fields({ kind: text, namespace: text, name: text })),
  }),
  differ: fields({ buckets: list(bucket) }),
  wanted: fields({ devices: list(text) }),
  acked: fields({ seq: count, snapshot: optional(boolean) }),
  verdicts: fields({
    verdicts: list(
      fields({
        change: text,
        device: text,
        property: text,
        accepted: boolean,
        generation: optional(count),
        reason: optional(text),
      }),
    ),
  }),
  taken: fields({ seq: count }),
  publish: fields({
    queue: text,
    publications: list(
      fields({
        seq: count,
        topic: text,
        payload: bytes,
        qos,
        retain: boolean,
        expiresAt: number,
      }),
    ),
  }),
};

/** @throws ProtocolError naming message, field and expectation */
export const checkUpMessage = (value: unknown): UpMessage => checkMessage(UP, value) as UpMessage;

/** @throws ProtocolError naming message, field and expectation */
export const checkDownMessage = (value: unknown): DownMessage => checkMessage(DOWN, value) as DownMessage;

function checkMessage(checks: Record<string, Check>, value: unknown): unknown {
  const type = isRecord(value) ? value.type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(checks, type)) {
    throw new ProtocolError(
      `sync: message type ${show(type)}, expected one of ${Object.keys(checks).join(', ')}`,
    );
  }
  checks[type]!(value, type);
  return value;
}

function expect(ok: boolean, at: string, expectation: string, value: unknown): void {
  if (!ok) throw new ProtocolError(`sync: ${at} is ${show(value)}, expected ${expectation}`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a map';
  return String(value).slice(0, 40);
}
