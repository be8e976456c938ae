import {
  type DeviceFieldsFragment,
  type DeviceFilter,
  DeviceListDocument,
  DevicePageDocument,
  type DevicePageQuery,
  FilterChoicesDocument,
} from '../../schema/generated/dashboard/graphql.ts';
import type { Ask } from '../api/request.ts';
import type { DeviceRef } from '../live/keys.ts';
import type { DeviceFilters } from '../state/route.ts';

export const DEVICE_STATES = ['online', 'offline', 'unhealthy', 'disconnected', 'unknown'] as const;

/** Devices of the first request, which somebody waits for, and of those after it, which are asked for ahead. */
const FIRST_PAGE = 200;
const NEXT_PAGE = 1000;

export interface DevicePage {
  devices: DeviceFieldsFragment[];
  totalCount: number;
  /** Undefined: these were the last. */
  next?: string;
}

export async function loadDevices(
  ask: Ask,
  filters: DeviceFilters,
  after: string | undefined,
  signal?: AbortSignal,
): Promise<DevicePage> {
  const variables = {
    where: whereOf(filters),
    labelSelector: filters.labels || undefined,
    first: after === undefined ? FIRST_PAGE : NEXT_PAGE,
    after,
  };
  const { devices } = await ask(DeviceListDocument, variables, signal);
  const { endCursor, hasNextPage } = devices.pageInfo;
  return {
    devices: devices.edges.map(({ node }) => node),
    totalCount: devices.totalCount,
    next: hasNextPage ? (endCursor ?? undefined) : undefined,
  };
}

/** How many fit. */
export async function countDevices(ask: Ask, filters: DeviceFilters, signal?: AbortSignal): Promise<number> {
  const variables = { where: whereOf(filters), labelSelector: filters.labels || undefined, first: 0 };
  return (await ask(DeviceListDocument, variables, signal)).devices.totalCount;
}

/** The filters as the API's condition; labels go beside it, in kubectl's words. */
export function whereOf({ search, model, node, state }: DeviceFilters): DeviceFilter {
  return {
    ...(search && { name: { like: `%${search.trim()}%` } }),
    ...(model && { model: { eq: model } }),
    ...(node && { nodeName: { eq: node } }),
    ...(state && { state: { eq: state } }),
  };
}

export interface FilterChoices {
  models: string[];
  nodes: string[];
  /** Properties of a device, by `namespace/model`. */
  propertyCounts: ReadonlyMap<string, number>;
}

export async function loadFilterChoices(ask: Ask, signal?: AbortSignal): Promise<FilterChoices> {
  const { deviceModels, nodes } = await ask(FilterChoicesDocument, {}, signal);
  return {
    models: [...new Set(deviceModels.edges.map(({ node }) => node.name))],
    nodes: nodes.edges.map(({ node }) => node.name),
    propertyCounts: new Map(
      deviceModels.edges.map(({ node }) => [`${node.namespace}/${node.name}`, node.properties.length]),
    ),
  };
}

export type DeviceDetails = NonNullable<DevicePageQuery['device']>;

/** Null: there is no such device. */
export async function loadDevice(ask: Ask, { namespace, name }: DeviceRef, signal?: AbortSignal) {
  return (await ask(DevicePageDocument, { namespace, name }, signal)).device ?? null;
}
