/** What an app asks of one property; text, as everything in KubeEdge. An empty `expected` takes the wish back. */
export interface TwinChange {
  property: string;
  expected?: string;
  actual?: string;
}

export type ParsedUpdate =
  | { ok: true; eventId: string; changes: TwinChange[] }
  | { ok: false; eventId: string; reason: string };

/** KubeEdge's own words. Source: kubeedge pkg/common/dttype. */
const UNREADABLE = 'Unmarshal update request body failed, please check the request';
const NO_TWIN = 'Update twin error, key:twin does not exist';
const ALLOWED =
  'must only include upper or lowercase letters, number, english, and special letter - _ . , : / @ # and the length of';
const BAD_KEY = `The key of twin ${ALLOWED} key should be less than 128 bytes`;
const BAD_VALUE = `The value of twin ${ALLOWED} value should be less than 512 bytes`;
const KEY = /^[a-zA-Z0-9\-_.,:/@#]{1,128}$/;
const VALUE = /^[a-zA-Z0-9\-_.,:/@#]{1,512}$/;

/** `twin/update`: `{"event_id":"…","timestamp":…,"twin":{"temperature":{"actual":{"value":"21.5"}}}}` */
export function parseTwinUpdate(payload: string): ParsedUpdate {
  const body = parseObject(payload);
  const eventId = typeof body?.event_id === 'string' ? body.event_id : '';
  const fail = (reason: string): ParsedUpdate => ({ ok: false, eventId, reason });
  if (!body || !isText(body.event_id)) return fail(UNREADABLE);
  if (body.twin === undefined || body.twin === null) return fail(NO_TWIN);
  const twin = asObject(body.twin);
  if (!twin) return fail(UNREADABLE);
  const changes: TwinChange[] = [];
  for (const [property, asked] of Object.entries(twin)) {
    if (!KEY.test(property)) return fail(BAD_KEY);
    if (asked === null)
      return fail(`${property} is a property of the device's model: its twin cannot be deleted`);
    const change = changeOf(property, asked);
    if (!change) return fail(UNREADABLE);
    for (const text of [change.expected, change.actual])
      if (text && !VALUE.test(text)) return fail(BAD_VALUE);
    changes.push(change);
  }
  return { ok: true, eventId, changes };
}

/** `twin/get`, `membership/get`: only the event id counts. Undefined where it is no JSON object. */
export function parseEventId(payload: string): { eventId: string } | undefined {
  const body = parseObject(payload);
  if (!body || !isText(body.event_id)) return undefined;
  return { eventId: (body.event_id as string | undefined) ?? '' };
}

/** `state/update`: the state as it was written, in lower case. */
export function parseStateUpdate(payload: string): string | undefined {
  const state = parseObject(payload)?.state;
  return typeof state === 'string' ? state.toLowerCase() : undefined;
}

function changeOf(property: string, asked: unknown): TwinChange | undefined {
  const twin = asObject(asked);
  if (!twin) return undefined;
  const expected = textOf(twin.expected);
  const actual = textOf(twin.actual);
  if (expected === false || actual === false) return undefined;
  return {
    property,
    ...(expected !== undefined && { expected }),
    ...(actual !== undefined && { actual }),
  };
}

/** Undefined where there is none, false where it is not text. */
function textOf(value: unknown): string | undefined | false {
  if (value === undefined || value === null) return undefined;
  const text = asObject(value)?.value;
  if (text === undefined || text === null) return undefined;
  return typeof text === 'string' ? text : false;
}

const isText = (value: unknown) => value === undefined || value === null || typeof value === 'string';

function parseObject(payload: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(payload));
  } catch {
    return undefined;
  }
}

const asObject = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
