import { OctographError } from '../lib/errors.ts';

/**
 * Reads a device's free-form configData field by field.
 * Numbers and booleans may come as text, as they do in many KubeEdge manifests.
 * All of its methods throw OctographError `MAPPER_CONFIG` naming device, property, field, value and expectation.
 */
export class ConfigReader {
  readonly #config: Record<string, unknown>;
  readonly #where: string;

  /** @param where names the device, and the property if there is one: `default/boiler, property temperature` */
  constructor(config: Record<string, unknown>, where: string) {
    this.#config = config;
    this.#where = where;
  }

  has(field: string): boolean {
    const value = this.#config[field];
    return value !== undefined && value !== null && value !== '';
  }

  /** The first of the names that is set, for fields that go by several. */
  named(...fields: [string, ...string[]]): string {
    return fields.find((field) => this.has(field)) ?? fields[0];
  }

  text(field: string, fallback?: string): string {
    if (!this.has(field) && fallback !== undefined) return fallback;
    const value = this.#config[field];
    return typeof value === 'string' && value !== '' ? value : this.fail(field, 'text');
  }

  integer(field: string, range: { min: number; max: number }, fallback?: number): number {
    const expectation = `an integer from ${range.min} to ${range.max}`;
    const value = this.number(field, fallback, expectation);
    const fits = Number.isInteger(value) && value >= range.min && value <= range.max;
    return fits ? value : this.fail(field, expectation);
  }

  number(field: string, fallback?: number, expectation = 'a number'): number {
    if (!this.has(field) && fallback !== undefined) return fallback;
    const value = this.#config[field];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : this.fail(field, expectation);
  }

  boolean(field: string, fallback: boolean): boolean {
    if (!this.has(field)) return fallback;
    const text = String(this.#config[field]).toLowerCase();
    return text === 'true' || (text !== 'false' && this.fail(field, 'true or false'));
  }

  /** One of the choices, compared without case. */
  scalar(field: string): string | number | boolean {
    const value = this.#config[field];
    const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return isScalar ? value : this.fail(field, 'text, a number, true or false');
  }

  choice<T extends string>(field: string, choices: readonly T[], fallback?: T): T {
    if (!this.has(field) && fallback !== undefined) return fallback;
    const text = String(this.#config[field]).toLowerCase();
    const found = choices.find((choice) => choice.toLowerCase() === text);
    return found ?? this.fail(field, `one of ${choices.join(', ')}`);
  }

  /** A map of maps, `methods: { start: { … } }`; empty where the field is not set. */
  sections(field: string): Map<string, Record<string, unknown>> {
    const value = this.#config[field] ?? {};
    if (!isMap(value)) return this.fail(field, 'a map');
    for (const [name, section] of Object.entries(value)) {
      if (!isMap(section)) this.fail(field, `a map of maps; ${name} is none`);
    }
    return new Map(Object.entries(value as Record<string, Record<string, unknown>>));
  }

  fail(field: string, expectation: string): never {
    const value = this.#config[field];
    const got = value === undefined ? 'it is missing' : `got ${JSON.stringify(value)}`;
    throw new OctographError('MAPPER_CONFIG', `${this.#where}: ${field} must be ${expectation}; ${got}`);
  }
}

const isMap = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
