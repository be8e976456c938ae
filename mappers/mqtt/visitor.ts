import type { PropertyModel } from '../../twin/model.ts';
import { type BinaryField, type BinaryFormat, NUMBER_BYTES, type NumberFormat } from '../binary-codec.ts';
import { ConfigReader } from '../config-reader.ts';

export type PayloadFormat = 'json' | 'plain' | 'binary';

/** How one property is told and set. */
export interface MqttVisitor {
  property: PropertyModel;
  /** Where the device tells the value; no wildcards. */
  topic: string;
  payload: PayloadFormat;
  /** Where in a JSON payload, `air.co2` or `sensors.0.value`; empty for the whole of it. */
  jsonPath: string[];
  /** Where in a binary payload, and how; only for those. */
  binary?: BinaryPart;
  qos: 0 | 1 | 2;
  set?: {
    topic: string;
    /** `{{value}}` stands for the value: as JSON in a JSON payload, as it is in a plain one, in hexadecimal in a binary one. */
    template: string;
    retain: boolean;
    /** Where the device answers with the value that it took; `topic` where it is left out. */
    ackTopic: string;
  };
}

export interface BinaryPart extends BinaryField {
  /** First byte; `byteLength` 0 takes all the rest. */
  byteOffset: number;
}

/** Undefined where the property has no visitor at all: the device has it, but nobody listens. */
export function parseVisitor(property: PropertyModel, device: string): MqttVisitor | undefined {
  if (Object.keys(property.visitor).length === 0) return undefined;
  const config = new ConfigReader(property.visitor, `${device}, property ${property.name}`);
  const topic = topicOf(config, 'topic');
  const payload = config.choice('payload', ['json', 'plain', 'binary'], 'json');
  return {
    property,
    topic,
    payload,
    jsonPath: pathOf(config.text('jsonPath', '')),
    binary: payload === 'binary' ? binaryOf(config, property) : undefined,
    qos: config.integer('qos', { min: 0, max: 2 }, 1) as 0 | 1 | 2,
    set: config.has('setTopic')
      ? {
          topic: topicOf(config, 'setTopic'),
          template: templateOf(config, payload),
          retain: config.boolean('retain', false),
          ackTopic: config.has('ackTopic') ? topicOf(config, 'ackTopic') : topic,
        }
      : undefined,
  };
}

export function topicOf(config: ConfigReader, field: string): string {
  const topic = config.text(field);
  return /[#+\0]/.test(topic) ? config.fail(field, 'a topic without wildcards') : topic;
}

function templateOf(config: ConfigReader, payload: PayloadFormat): string {
  const template = config.text('setPayload', '{{value}}');
  if (!template.includes('{{value}}')) return config.fail('setPayload', 'text with {{value}} in it');
  const isHex = /^(?:[0-9a-f]{2})*$/i.test(template.replace('{{value}}', ''));
  return payload !== 'binary' || isHex ? template : config.fail('setPayload', 'hexadecimal around {{value}}');
}

const FORMATS = [...(Object.keys(NUMBER_BYTES) as NumberFormat[]), 'bit', 'string', 'bytes'] as const;

function binaryOf(config: ConfigReader, { name, type }: PropertyModel): BinaryPart {
  const fallback = type === 'STRING' ? 'string' : type === 'BYTES' ? 'bytes' : undefined;
  const format = config.choice('dataType', FORMATS, fallback);
  const isLittle = config.boolean('littleEndian', false);
  const bit = config.integer('bit', { min: 0, max: 15 }, 0);
  return {
    property: name,
    type,
    format,
    byteOffset: config.integer('byteOffset', { min: 0, max: 262_144 }, 0),
    byteLength: lengthOf(config, format),
    bit,
    bits: config.integer('bits', { min: 1, max: 16 - bit }, 1),
    // All bytes in reverse order.
    isSwap: isLittle,
    isRegisterSwap: isLittle,
    scale: config.number('scale', 1) || 1,
    shift: config.number('shift', 0),
  };
}

function lengthOf(config: ConfigReader, format: BinaryFormat): number {
  if (format === 'bit') return 2;
  if (format === 'string' || format === 'bytes')
    return config.integer('byteLength', { min: 0, max: 262_144 }, 0);
  return NUMBER_BYTES[format];
}

/** `$.air.co2` and `air.co2` are the same path. */
export const pathOf = (path: string) =>
  path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter(Boolean);
