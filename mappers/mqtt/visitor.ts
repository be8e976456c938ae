import type { PropertyModel } from '../../twin/model.ts';
import { ConfigReader } from '../config-reader.ts';

export type PayloadFormat = 'json' | 'plain';

/** How one property is told and set. */
export interface MqttVisitor {
  property: PropertyModel;
  /** Where the device tells the value; no wildcards. */
  topic: string;
  payload: PayloadFormat;
  /** Where in a JSON payload, `air.co2` or `sensors.0.value`; empty for the whole of it. */
  jsonPath: string[];
  qos: 0 | 1 | 2;
  set?: {
    topic: string;
    /** `{{value}}` stands for the value: as JSON in a JSON payload, as it is in a plain one. */
    template: string;
    /** Where the device answers with the value that it took; `topic` where it is left out. */
    ackTopic: string;
  };
}

/** Undefined where the property has no visitor at all: the device has it, but nobody listens. */
export function parseVisitor(property: PropertyModel, device: string): MqttVisitor | undefined {
  if (Object.keys(property.visitor).length === 0) return undefined;
  const config = new ConfigReader(property.visitor, `${device}, property ${property.name}`);
  const topic = topicOf(config, 'topic');
  const payload = config.choice('payload', ['json', 'plain'], 'json');
  return {
    property,
    topic,
    payload,
    jsonPath: pathOf(config.text('jsonPath', '')),
    qos: config.integer('qos', { min: 0, max: 2 }, 1) as 0 | 1 | 2,
    set: config.has('setTopic')
      ? {
          topic: topicOf(config, 'setTopic'),
          template: templateOf(config),
          ackTopic: config.has('ackTopic') ? topicOf(config, 'ackTopic') : topic,
        }
      : undefined,
  };
}

export function topicOf(config: ConfigReader, field: string): string {
  const topic = config.text(field);
  return /[#+\0]/.test(topic) ? config.fail(field, 'a topic without wildcards') : topic;
}

function templateOf(config: ConfigReader): string {
  const template = config.text('setPayload', '{{value}}');
  return template.includes('{{value}}') ? template : config.fail('setPayload', 'text with {{value}} in it');
}

/** `$.air.co2` and `air.co2` are the same path. */
const pathOf = (path: string) =>
  path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter(Boolean);
