/**
 * What one caller may cost, in one table. Every row is on by default and settable; what goes beyond is refused
 * before it is executed, with the code named here in `extensions.code`.
 */
export interface Limits {
  /** UTF-16 code units of a GraphQL document; comments count. `LIMIT_DOCUMENT` */
  documentLength: number;
  /** Lexical tokens of a document, counted while parsing. `LIMIT_TOKENS` */
  tokens: number;
  /** Levels of nested fields, fragments expanded. 15 is what the introspection of GraphiQL needs. `LIMIT_DEPTH` */
  depth: number;
  /** Fields of an operation, fragments expanded. Validation compares them pair by pair. `LIMIT_FIELDS` */
  fields: number;
  /** Fields of an operation at its root, fragments expanded. `LIMIT_ROOT_FIELDS` */
  rootFields: number;
  /** Aliases of an operation, fragments expanded. `LIMIT_ALIASES` */
  aliases: number;
  /** Directives of an operation, fragments expanded. `LIMIT_DIRECTIVES` */
  directives: number;
  /** Body of an HTTP request. Answered with 413. `REQUEST_ENTITY_TOO_LARGE` */
  requestBytes: number;
  /** One WebSocket message. The connection is closed with 1009. */
  frameBytes: number;
  /** Written to a WebSocket and not taken by its client; beyond it nothing more is read from that client. */
  unsentBytes: number;
  /** The same; beyond it the connection is closed with 4413. Events are not written that far ahead: answers are. */
  backlogBytes: number;
  /** Payloads of events kept for subscribers that are a little behind others, of all subscriptions together. */
  sharedBytes: number;
  /** From the WebSocket's upgrade to its `connection_init`. Closed with 4408. */
  initTimeoutMs: number;
  /** A WebSocket is pinged this often and cut when the pong takes as long. 12 s is also the pace of SSE. */
  pingMs: number;
  /** Operations running at a time on one WebSocket. The operation is refused, the connection lives. `LIMIT_OPERATIONS` */
  operationsPerConnection: number;
  /** Open sockets of the listener. Answered with 503. `LIMIT_CONNECTIONS` */
  connections: number;
}

export const defaultLimits: Readonly<Limits> = {
  documentLength: 100_000,
  tokens: 2000,
  depth: 15,
  fields: 500,
  rootFields: 20,
  aliases: 30,
  directives: 20,
  requestBytes: 1024 * 1024,
  frameBytes: 1024 * 1024,
  unsentBytes: 1024 * 1024,
  backlogBytes: 16 * 1024 * 1024,
  sharedBytes: 16 * 1024 * 1024,
  initTimeoutMs: 3000,
  pingMs: 12_000,
  operationsPerConnection: 100,
  connections: 20_000,
};
