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
  /** Fields of an operation, fragments expanded. `LIMIT_FIELDS` */
  fields: number;
  /** Pairs of fields that answer under one path, fragments expanded. Validation compares each. `LIMIT_FIELD_PAIRS` */
  fieldPairs: number;
  /** Fields of an operation at its root, fragments expanded. `LIMIT_ROOT_FIELDS` */
  rootFields: number;
  /** Aliases of an operation, fragments expanded. `LIMIT_ALIASES` */
  aliases: number;
  /** Directives of an operation, fragments expanded. `LIMIT_DIRECTIVES` */
  directives: number;
  /** What an operation may cost: objects, each as often as the lists around it have items. `LIMIT_COST` */
  cost: number;
  /** Items that a list is taken to have in the cost, where no argument says. */
  listSize: number;
  /** Root fields per second and principal, twice as many at once; aliases count. 429 `LIMIT_RATE` */
  rootFieldsPerSecond: number;
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
  /** Credentials and rights that subscriptions were opened with are checked this often, while they run. */
  recheckMs: number;
  /** Open sockets of the listener. Answered with 503. `LIMIT_CONNECTIONS` */
  connections: number;
}

export const defaultLimits: Readonly<Limits> = {
  documentLength: 100_000,
  tokens: 2000,
  depth: 15,
  fields: 500,
  fieldPairs: 5000,
  rootFields: 20,
  aliases: 30,
  directives: 20,
  cost: 100_000,
  listSize: 10,
  rootFieldsPerSecond: 10_000,
  requestBytes: 1024 * 1024,
  frameBytes: 1024 * 1024,
  unsentBytes: 1024 * 1024,
  backlogBytes: 16 * 1024 * 1024,
  sharedBytes: 16 * 1024 * 1024,
  initTimeoutMs: 3000,
  pingMs: 12_000,
  operationsPerConnection: 100,
  recheckMs: 4000,
  connections: 20_000,
};

/** With `--hardened`: a directive is a sign of a client that tries things, or of one that knows what it sends. */
export const hardenedLimits: Readonly<Partial<Limits>> = { directives: 5 };
