import type { DeviceObject, TwinProperty } from '../twin/device-object.ts';

/** One property's new desired value. */
export interface DesiredWrite {
  property: string;
  /** As Kubernetes carries it: text. */
  value: string;
  /** Replaces all keys under `octograph.dev/`; the keys of others stay. */
  metadata: Record<string, string>;
  /** The value that must stand there; null or empty: none. Undefined: whatever stands there. */
  expected?: string | null;
}

/** RFC 6902. */
export type JsonPatchOperation =
  | { op: 'test' | 'add' | 'replace'; path: string; value: unknown }
  | { op: 'remove'; path: string };

export type DesiredPlan =
  | { kind: 'patch'; operations: JsonPatchOperation[] }
  /** Every write stands there already, with this very metadata: a retry of one that got through. */
  | { kind: 'done' }
  /** An `expected` value does not stand there. */
  | { kind: 'changed'; property: string; actual: string | null };

const OURS = 'octograph.dev/';

/**
 * The JSON patch that brings all the writes into a Device, or none of them. Each replaced value is tested as a whole, with
 * its metadata. JSON patch cannot test that something is absent: where a value or a property is new, the object's version is
 * tested in its place, so that two writers cannot both add it.
 */
export function planDesired(device: DeviceObject, writes: DesiredWrite[]): DesiredPlan {
  const properties = device.spec.properties ?? [];
  const tests: JsonPatchOperation[] = [test('/metadata/uid', device.metadata.uid)];
  const changes: JsonPatchOperation[] = [];
  const added: Array<{ name: string; desired: TwinProperty }> = [];

  for (const write of writes) {
    const index = properties.findIndex(({ name }) => name === write.property);
    const current = properties[index]?.desired;
    const desired = { value: write.value, metadata: { ...foreign(current?.metadata), ...write.metadata } };
    if (current && stands(current, write)) continue;
    if (write.expected !== undefined && (current?.value ?? '') !== (write.expected ?? '')) {
      return { kind: 'changed', property: write.property, actual: current?.value || null };
    }
    const path = `/spec/properties/${index}`;
    if (index < 0) {
      added.push({ name: write.property, desired });
    } else if (current) {
      tests.push(test(`${path}/name`, write.property), test(`${path}/desired`, current));
      changes.push({ op: 'replace', path: `${path}/desired`, value: desired });
    } else {
      tests.push(test(`${path}/name`, write.property));
      changes.push({ op: 'add', path: `${path}/desired`, value: desired });
    }
  }

  if (added.length > 0 && !device.spec.properties) {
    changes.push({ op: 'add', path: '/spec/properties', value: added });
  } else {
    for (const property of added) changes.push({ op: 'add', path: '/spec/properties/-', value: property });
  }
  if (changes.length === 0) return { kind: 'done' };
  if (changes.some(({ op }) => op === 'add')) {
    tests.push(test('/metadata/resourceVersion', device.metadata.resourceVersion));
  }
  return { kind: 'patch', operations: [...tests, ...changes] };
}

const test = (path: string, value: unknown): JsonPatchOperation => ({ op: 'test', path, value });

function stands({ value, metadata }: TwinProperty, write: DesiredWrite): boolean {
  const given = Object.entries(write.metadata);
  // Without metadata of ours the write has no identity: writing it again is then the safe thing.
  return given.length > 0 && value === write.value && given.every(([key, text]) => metadata?.[key] === text);
}

function foreign(metadata: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !key.startsWith(OURS)));
}
