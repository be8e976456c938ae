import { kubeTime } from './kube-object.ts';
import { type FieldType, type Message, PROTOBUF_KINDS } from './protobuf-messages.ts';
import { badRequest } from './status.ts';

/**
 * Reads the protobuf form of the few kinds that kubectl sends in it whatever the server says it takes: those of `kubectl
 * create`, `auth` and `drain`. Answers are always JSON.
 */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0');
const TYPE_META: Message = { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] };
const ENVELOPE: Message = { 1: ['typeMeta', { message: TYPE_META }], 2: ['raw', 'bytes'] };
const TIME: Message = { 1: ['seconds', 'integer'] };
const textEntry: Message = { 1: ['key', 'string'], 2: ['value', 'string'] };
const bytesEntry: Message = { 1: ['key', 'string'], 2: ['value', 'bytes'] };

export const readsProtobufOf = (kind: string): boolean => Object.hasOwn(PROTOBUF_KINDS, kind);

/** @throws ApiError 400 for bytes that are no such object. */
export function decodeProtobuf(body: Buffer): unknown {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed('the prefix k8s\\0 is missing');
  const { typeMeta, raw } = readMessage(body.subarray(MAGIC.length), ENVELOPE) as {
    typeMeta?: { apiVersion?: string; kind?: string };
    raw?: string;
  };
  const { apiVersion, kind = '' } = typeMeta ?? {};
  const message = readsProtobufOf(kind) ? PROTOBUF_KINDS[kind] : undefined;
  if (!message) throw malformed(`the kind ${JSON.stringify(kind)} is not read in this form`);
  return { apiVersion, kind, ...readMessage(Buffer.from(raw ?? '', 'base64'), message) };
}

const malformed = (detail: string) =>
  badRequest(`the object provided is unrecognized (must be of type ${PROTOBUF}): ${detail}`);

function readMessage(bytes: Buffer, message: Message): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { number, value } of wireFields(bytes)) {
    const field = message[number];
    if (!field) continue;
    const [name, type] = field;
    const read = readValue(value, type);
    if (typeof type === 'object' && 'map' in type) {
      const { key = '', value: entry = '' } = read as { key?: string; value?: string };
      result[name] = { ...(result[name] as object | undefined), [key]: entry };
    } else if (typeof type === 'object' && 'list' in type) {
      result[name] = [...((result[name] as unknown[] | undefined) ?? []), read];
    } else if (read !== '' && read !== undefined) {
      // Go writes empty text where JSON writes nothing.
      result[name] = read;
    }
  }
  return result;
}

function readValue(value: Buffer | bigint, type: FieldType): unknown {
  if (type === 'boolean' || type === 'integer') {
    if (typeof value !== 'bigint') throw malformed('a number is expected where bytes are');
    return type === 'boolean' ? value !== 0n : Number(BigInt.asIntN(64, value));
  }
  if (typeof value === 'bigint') throw malformed('bytes are expected where a number is');
  if (type === 'string') return value.toString();
  if (type === 'bytes') return value.toString('base64');
  if (type === 'time') {
    const { seconds } = readMessage(value, TIME);
    return typeof seconds === 'number' && seconds > 0 ? kubeTime(seconds * 1000) : undefined;
  }
  if ('map' in type) {
    return readMessage(value, type.map === 'string' ? textEntry : bytesEntry);
  }
  if ('list' in type) return type.list === 'string' ? value.toString() : readMessage(value, type.list);
  return readMessage(value, type.message);
}

/** The fields of one message as they stand on the wire. */
function* wireFields(bytes: Buffer): Generator<{ number: number; value: Buffer | bigint }> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed('a number is cut off');
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    if ((tag & 7) === 0) yield { number, value: varint() };
    else if ((tag & 7) === 2) {
      const length = Number(varint());
      if (length > bytes.length - at) throw malformed('a field is cut off');
      yield { number, value: bytes.subarray(at, at + length) };
      at += length;
    } else throw malformed(`wire type ${tag & 7} is not read`);
  }
}
