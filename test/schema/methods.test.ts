import { execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { MetadataCache } from '../../edge-node/metadata-cache.ts';
import { createLocalSchema } from '../../schema/schemas.ts';
import { deviceObject, modelObject } from '../harness/objects.ts';

type Methods = NonNullable<ReturnType<typeof deviceObject>['spec']['methods']>;

async function methodsOf(methods: Methods, model = modelObject()) {
  const device = deviceObject('pump');
  const contextValue = {
    objects: new MetadataCache([{ ...device, spec: { ...device.spec, methods } }, model]),
  };
  const document = parse(
    '{ device(name: "pump") { methods { name arguments { name type unit minimum maximum } } } }',
  );
  const { data, errors } = await execute({ schema: createLocalSchema(), document, contextValue });
  expect(errors).toBeUndefined();
  return (data as { device: { methods: unknown } }).device.methods;
}

const SETPOINT = { name: 'setpoint', type: 'DOUBLE', unit: null, minimum: 5, maximum: 30 };
const MODE = { name: 'mode', type: 'STRING', unit: null, minimum: null, maximum: null };

describe('the arguments of a method', () => {
  it('are the properties that it sets, in their order, as the model types them', async () => {
    expect(await methodsOf([{ name: 'warmUp', propertyNames: ['mode', 'setpoint'] }])).toEqual([
      { name: 'warmUp', arguments: [MODE, SETPOINT] },
    ]);
  });

  it('leave out what the model does not have', async () => {
    const methods = [{ name: 'warmUp', propertyNames: ['tilt', 'setpoint'] }];
    expect(await methodsOf(methods)).toEqual([{ name: 'warmUp', arguments: [SETPOINT] }]);
    expect(await methodsOf(methods, modelObject('another'))).toEqual([{ name: 'warmUp', arguments: [] }]);
  });

  it('are not told of a method that the device answers to itself', async () => {
    expect(await methodsOf([{ name: 'restart' }])).toEqual([{ name: 'restart', arguments: [] }]);
  });
});
