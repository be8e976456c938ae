import type { PropertyModel } from '../twin/model.ts';
import { checkValue } from '../twin/value.ts';
import type { Reading } from './contract.ts';

/**
 * [T7] What a device reports outside its model's type is kept as raw, with quality BAD. Minimum and maximum bind what is
 * desired, not what is: a temperature beyond its range is the reading that matters most.
 */
export function conform(model: PropertyModel, reading: Reading): Reading {
  if (reading.value === null) return reading;
  const checked = checkValue({ ...model, minimum: undefined, maximum: undefined }, reading.value);
  if (checked.ok) return reading.value === checked.value ? reading : { ...reading, value: checked.value };
  return { ...reading, value: null, quality: 'BAD', raw: String(reading.value) };
}
