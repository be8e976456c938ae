import { expect, it } from 'vitest';
import type { NodeValue } from '../../../mappers/opcua/messages.ts';
import { packValues, unpackValues } from '../../../mappers/opcua/packed-values.ts';

it('values of all kinds come out of the package as they went in', () => {
  const values: NodeValue[] = [
    [7, 21.5, 'GOOD', 1_700_000_000_000],
    [0, 'on', 'GOOD', 2],
    [1, null, 'BAD', 3, 'BadSensorFailure'],
    [2, 5, 'UNCERTAIN', 4, 'UncertainLastUsableValue'],
    [3, Number.NaN, 'GOOD', 5],
    [4, true, 'GOOD', 6],
  ];
  expect(unpackValues(structuredClone(packValues(values)))).toEqual(values);
});
