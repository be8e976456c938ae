import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeObject } from '../../kube-api/decode.ts';
import { devices } from '../../kube-api/kinds/device.ts';
import { deviceModels } from '../../kube-api/kinds/devicemodel.ts';
import { pods } from '../../kube-api/kinds/pod.ts';
import type { ResourceDefinition } from '../../kube-api/resources.ts';
import { printCoreTypes } from '../../kube-api/schema/generate-core.ts';
import { ApiError } from '../../kube-api/status.ts';

const decode = (
  resource: ResourceDefinition,
  rest: object,
  validation: 'Ignore' | 'Warn' | 'Strict' = 'Warn',
) =>
  decodeObject(
    {
      apiVersion: resource.group ? `${resource.group}/${resource.version}` : resource.version,
      kind: resource.kind,
      metadata: { name: 'x' },
      ...rest,
    },
    resource,
    validation,
  );

function statusOf(attempt: () => unknown) {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ApiError) return error.status;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('the types of the built-in kinds are those of the installed client', () => {
  const file = new URL('../../kube-api/schema/generated/core-types.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(printCoreTypes());
});

test('a value of the wrong type is named by its path, its type and the type expected', () => {
  const status = statusOf(() =>
    decode(devices, { spec: { properties: [{ name: 'p', collectCycle: 'fast' }] } }),
  );
  expect(status).toMatchObject({
    code: 422,
    reason: 'Invalid',
    message:
      'Device.devices.kubeedge.io "x" is invalid: spec.properties[0].collectCycle: Invalid value: "string": ' +
      'spec.properties[0].collectCycle in body must be of type integer: "string"',
    details: {
      group: 'devices.kubeedge.io',
      kind: 'Device',
      causes: [{ reason: 'FieldValueTypeInvalid', field: 'spec.properties[0].collectCycle' }],
    },
  });
});

test('all that is wrong is told at once', () => {
  const spec = {
    properties: [
      { type: 'QUAD', accessMode: 'ReadWrite' },
      { type: 'INT', accessMode: 1 },
    ],
  };
  const { details } = statusOf(() => decode(deviceModels, { spec }));
  expect(details?.causes?.map(({ field, reason }) => [field, reason])).toEqual([
    ['spec.properties[0].type', 'FieldValueNotSupported'],
    ['spec.properties[1].accessMode', 'FieldValueTypeInvalid'],
  ]);
});

test('a desired value needs its value', () => {
  const spec = { properties: [{ name: 'p', desired: { metadata: {} } }] };
  expect(statusOf(() => decode(devices, { spec })).message).toContain(
    'spec.properties[0].desired.value: Required value',
  );
});

test('unknown fields are dropped, told under Warn, and refused under Strict', () => {
  const rest = { spec: { nodeNam: 'a', protocol: { configData: { any: { thing: 1 } } } } };
  const { object, warnings } = decode(devices, rest);
  expect(object.spec).toEqual({ protocol: { configData: { any: { thing: 1 } } } });
  expect(warnings).toEqual(['unknown field "spec.nodeNam"']);
  expect(decode(devices, rest, 'Ignore').warnings).toEqual([]);
  expect(statusOf(() => decode(devices, rest, 'Strict'))).toMatchObject({
    code: 400,
    message:
      'Device in version "v1beta1" cannot be handled as a Device: strict decoding error: unknown field "spec.nodeNam"',
  });
});

test.each(['constructor', '__proto__', 'toString'])('%s is an unknown field like any other', (name) => {
  const rest = JSON.parse(`{"spec":{"${name}":{"x":1}}}`);
  expect(decode(devices, rest)).toEqual({
    object: expect.objectContaining({ spec: {} }),
    warnings: [`unknown field "spec.${name}"`],
  });
});

test('a pod takes numbers for quantities and drops nulls', () => {
  const containers = [{ name: 'c', image: 'i', resources: { limits: { cpu: 1 } }, command: null }];
  const { object } = decode(pods, { spec: { containers } });
  expect(object.spec).toMatchObject({
    containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' } } }],
    restartPolicy: 'Always',
  });
});

test('a built-in kind with a wrong type is a bad request', () => {
  const status = statusOf(() => decode(pods, { spec: { terminationGracePeriodSeconds: 'long' } }));
  expect(status).toMatchObject({ code: 400, reason: 'BadRequest' });
  expect(status.message).toContain('spec.terminationGracePeriodSeconds');
});

test.each([
  [{ apiVersion: 'v1' }, 'does not match the expected API version (devices.kubeedge.io/v1beta1)'],
  [{ kind: 'Gadget' }, 'Gadget in version "v1beta1" cannot be handled as a Device'],
  [{ kind: undefined }, "Object 'Kind' is missing"],
  [{ metadata: { labels: { a: 1 } } }, 'metadata.labels.a'],
  [{ metadata: 'x' }, 'metadata is not an object'],
])('%j is refused as not of that kind', (rest, words) => {
  const status = statusOf(() => decode(devices, rest));
  expect(status.code).toBe(400);
  expect(status.message).toContain(words);
});
