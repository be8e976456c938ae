import type { GraphQLSchema } from 'graphql';
import * as device from '../resolvers/device.ts';
import * as node from '../resolvers/node.ts';
import { defineBrowse } from './browse.ts';
import type { Owner } from './builder.ts';
import { defineConflict } from './conflict.ts';
import { defineDevice } from './device.ts';
import { defineDeviceEvent } from './device-event.ts';
import { defineDeviceModel } from './device-model.ts';
import { defineDeviceName } from './device-name.ts';
import { defineEdgeNode } from './edge-node.ts';
import { defineEvents } from './event.ts';
import { defineFederation, printSubgraph } from './federation.ts';
import { defineHistory } from './history.ts';
import { defineInvokeMethod } from './invoke-method.ts';
import { defineGap } from './live-event.ts';
import { defineMessage } from './message.ts';
import { defineNode } from './node.ts';
import { defineNodeEvent } from './node-event.ts';
import { defineObjectMutations } from './object-mutations.ts';
import { createParts, type Parts } from './parts.ts';
import { definePlace } from './place.ts';
import { definePod } from './pod.ts';
import { definePodEvent } from './pod-event.ts';
import { defineSetDesired } from './set-desired.ts';
import { defineTwin } from './twin.ts';
import { defineTwinEvent } from './twin-event.ts';
import { defineViewer } from './viewer.ts';

/** Resolved from Kubernetes: through informers in the cloud, through the metadata cache at the edge. */
export function createCloudSubgraph(): GraphQLSchema {
  return createSubgraph('cloud', {
    Device: (key, context) =>
      device.device({ namespace: String(key.namespace), name: String(key.name) }, context),
    Node: (key, context) => node.node(String(key.name), context),
  });
}

/** What an edge node knows of its own; in the cloud it is resolved over the replica. */
export function createEdgeSubgraph(): GraphQLSchema {
  return createSubgraph('edge', {
    Device: ({ namespace, name, nodeName }) => ({ namespace, name, nodeName: nodeName ?? null }),
    Node: ({ name }) => ({ name }),
  });
}

/** Both in one plain schema, for the edge node's own API: nothing to plan there. */
export function createLocalSchema(): GraphQLSchema {
  const parts = createParts(['cloud', 'edge'], { federated: false });
  defineTypes(parts);
  return parts.builder.toSchema();
}

function createSubgraph(owner: Owner, entities: Parameters<typeof defineFederation>[1]): GraphQLSchema {
  const parts = createParts([owner], { federated: true });
  defineTypes(parts);
  let sdl = '';
  defineFederation(parts, entities, () => sdl);
  const schema = parts.builder.toSchema();
  sdl = printSubgraph(schema);
  return schema;
}

function defineTypes(parts: Parts): void {
  parts.builder.queryType({});
  parts.builder.mutationType({});
  parts.builder.subscriptionType({});
  definePlace(parts);
  defineViewer(parts);
  defineNode(parts);
  defineEdgeNode(parts);
  definePod(parts);
  defineDeviceModel(parts);
  defineDeviceName(parts);
  defineDevice(parts);
  defineTwin(parts);
  defineHistory(parts);
  defineSetDesired(parts);
  defineConflict(parts);
  defineInvokeMethod(parts);
  defineBrowse(parts);
  defineGap(parts);
  defineNodeEvent(parts);
  definePodEvent(parts);
  defineDeviceEvent(parts);
  defineTwinEvent(parts);
  defineMessage(parts);
  defineEvents(parts);
  defineObjectMutations(parts);
}
