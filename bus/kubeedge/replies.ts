import { encodeGoJson, type GoStruct, type GoValue } from './go-json.ts';

/** What every message of the bus begins with. */
export interface Base {
  eventId: string;
  /** Wall clock, milliseconds. */
  timestamp: number;
}

export interface TextValue {
  text: string;
  /** Wall clock, milliseconds. */
  at: number;
}

/** One property as KubeEdge's programs see it. */
export interface MsgTwin {
  property: string;
  /** `int`, `double`, `float`, `boolean`, `string`, `bytes` */
  type: string;
  /** What somebody wants. */
  expected?: TextValue;
  /** What the device said. */
  actual?: TextValue;
}

export interface BusDevice {
  /** `<namespace>/<name>` */
  id: string;
  name: string;
  state: string;
  /** Wall clock, milliseconds. */
  lastOnlineAt?: number;
}

export const RESULT_CODE = { badRequest: 400, notFound: 404, internal: 500 } as const;
export type ResultCode = (typeof RESULT_CODE)[keyof typeof RESULT_CODE];

/** `twin/get/result`, `twin/update/result` */
export const encodeTwins = (base: Base, twins: readonly MsgTwin[]) => encode(base, { twin: twinMap(twins) });

/** Any `…/result` that says no. */
export const encodeFailure = (base: Base, code: ResultCode, reason: string) => encode(base, { code, reason });

/** `twin/update/document`; undefined stands for a property that was not known before. */
export const encodeDocument = (
  base: Base,
  steps: ReadonlyArray<{ last: MsgTwin | undefined; current: MsgTwin }>,
) =>
  encode(base, {
    twin: new Map(
      steps.map(({ last, current }) => [
        current.property,
        { last: last ? twinStruct(last) : null, current: twinStruct(current) },
      ]),
    ),
  });

/** `twin/update/delta`: all that is wanted, and of that what is not so yet. Undefined where everything is as it is wanted. */
export function encodeDelta(base: Base, twins: readonly MsgTwin[]): string | undefined {
  const wanted = twins.filter(({ expected }) => expected && expected.text !== '');
  const different = wanted.filter(({ expected, actual }) => expected?.text !== actual?.text);
  if (different.length === 0) return undefined;
  const delta = new Map(different.map(({ property, expected }) => [property, expected?.text ?? '']));
  return encode(base, { twin: twinMap(wanted), delta });
}

/** `state/update/result` */
export const encodeState = (base: Base, { name, state, lastOnlineAt }: BusDevice) =>
  encode(base, { device: { name, state, lastOnlineTime: timeOf(lastOnlineAt) } });

/** `membership/get/result` */
export const encodeMembership = (base: Base, devices: readonly BusDevice[]) =>
  encode(base, { devices: devices.map(deviceStruct) });

/** `membership/updated`. The list that nothing happened to is null, as a Go slice that was never made. */
export const encodeMembershipChange = (
  base: Base,
  added: readonly BusDevice[],
  removed: readonly BusDevice[],
) =>
  encode(base, {
    added_devices: added.length > 0 ? added.map(deviceStruct) : null,
    removed_devices: removed.length > 0 ? removed.map(({ id, name }) => ({ id, name })) : null,
  });

const encode = ({ eventId, timestamp }: Base, body: GoStruct) =>
  encodeGoJson({ event_id: eventId, timestamp, ...body });

const twinMap = (twins: readonly MsgTwin[]) =>
  new Map<string, GoValue>(twins.map((twin) => [twin.property, twinStruct(twin)]));

const twinStruct = ({ expected, actual, type }: MsgTwin): GoStruct => ({
  expected: expected && valueStruct(expected),
  actual: actual && valueStruct(actual),
  optional: true,
  metadata: { type },
});

const valueStruct = ({ text, at }: TextValue): GoStruct => ({
  value: text,
  metadata: { timestamp: at },
});

const deviceStruct = ({ id, name, state, lastOnlineAt }: BusDevice): GoStruct => ({
  id,
  name,
  state,
  last_online: timeOf(lastOnlineAt),
});

/** `2026-01-02T03:04:05Z` */
const timeOf = (ms: number | undefined) =>
  ms === undefined ? undefined : `${new Date(ms).toISOString().slice(0, 19)}Z`;
