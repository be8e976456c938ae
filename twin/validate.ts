import type { DeviceModelObject, DeviceObject } from './device-object.ts';
import { propertiesOf } from './model.ts';
import { parseText, VALUE_TYPES } from './value.ts';

/** Something about a Device or DeviceModel that is not as it should be. */
export interface Finding {
  /** An error refuses the object; a warning is told, and no more. */
  severity: 'error' | 'warning';
  /** As Kubernetes writes paths: `spec.properties[2].desired.value`. */
  field: string;
  /** The value that stands there, and what was expected. */
  message: string;
}

/** What is known of the model that a device names. */
export type ModelLookup =
  | { kind: 'found'; model: DeviceModelObject }
  | { kind: 'missing' }
  /** Nobody can say now whether it exists: `why` says for what reason. */
  | { kind: 'unknown'; why: string };

const NUMERIC = ['INT', 'FLOAT', 'DOUBLE'];
const ACCESS_MODES = ['ReadWrite', 'ReadOnly'];

/** `spec.properties[0].name: …`, as Kubernetes words it. */
export const findingText = ({ field, message }: Finding): string => `${field}: ${message}`;

/** What is wrong with a model by itself. */
export function validateModel({ spec }: DeviceModelObject): Finding[] {
  const properties = spec?.properties ?? [];
  return [
    ...uniqueNames('spec.properties', properties),
    ...properties.flatMap((property, index) => {
      const at = `spec.properties[${index}]`;
      const { type, accessMode } = property;
      return [
        ...oneOf(`${at}.type`, type?.toUpperCase(), VALUE_TYPES),
        ...oneOf(`${at}.accessMode`, accessMode, ACCESS_MODES),
        ...bounds(at, property),
      ];
    }),
  ];
}

/** What is wrong with a device, seen against its model. How its visitors look is the mapper's matter. */
export function validateDevice(device: DeviceObject, lookup: ModelLookup): Finding[] {
  const { properties = [], methods = [] } = device.spec ?? {};
  return [
    ...uniqueNames('spec.properties', properties),
    ...uniqueNames('spec.methods', methods),
    ...properties.flatMap((property, index) => [
      ...cycle(`spec.properties[${index}].collectCycle`, property.collectCycle),
      ...cycle(`spec.properties[${index}].reportCycle`, property.reportCycle),
    ]),
    ...againstModel(device, lookup),
  ];
}

/**
 * What a change is answerable for: an error that stood there before is told as a warning. Whoever changes something else, or
 * writes a status, is not refused for it.
 */
export function findingsOfChange(before: readonly Finding[], after: readonly Finding[]): Finding[] {
  // Without the index: entries before it may have come or gone.
  const keyOf = ({ field, message }: Finding) => `${field.replaceAll(/\[\d+\]/g, '[]')}: ${message}`;
  const known = new Set(before.map(keyOf));
  return after.map((finding) => (known.has(keyOf(finding)) ? { ...finding, severity: 'warning' } : finding));
}

function againstModel(device: DeviceObject, lookup: ModelLookup): Finding[] {
  const field = 'spec.deviceModelRef.name';
  const name = device.spec?.deviceModelRef?.name;
  const where = `a DeviceModel in namespace ${device.metadata?.namespace ?? 'default'}`;
  if (!name) return [error(field, `is not set; expected the name of ${where}`)];
  switch (lookup.kind) {
    case 'missing':
      return [error(field, `${show(name)} does not exist; expected the name of ${where}`)];
    case 'unknown':
      return [warning(field, `${show(name)} was not checked: ${lookup.why}`)];
    case 'found':
      return desiredValues(device, lookup.model);
  }
}

function desiredValues(device: DeviceObject, model: DeviceModelObject): Finding[] {
  const known = new Map(propertiesOf(device, model).map((property) => [property.name, property]));
  return (device.spec.properties ?? []).flatMap(({ name, desired }, index) => {
    const at = `spec.properties[${index}]`;
    const property = known.get(name);
    // Empty is no desired value, as in KubeEdge.
    const text = desired?.value || undefined;
    if (!property) {
      const names = [...known.keys()].join(', ') || 'none';
      const message = `${show(name)} is no property of DeviceModel ${model.metadata.name}; expected one of: ${names}`;
      return [text === undefined ? warning(`${at}.name`, message) : error(`${at}.name`, message)];
    }
    if (text === undefined) return [];
    const field = `${at}.desired.value`;
    if (property.accessMode === 'READ_ONLY') {
      return [error(field, `${show(text)} is set for ${name}, which is ReadOnly; expected no desired value`)];
    }
    const checked = parseText(property, text);
    return checked.ok ? [] : [error(field, checked.reason)];
  });
}

function uniqueNames(list: string, entries: ReadonlyArray<{ name?: string }>): Finding[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ name }, index) => {
    const field = `${list}[${index}].name`;
    if (!name) return [error(field, 'is empty; expected a name')];
    const before = first.get(name);
    if (before !== undefined) {
      return [error(field, `${show(name)} is the name of ${list}[${before}] already; expected unique names`)];
    }
    first.set(name, index);
    return [];
  });
}

function bounds(at: string, property: { type?: string; minimum?: string; maximum?: string }): Finding[] {
  const isNumeric = NUMERIC.includes((property.type ?? '').toUpperCase());
  const findings: Finding[] = [];
  const numberAt = (bound: 'minimum' | 'maximum'): number | undefined => {
    const text = property[bound];
    if (!text) return undefined;
    const field = `${at}.${bound}`;
    if (!isNumeric) {
      const type = property.type || 'no type';
      findings.push(
        warning(field, `${show(text)} has no effect on ${type}; expected it on ${NUMERIC.join(', ')}`),
      );
      return undefined;
    }
    const number = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(number)) return number;
    findings.push(error(field, `${show(text)} is no number; expected a decimal number as text`));
    return undefined;
  };
  const minimum = numberAt('minimum');
  const maximum = numberAt('maximum');
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    const message = `${minimum} is above the maximum ${maximum}; expected minimum ≤ maximum`;
    findings.push(error(`${at}.minimum`, message));
  }
  return findings;
}

function oneOf(field: string, value: string | undefined, allowed: readonly string[]): Finding[] {
  if (value === undefined || allowed.includes(value)) return [];
  return [error(field, `${show(value)} is unknown; expected one of: ${allowed.join(', ')}`)];
}

function cycle(field: string, ms: number | undefined): Finding[] {
  if (ms === undefined || ms >= 0) return [];
  return [error(field, `${ms} is negative; expected milliseconds, 0 meaning 1000`)];
}

const error = (field: string, message: string): Finding => ({ severity: 'error', field, message });
const warning = (field: string, message: string): Finding => ({ severity: 'warning', field, message });
const show = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
