import { compares } from './comparison.ts';
import type { DeviceObject, TwinProperty } from './device-object.ts';
import type { PropertyModel } from './model.ts';
import type { Desired, Proposal, Reported, ReportedCondition } from './twin.ts';
import { sameValue } from './twin.ts';
import { checkValue, encodeText, parseText, type TwinValue } from './value.ts';

const VALUE = 'octograph.dev/value';
const CHANGE = 'octograph.dev/change';
const SET_BY = 'octograph.dev/set-by';
const SET_AT = 'octograph.dev/set-at';
const EXPIRES_AT = 'octograph.dev/expires-at';
const IF_REPORTED = 'octograph.dev/if-reported';

/**
 * [T4] Who, when and which change: it lies beside the value, with the value that it is for. Cleared is an empty value
 * without that; so an empty text can be desired too.
 */
export function encodeDesired(desired: Desired): TwinProperty & { metadata: Record<string, string> } {
  const value = encodeText(desired.value);
  const metadata: Record<string, string> = {};
  if (desired.value !== null) metadata[VALUE] = value;
  if (desired.change) metadata[CHANGE] = desired.change;
  if (desired.setBy) metadata[SET_BY] = desired.setBy;
  if (desired.setAt !== undefined) metadata[SET_AT] = new Date(desired.setAt).toISOString();
  if (desired.expiresAt !== undefined) metadata[EXPIRES_AT] = new Date(desired.expiresAt).toISOString();
  if (desired.ifReported) metadata[IF_REPORTED] = JSON.stringify(desired.ifReported);
  return { value, metadata };
}

/** [T4, T6] What the Device object asks of a property; undefined where it asks nothing. */
export function desiredOf(device: DeviceObject, model: PropertyModel): Desired | undefined {
  const standing = standingOf(device, model.name);
  if (!standing || desiredText(device, model.name) === null) return undefined;
  const provenance = provenanceOf(standing);
  const parsed = parseText(model, standing.value);
  if (!parsed.ok) return { value: standing.value, ...provenance, misfit: parsed.reason };
  return withFit(model, { value: parsed.value, ...provenance });
}

/** The text that stands as the desired value, as whoever replaces it must name it; null where none does. */
export function desiredText(device: DeviceObject, property: string): string | null {
  const standing = standingOf(device, property);
  if (!standing || standing.value === undefined) return null;
  return standing.value === '' && standing.metadata?.[VALUE] !== '' ? null : standing.value;
}

function standingOf(device: DeviceObject, property: string): TwinProperty | undefined {
  return device.spec.properties?.find(({ name }) => name === property)?.desired;
}

/** [T4] A plain `kubectl patch` that sets another value leaves our metadata behind: then it is void. */
function provenanceOf({ value, metadata }: TwinProperty): Omit<Desired, 'value'> {
  if (metadata?.[VALUE] !== value) return {};
  return {
    change: metadata[CHANGE],
    setBy: metadata[SET_BY],
    setAt: instantOf(metadata[SET_AT]),
    expiresAt: instantOf(metadata[EXPIRES_AT]),
    ifReported: conditionsOf(metadata[IF_REPORTED]),
  };
}

function instantOf(text: string | undefined): number | undefined {
  const instant = Date.parse(text ?? '');
  return Number.isNaN(instant) ? undefined : instant;
}

/** What somebody garbled is a condition that nothing meets: a precondition never falls away in silence. */
function conditionsOf(text: string | undefined): ReportedCondition[] | undefined {
  if (text === undefined) return undefined;
  try {
    const conditions: unknown = JSON.parse(text);
    if (Array.isArray(conditions) && conditions.every(isCondition)) return conditions;
  } catch {
    // Falls through to the condition that nothing meets.
  }
  return [{ property: `(unreadable: ${text.slice(0, 40)})`, value: {} }];
}

const isCondition = (condition: unknown): condition is ReportedCondition => {
  const { property, value } = (condition ?? {}) as Partial<ReportedCondition>;
  return typeof property === 'string' && typeof value === 'object' && value !== null;
};

/** [T20] The first condition that does not hold, in words; undefined where all of them do. */
export function unmetCondition(
  conditions: readonly ReportedCondition[],
  reportedOf: (property: string) => Reported | undefined,
): string | undefined {
  for (const { property, value } of conditions) {
    const reported = reportedOf(property);
    if (reported && compares(value, reported.value)) continue;
    const actual = reported ? JSON.stringify(reported.value) : 'nothing';
    return `precondition: ${property} reports ${actual}, expected ${JSON.stringify(value)}`;
  }
  return undefined;
}

/** [T6] Access mode, type, minimum and maximum, as the model has them now. */
function withFit(model: PropertyModel, desired: Desired): Desired {
  if (model.accessMode === 'READ_ONLY') {
    return { ...desired, misfit: `${model.name} is READ_ONLY: it takes no desired value` };
  }
  const checked = checkValue(model, desired.value);
  return checked.ok ? desired : { ...desired, misfit: checked.reason };
}

/** [T11] What the node acts on: an open proposal goes before what the cloud is known to want. Null clears. */
export function effectiveDesired(
  model: PropertyModel,
  cloud: Desired | undefined,
  proposal: Proposal | undefined,
): Desired | undefined {
  if (!proposal) return cloud;
  return proposal.desired.value === null ? undefined : withFit(model, proposal.desired);
}

/**
 * [T12] Whether a proposal has done its work when a Device object arrives. An open one waits for its verdict. An accepted
 * one ends with the object's generation that the verdict names. Where it names none, it ends when the object bears its change,
 * or shows anything but what it replaced or what the node had set before it.
 */
export function proposalSettled(proposal: Proposal, device: DeviceObject, model: PropertyModel): boolean {
  if (!proposal.accepted) return false;
  const { generation } = device.metadata;
  if (proposal.generation !== undefined && generation !== undefined) return generation >= proposal.generation;
  const change = changeBeside(device, model.name);
  const desired = desiredOf(device, model);
  // What the node itself set before is no later word, though it comes later.
  if (desired?.change !== undefined && proposal.replaced?.includes(desired.change)) return false;
  if (change === proposal.change || change !== proposal.baseChange) return true;
  return !sameValue(desired?.value ?? null, proposal.base);
}

const REPLACED_LIMIT = 16;

/** [T12] The proposal in the place of an open one of the same property. */
export function replacing(earlier: Proposal, proposal: Proposal): Proposal {
  const replaced = [...(earlier.replaced ?? []), earlier.change].slice(-REPLACED_LIMIT);
  return { ...proposal, replaced };
}

/**
 * The change that set a property last, void or not: it may lie below a later value, or beside none, where it was cleared. So it tells
 * that something happened in between even where the value is what it was before.
 */
export function changeBeside(device: DeviceObject, property: string): string | undefined {
  return standingOf(device, property)?.metadata?.[CHANGE];
}

/** [T13] The cloud takes a proposal whose base still stands there; otherwise its own value wins. */
export function judgeProposal(proposal: Proposal, uid: string | undefined, current: Desired | undefined) {
  if (uid !== proposal.uid) {
    return { accepted: false as const, reason: 'the device was deleted and created again meanwhile' };
  }
  const value: TwinValue = current?.value ?? null;
  if (sameValue(value, proposal.base)) return { accepted: true as const };
  return {
    accepted: false as const,
    reason: `${proposal.property} was set to ${JSON.stringify(value)} in the cloud meanwhile; the cloud wins`,
  };
}
