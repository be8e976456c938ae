import { compares } from '../twin/comparison.ts';
import type { DeviceModelObject } from '../twin/device-object.ts';
import type { Context } from './context.ts';
import { type Filter, type LabelFilter, matches, matchesLabels, type StringFilter } from './filter.ts';
import { type ListArgs, list } from './list.ts';
import type { Page } from './page.ts';

export type DeviceModelFilter = Filter<{
  namespace: StringFilter;
  name: StringFilter;
  protocol: StringFilter;
  labels: readonly LabelFilter[];
}>;

export const DEVICE_MODEL_ORDER = ['NAME', 'PROTOCOL', 'CREATED_AT'] as const;
export type DeviceModelOrderField = (typeof DEVICE_MODEL_ORDER)[number];

export function deviceModels(
  args: ListArgs<DeviceModelOrderField> & { where?: DeviceModelFilter | null },
  context: Context,
): Page<DeviceModelObject> {
  const found = Array.from(context.objects.deviceModels()).filter((model) =>
    matchesDeviceModel(args.where, model),
  );
  return list(found, args, {
    metadataOf: ({ metadata }) => metadata,
    keyOf: ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
    orderValueOf({ metadata, spec }, field) {
      switch (field) {
        case 'NAME':
          return metadata.name;
        case 'PROTOCOL':
          return spec.protocol ?? '';
        case 'CREATED_AT':
          return metadata.creationTimestamp ?? '';
      }
    },
  });
}

function matchesDeviceModel(
  where: DeviceModelFilter | null | undefined,
  { metadata, spec }: DeviceModelObject,
) {
  return matches(where, (field, condition) => {
    switch (field) {
      case 'labels':
        return matchesLabels(condition as readonly LabelFilter[], metadata.labels);
      case 'protocol':
        return compares(condition as StringFilter, spec.protocol);
      case 'namespace':
      case 'name':
        return compares(condition as StringFilter, metadata[field as 'name']);
    }
  });
}
