import { createHash } from 'node:crypto';
import { codeOf, messageOf } from '../lib/errors.ts';
import { foreignTopicProblem } from '../lib/mqtt-topic.ts';
import { checkEnd } from '../twin/change.ts';
import { bytesOf, MAX_MESSAGE_BYTES, type Qos } from '../twin/message.ts';
import type { Context } from './context.ts';
import type { PayloadEncoding, PublicationOutcome } from './message.ts';
import { idempotencyKeyFrom, timeoutFrom } from './request-bounds.ts';

export interface PublishInput {
  nodeName: string;
  topic: string;
  payload: string;
  encoding?: PayloadEncoding | null;
  qos?: number | null;
  retain?: boolean | null;
  /** Milliseconds since the epoch, in the cloud's time. */
  expiresAt?: number | null;
  timeoutMs?: number | null;
  /** The same key of the same principal is the same message, for 24 hours. */
  idempotencyKey?: string | null;
}

const DAY_MS = 24 * 3_600_000;

/** What a client can mend, or has to know: results. That the store refuses, say, is an error. */
const RESULTS = new Set([
  'NODE_NOT_FOUND',
  'QUEUE_FULL',
  'BUS_ABSENT',
  'BUS_UNREACHABLE',
  'BUS_REFUSED',
  'BUS_FULL',
  'BUS_TIMEOUT',
]);

/** Checks, keeps, and waits until the node's bus has it or the time is over. */
export async function publish(input: PublishInput, context: Context): Promise<PublicationOutcome> {
  const timeoutMs = timeoutFrom(input.timeoutMs, 0);
  const idempotencyKey = idempotencyKeyFrom(input.idempotencyKey);
  const { clock, messages, principal, createId } = context;
  const { nodeName, topic, retain } = input;
  const problem = foreignTopicProblem(topic);
  if (problem !== undefined)
    return rejected('TOPIC_FORBIDDEN', `topic is ${JSON.stringify(topic)}: ${problem}`);
  const qos = input.qos ?? 1;
  if (!isQos(qos)) return rejected('INVALID_VALUE', `qos is ${qos}: expected 0, 1 or 2`);
  const payload = bytesFrom(input.payload, input.encoding ?? 'TEXT');
  if (!payload) return rejected('INVALID_VALUE', 'payload is no base64 (RFC 4648, with padding)');
  const bytes = bytesOf({ topic, payload });
  if (bytes > MAX_MESSAGE_BYTES) {
    const message = `topic and payload have ${bytes} bytes: expected at most ${MAX_MESSAGE_BYTES}`;
    return rejected('MESSAGE_TOO_LONG', message);
  }
  const now = clock.now();
  const wish = {
    id: createId('msg'),
    nodeName,
    topic,
    payload,
    qos,
    retain: retain ?? false,
    expiresAt: input.expiresAt ?? now + DAY_MS,
    timeoutMs,
    principal: principal.name,
    idempotencyKey,
    digest: digestOf([nodeName, topic, payload, qos, retain ?? false]),
  };
  const record = idempotencyKey === undefined ? undefined : messages.record(principal.name, idempotencyKey);
  const known = record && record.createdAt >= now - DAY_MS ? record : undefined;
  if (known && known.digest !== wish.digest) {
    const message = `idempotencyKey ${idempotencyKey} belongs to message ${known.id}, which says something else`;
    return rejected('IDEMPOTENCY_KEY_REUSED', message);
  }
  if (known?.state === 'PUBLISHED') return { kind: 'MessagePublished', id: known.id };
  if (known?.refusal) return { kind: 'MessageRejected', ...known.refusal };
  const late = known ? undefined : lateProblem(input.expiresAt ?? undefined, messages.cloudNow());
  if (late !== undefined) return rejected('MESSAGE_EXPIRED', late);
  try {
    return await messages.publish(wish, known);
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (!RESULTS.has(code)) throw error;
    return rejected(code, messageOf(error));
  }
}

const rejected = (code: string, message: string): PublicationOutcome => ({
  kind: 'MessageRejected',
  code,
  message,
});

/** Both in the cloud's time: a node's own clock may be wrong. */
function lateProblem(expiresAt: number | undefined, cloudNow: number | undefined): string | undefined {
  if (expiresAt !== undefined && cloudNow === undefined)
    return 'it has an end, and this node has not heard the time from the cloud since it started';
  return checkEnd(expiresAt, cloudNow ?? 0)?.message;
}

const isQos = (qos: number): qos is Qos => qos === 0 || qos === 1 || qos === 2;

/** Undefined for a text that is not what the encoding says: what Node cannot read of base64 it leaves out without a word. */
function bytesFrom(payload: string, encoding: PayloadEncoding): Uint8Array | undefined {
  const bytes = Buffer.from(payload, encoding === 'BASE64' ? 'base64' : 'utf8');
  return encoding === 'TEXT' || bytes.toString('base64') === payload ? bytes : undefined;
}

function digestOf(parts: ReadonlyArray<string | number | boolean | Uint8Array>): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'object' ? part : Buffer.from(String(part));
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('base64');
}
