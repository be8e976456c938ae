import { ConfigReader } from '../config-reader.ts';
import { pathOf, topicOf } from './visitor.ts';

/** How one method is called, and where its device answers. */
export interface MqttMethod {
  name: string;
  requestTopic: string;
  /** `{{id}}` stands for the call's id, `{{args}}` for all arguments as a JSON object, `{{args.x}}` for one of them as JSON. */
  template: string;
  responseTopic: string;
  /** Where in the answer the id of the call stands, its result, and the reason of a refusal. */
  idPath: string[];
  resultPath: string[];
  errorPath: string[];
  qos: 0 | 1 | 2;
}

const DEFAULT_TEMPLATE = '{"id":"{{id}}","args":{{args}}}';

/** `methods` of the protocol configData: `{ reboot: { requestTopic: rooms/blue/reboot, responseTopic: rooms/blue/rebooted } }`. */
export function parseMethods(methods: Map<string, Record<string, unknown>>, device: string): MqttMethod[] {
  return Array.from(methods, ([name, fields]) => {
    const config = new ConfigReader(fields, `${device}, method ${name}`);
    return {
      name,
      requestTopic: topicOf(config, 'requestTopic'),
      template: config.text('requestPayload', DEFAULT_TEMPLATE),
      responseTopic: topicOf(config, 'responseTopic'),
      idPath: pathOf(config.text('idPath', 'id')),
      resultPath: pathOf(config.text('resultPath', 'result')),
      errorPath: pathOf(config.text('errorPath', 'error')),
      qos: config.integer('qos', { min: 0, max: 2 }, 1) as 0 | 1 | 2,
    };
  });
}

/** A device that gets no id cannot give it back: its next answer is taken for the answer. */
export const isCorrelated = ({ template }: MqttMethod) => template.includes('{{id}}');
