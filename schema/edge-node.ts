import type { LinkSource, MapperFacts, NodeFacts } from '../resolvers/context.ts';
import type { Parts } from './parts.ts';

export function defineEdgeNode({ builder, owns, refs, enums }: Parts): void {
  if (!owns('edge')) return;
  const Link = builder.objectRef<LinkSource>('Link').implement({
    description: 'The tunnel between the node and the cloud, as the answering side sees it.',
    fields: (t) => ({
      state: t.field({ type: enums.LinkState, resolve: ({ state }) => state }),
      since: t.field({ type: 'DateTime', nullable: true, resolve: ({ since }) => since }),
      lastSyncAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When the cloud last took something from the node.',
        resolve: ({ lastSyncAt }) => lastSyncAt,
      }),
      rttMs: t.exposeFloat('rttMs', {
        nullable: true,
        description: "The last ping's way there and back; null while the link is down.",
      }),
      lagMs: t.exposeFloat('lagMs', {
        nullable: true,
        description: 'Age of the oldest report that the cloud has not acknowledged, as of the last ping.',
      }),
      bytesIn: t.exposeFloat('bytesIn', {
        nullable: true,
        description: 'Bytes received by the answering side since it started.',
      }),
      bytesOut: t.exposeFloat('bytesOut', {
        nullable: true,
        description: 'Bytes sent by the answering side since it started.',
      }),
      reconnects: t.exposeInt('reconnects', {
        nullable: true,
        description: 'How often the link came up again since the answering side started.',
      }),
      lastError: t.exposeString('lastError', {
        nullable: true,
        description: 'Why the link is, or was last, down.',
      }),
    }),
  });
  const Outbox = builder.objectRef<NodeFacts['outbox']>('Outbox').implement({
    description: 'What the node has reported and the cloud has not acknowledged.',
    fields: (t) => ({
      items: t.exposeInt('items'),
      bytes: t.exposeFloat('bytes'),
      oldestAgeMs: t.exposeFloat('oldestAgeMs'),
      dropped: t.exposeFloat('dropped', {
        description: 'Reports given up beyond the bound of the outbox, since the store was made.',
      }),
    }),
  });
  const Store = builder.objectRef<NodeFacts['store']>('Store').implement({
    description: "The node's own store.",
    fields: (t) => ({
      id: t.exposeString('id', { description: 'Another one is another history.' }),
      epoch: t.exposeInt('epoch', { description: 'Grows at each start.' }),
      isRefused: t.exposeBoolean('isRefused', { description: 'The disk refuses what is put: it waits.' }),
      isHistoryStopped: t.exposeBoolean('isHistoryStopped', { description: 'No history is written.' }),
    }),
  });
  const Mapper = builder.objectRef<MapperFacts>('Mapper').implement({
    description: "What speaks one protocol with the node's devices.",
    fields: (t) => ({
      protocol: t.exposeString('protocol'),
      isLoaded: t.exposeBoolean('isLoaded', {
        description: 'false: devices name the protocol, and the node has no mapper of its own for it.',
      }),
      devices: t.exposeInt('devices', { description: 'Devices of the node that name the protocol.' }),
      online: t.exposeInt('online', { description: 'Those of them that answer.' }),
    }),
  });
  builder.objectType(refs.EdgeNode, {
    fields: (t) => ({
      link: t.field({ type: Link, resolve: ({ link }) => link }),
      outbox: t.field({
        type: Outbox,
        nullable: true,
        description: 'null: the node is away.',
        resolve: async ({ name }, _args, { nodeFacts }) => (await nodeFacts.read(name))?.outbox,
      }),
      store: t.field({
        type: Store,
        nullable: true,
        description: 'null: the node is away.',
        resolve: async ({ name }, _args, { nodeFacts }) => (await nodeFacts.read(name))?.store,
      }),
      mappers: t.field({
        type: [Mapper],
        nullable: true,
        description: 'null: the node is away, or of a version that does not tell.',
        resolve: async ({ name }, _args, { nodeFacts }) => {
          const mappers = (await nodeFacts.read(name))?.mappers;
          if (mappers instanceof Error) throw mappers;
          return mappers;
        },
      }),
      version: t.exposeString('version', { nullable: true, description: "Octograph's version there." }),
    }),
  });
}
