import {
  type MessageEventSource,
  type PublicationOutcome,
  payloadOf,
  subscribeMessages,
} from '../resolvers/message.ts';
import { publish } from '../resolvers/publish.ts';
import type { Parts } from './parts.ts';

/** Messages of the nodes' MQTT buses, in both directions. */
export function defineMessage(parts: Parts): void {
  if (!parts.owns('edge')) return;
  defineMessages(parts);
  definePublish(parts);
}

function defineMessages({ builder, refs, enums }: Parts): void {
  const Message = builder.objectRef<NonNullable<MessageEventSource['message']>>('Message').implement({
    description: "A message of a node's MQTT bus.",
    fields: (t) => ({
      topic: t.exposeString('topic'),
      payload: t.string({ resolve: ({ payload }) => payloadOf(payload).payload }),
      encoding: t.field({
        type: enums.PayloadEncoding,
        description: 'TEXT wherever the payload is UTF-8.',
        resolve: ({ payload }) => payloadOf(payload).encoding,
      }),
      receivedAt: t.field({
        type: 'DateTime',
        description: "When the node heard it, by the node's clock.",
        resolve: ({ at }) => at,
      }),
    }),
  });
  const Event = builder.objectRef<MessageEventSource>('MessageEvent').implement({
    fields: (t) => ({
      kind: t.field({ type: enums.MessageEventKind, resolve: ({ kind }) => kind }),
      cursor: t.exposeString('cursor', {
        description: 'Opaque; subscribe with the same arguments and `after` to go on behind it.',
      }),
      nodeName: t.exposeString('nodeName', { nullable: true }),
      node: t.field({
        type: refs.Node,
        nullable: true,
        resolve: ({ nodeName }) => (nodeName === undefined ? null : { name: nodeName }) as never,
      }),
      message: t.field({ type: Message, nullable: true, resolve: ({ message }) => message }),
      gap: t.field({ type: refs.Gap, nullable: true, resolve: ({ gap }) => gap }),
    }),
  });
  builder.subscriptionField('messages', (t) =>
    t.field({
      type: Event,
      nullable: true,
      description:
        "Messages of the nodes' MQTT buses, as they come: in the cloud those that the nodes' setting `messages` names, kept by a node while the link is down. A GAP counts what is missing.",
      args: {
        topic: t.arg.string({
          required: true,
          description: 'An MQTT topic filter: `+` stands for one level, `#` for all from there on.',
        }),
        nodeName: t.arg.string({ description: 'Of this node alone.' }),
        after: t.arg.string({
          description:
            'A cursor of an earlier event; one that is too old, foreign, or of other arguments answers RESET.',
        }),
      },
      subscribe: (_root, args, context) => subscribeMessages(args, context),
      resolve: (event) => event,
    }),
  );
}

function definePublish({ builder, inputs }: Parts): void {
  const Published = builder
    .objectRef<Extract<PublicationOutcome, { kind: 'MessagePublished' }>>('MessagePublished')
    .implement({
      description: "The broker of the node's bus has it.",
      fields: (t) => ({ id: t.exposeID('id') }),
    });
  const Stored = builder
    .objectRef<Extract<PublicationOutcome, { kind: 'MessageStored' }>>('MessageStored')
    .implement({
      description:
        'Kept in the cloud: the node is away, or has not said in time that its bus has it. Published when it can be, until it expires.',
      fields: (t) => ({
        id: t.exposeID('id'),
        expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAt }) => expiresAt }),
      }),
    });
  const Rejected = builder
    .objectRef<Extract<PublicationOutcome, { kind: 'MessageRejected' }>>('MessageRejected')
    .implement({
      description:
        'Refused, here or by the node; `message` names the thing, the value and what was expected.',
      fields: (t) => ({ code: t.exposeString('code'), message: t.exposeString('message') }),
    });
  const Result = builder.unionType('PublishResult', {
    types: [Published, Stored, Rejected],
    resolveType: ({ kind }) => kind,
  });
  builder.mutationField('publish', (t) =>
    t.field({
      type: Result,
      nullable: true,
      description:
        "Publishes a message on a node's MQTT bus, link up or down; messages of a node arrive in the order in which they were accepted.",
      args: { input: t.arg({ type: inputs.PublishInput, required: true }) },
      resolve: (_root, { input }, context) => publish(input, context),
    }),
  );
}
