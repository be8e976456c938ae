import type { PropertyModel } from '../../twin/model.ts';
import type { TwinValue, ValueType } from '../../twin/value.ts';
import { ConfigReader } from '../config-reader.ts';

/** How one simulated property lives. */
export interface SimulatedVisitor {
  property: string;
  type: ValueType;
  /** `walk`: a random walk around `start`; `hold`: keeps what it was set to. */
  behaviour: 'walk' | 'hold';
  start: TwinValue;
  /** The most that one collection moves a walking number. */
  step: number;
  minimum: number;
  maximum: number;
}

export function parseVisitor(property: PropertyModel, device: string): SimulatedVisitor {
  const config = new ConfigReader(property.visitor, `${device}, property ${property.name}`);
  const isNumber = property.type === 'INT' || property.type === 'FLOAT' || property.type === 'DOUBLE';
  const fallback = isNumber && property.accessMode === 'READ_ONLY' ? 'walk' : 'hold';
  const behaviour = config.choice('behaviour', ['walk', 'hold'], fallback);
  if (behaviour === 'walk' && !isNumber) config.fail('behaviour', `hold, for ${property.type}`);
  const { minimum = 0, maximum = 100 } = property;
  return {
    property: property.name,
    type: property.type,
    behaviour,
    start: isNumber ? config.number('start', (minimum + maximum) / 2) : startOf(property.type),
    step: config.number('step', 1),
    minimum,
    maximum,
  };
}

const startOf = (type: ValueType): TwinValue => (type === 'BOOLEAN' ? false : '');
