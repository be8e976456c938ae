import type { StructuralSchema } from '../schema/structural.ts';

/** What the schemas of the three KubeEdge kinds share. Source: kubeedge build/crds/devices, v1beta1. */
export const KUBEEDGE_GROUP = 'devices.kubeedge.io';

export const text = (description?: string): StructuralSchema => ({ type: 'string', description });
export const flag: StructuralSchema = { type: 'boolean' };
export const int64: StructuralSchema = { type: 'integer', format: 'int64' };
export const int32: StructuralSchema = { type: 'integer', format: 'int32' };
export const listOf = (items: StructuralSchema): StructuralSchema => ({ type: 'array', items });
export const mapOf = (additionalProperties: StructuralSchema): StructuralSchema => ({
  type: 'object',
  additionalProperties,
});
export const object = (properties: Record<string, StructuralSchema>): StructuralSchema => ({
  type: 'object',
  properties,
});

/** Any fields: what a protocol puts there is the mapper's matter. */
export const freeForm = (description?: string): StructuralSchema => ({
  type: 'object',
  description,
  preserveUnknownFields: true,
});

export const twinProperty: StructuralSchema = {
  ...object({ value: text('The value, as text.'), metadata: mapOf(text()) }),
  required: ['value'],
};

export const protocolConfig: StructuralSchema = object({
  protocolName: text('The name of the protocol.'),
  configData: freeForm('What the protocol needs to know.'),
});

export const reportedTwins: StructuralSchema = listOf(
  object({
    propertyName: text('The property, as the device model names it.'),
    reported: { ...twinProperty, description: 'What the device last said.' },
    observedDesired: { ...twinProperty, description: 'The desired value that the edge acts on.' },
  }),
);
