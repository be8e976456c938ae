import type { PropertyModel } from '../../twin/model.ts';
import type { ValueType } from '../../twin/value.ts';
import { ConfigReader } from '../config-reader.ts';
import { factsOf, REGISTER_KINDS, type Span } from './register.ts';

/** Registers that a number of each format fills. */
const NUMBER_FORMATS = {
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float32: 2,
  float64: 4,
} as const;
export type NumberFormat = keyof typeof NUMBER_FORMATS;

/** How a span becomes a value. Coils and discrete inputs are always `bit`; several of them are a bit pattern. */
export type Format = NumberFormat | 'bit' | 'string' | 'bytes';

const FORMATS = [...(Object.keys(NUMBER_FORMATS) as NumberFormat[]), 'bit', 'string', 'bytes'] as const;
/** Coils or discrete inputs that one property may gather into a number. */
const MAX_PATTERN_BITS = 32;
/** KubeEdge's framework writes the model's type here: it says nothing that the model does not. */
const MODEL_TYPES = ['int', 'float', 'double', 'boolean', 'bool'] as const;

/** How one property is reached: KubeEdge's visitor fields, and `dataType` and `bit` of ours. */
export interface ModbusVisitor extends Span {
  property: string;
  type: ValueType;
  format: Format;
  /** Bit of the register that carries the value, 0 is the least significant; for format `bit` in a register. */
  bit: number;
  /** Bytes are swapped within each register. */
  isSwap: boolean;
  /** Registers come in reverse order. */
  isRegisterSwap: boolean;
  /** value = raw × scale */
  scale: number;
}

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
    bit: isBit ? 0 : config.integer('bit', { min: 0, max: 15 }, 0),
    isSwap: config.boolean('isSwap', false),
    isRegisterSwap: config.boolean('isRegisterSwap', false),
    // KubeEdge leaves the value alone where scale is 0.
    scale: config.number('scale', 1) || 1,
  };
}

function formatOf(config: ConfigReader, model: PropertyModel, limit: number): Format {
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

function countOf(format: Format, isBit: boolean, limit: number, config: ConfigReader): number {
  if (isBit)
    return limit > MAX_PATTERN_BITS ? config.fail('limit', `at most ${MAX_PATTERN_BITS} bits`) : limit || 1;
  if (format === 'bit') return limit > 1 ? config.fail('limit', '1 for a bit') : 1;
  if (format === 'string' || format === 'bytes') return Math.max(1, limit);
  const width = NUMBER_FORMATS[format];
  return limit === 0 || limit === width ? width : config.fail('limit', `${width} for ${format}`);
}
