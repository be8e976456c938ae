import type { DeviceModelObject, DeviceObject } from './device-object.ts';

/** The annotation of a Device or a DeviceModel: `true`, or names of properties with commas between. */
export const LOCAL_ONLY = 'octograph.dev/local-only';

/** What of a device never leaves its node. */
export interface LocalOnly {
  /** The device as a whole: its state and its methods too. */
  device: boolean;
  keeps(property: string): boolean;
  /** Why more is kept than the annotation names, in words for whoever wrote it. */
  problems: string[];
}

const NOTHING: LocalOnly = { device: false, keeps: () => false, problems: [] };

/** [T23] What the annotations of a device and of its model keep on the node; where they cannot be followed, all of it. */
export function localOnlyOf(
  device: DeviceObject | undefined,
  model: DeviceModelObject | undefined,
): LocalOnly {
  const texts = [device, model].map((object) => object?.metadata.annotations?.[LOCAL_ONLY]);
  if (texts.every((text) => text === undefined)) return NOTHING;
  const known = new Set(model?.spec.properties?.map(({ name }) => name));
  const names = new Set<string>();
  const problems: string[] = [];
  let isWhole = false;
  for (const text of texts) {
    if (text === undefined || text === 'false') continue;
    const named = text.split(',').map((name) => name.trim());
    const unknown = named.filter((name) => !known.has(name));
    if (text !== 'true' && unknown.length > 0) problems.push(problemOf(text, unknown, known));
    if (text === 'true' || unknown.length > 0) isWhole = true;
    for (const name of named) names.add(name);
  }
  return { device: isWhole, keeps: (property) => isWhole || names.has(property), problems };
}

/**
 * [T25] Whether what a method answers may tell of what is local only: it names such a property, or names none on a device that has
 * one. A method that the device does not name is not called anyway.
 */
export function methodIsLocalOnly(
  device: DeviceObject,
  model: DeviceModelObject | undefined,
  method: string,
): boolean {
  const { device: isWhole, keeps } = localOnlyOf(device, model);
  if (isWhole) return true;
  const names = device.spec.methods?.find(({ name }) => name === method)?.propertyNames ?? [];
  if (names.length > 0) return names.some(keeps);
  return model?.spec.properties?.some(({ name }) => keeps(name)) ?? false;
}

/** An Event holds 1024 characters. */
function problemOf(text: string, unknown: readonly string[], known: ReadonlySet<string>): string {
  const says = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  const lacks = some(unknown.map((name) => JSON.stringify(name)));
  const expected = `expected true, false or properties of the model (${some([...known]) || 'it has none'})`;
  return `${LOCAL_ONLY} is ${says}: ${expected}, not ${lacks}. Until it is right the whole device is local only`;
}

function some(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => (name.length > 50 ? `${name.slice(0, 50)}…` : name));
  return [...first, ...(names.length > 5 ? ['…'] : [])].join(', ');
}
