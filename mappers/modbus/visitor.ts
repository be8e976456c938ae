import type { PropertyModel } from '../../twin/model.ts';
import { type BinaryField, type BinaryFormat, NUMBER_BYTES, type NumberFormat } from '../binary-codec.ts';
import { ConfigReader } from '../config-reader.ts';
import { factsOf, REGISTER_KINDS, type Span } from './register.ts';

/** What a register can hold; coils and discrete inputs are always `bit`, several of them a bit pattern. */
const NUMBERS = (Object.keys(NUMBER_BYTES) as NumberFormat[]).filter((format) => NUMBER_BYTES[format] >= 2);
const FORMATS = [...NUMBERS, 'bit', 'string', 'bytes'] as const;
/** Coils or discrete inputs that one property may gather into a number. */
const MAX_PATTERN_BITS = 32;
/** KubeEdge's framework writes the model's type here: it says nothing that the model does not. */
const MODEL_TYPES = ['int', 'float', 'double', 'boolean', 'bool'] as const;

/** How one property is reached: KubeEdge's visitor fields, and `dataType`, `bit`, `bits` and `shift` of ours. */
export type ModbusVisitor = Span & BinaryField;

/** Undefined where the property has no visitor at all: the device has it, but it is not read. */
export function parseVisitor(model: PropertyModel, device: string): ModbusVisitor | undefined {
  if (Object.keys(model.visitor).length === 0) return undefined;
  const config = new ConfigReader(model.visitor, `${device}, property ${model.name}`);
  const kind = config.choice('register', REGISTER_KINDS);
  const { isBit, maxRead } = factsOf(kind);
  const address = config.integer('offset', { min: 0, max: 65_535 });
  // KubeEdge's samples write 0 where they mean the default.
  const limit = config.integer('limit', { min: 0, max: maxRead }, 0);
  const format = isBit ? 'bit' : formatOf(config, model, limit);
  const count = countOf(format, isBit, limit, config);
  if (address + count > 65_536) config.fail('offset', `at most ${65_536 - count}, for ${count} registers`);
  return {
    property: model.name,
    type: model.type,
    kind,
    address,
    count,
    format,
    byteLength: count * 2,
    ...bitsOf(config, isBit),
    isSwap: config.boolean('isSwap', false),
    isRegisterSwap: config.boolean('isRegisterSwap', false),
    // KubeEdge leaves the value alone where scale is 0.
    scale: config.number('scale', 1) || 1,
    shift: config.number('shift', 0),
  };
}

function bitsOf(config: ConfigReader, isBit: boolean): Pick<BinaryField, 'bit' | 'bits'> {
  if (isBit) return { bit: 0, bits: 1 };
  const bit = config.integer('bit', { min: 0, max: 15 }, 0);
  return { bit, bits: config.integer('bits', { min: 1, max: 16 - bit }, 1) };
}

function formatOf(config: ConfigReader, model: PropertyModel, limit: number): BinaryFormat {
  if (config.has('dataType')) {
    const named = config.choice('dataType', [...FORMATS, ...MODEL_TYPES]);
    const format = FORMATS.find((known) => known === named);
    if (format) return format;
  }
  switch (model.type) {
    case 'STRING':
      return 'string';
    case 'BYTES':
      return 'bytes';
    case 'BOOLEAN':
      return config.has('bit') ? 'bit' : integerFormat(config, model, limit);
    case 'INT':
      return integerFormat(config, model, limit);
    case 'FLOAT':
    case 'DOUBLE':
      if (limit === 2) return 'float32';
      if (limit === 4) return 'float64';
      return integerFormat(config, model, limit);
    case 'STREAM':
      return config.fail('register', 'left out: a register carries no STREAM');
  }
}

/** KubeEdge reads registers as unsigned; a model whose minimum is below 0 can only mean signed ones. */
function integerFormat(config: ConfigReader, model: PropertyModel, limit: number): NumberFormat {
  const sign = (model.minimum ?? 0) < 0 ? 'int' : 'uint';
  if (limit <= 1) return `${sign}16`;
  if (limit === 2) return `${sign}32`;
  if (limit === 4) return `${sign}64`;
  return config.fail('limit', `1, 2 or 4 for ${model.type}`);
}

function countOf(format: BinaryFormat, isBit: boolean, limit: number, config: ConfigReader): number {
  if (isBit)
    return limit > MAX_PATTERN_BITS ? config.fail('limit', `at most ${MAX_PATTERN_BITS} bits`) : limit || 1;
  if (format === 'bit') return limit > 1 ? config.fail('limit', '1 for a bit') : 1;
  if (format === 'string' || format === 'bytes') return Math.max(1, limit);
  const width = NUMBER_BYTES[format] / 2;
  return limit === 0 || limit === width ? width : config.fail('limit', `${width} for ${format}`);
}
