/** Bounds of the embedded broker: no client can take so much that the others, or the node, go short. */
export interface BrokerLimits {
  /** Further connections are closed at once. */
  maxConnections: number;
  /** Of one client; beyond it, its socket is left unread until it is within it again. 0: as many as it likes. */
  messagesPerSecond: number;
  /** The same in bytes. */
  bytesPerSecond: number;
  /** A client that sends a longer packet is disconnected. */
  maxPacketBytes: number;
  /** A client that publishes on a longer topic is disconnected; a subscription with a longer one fails. */
  maxTopicBytes: number;
  /** Subscriptions of one client; further ones fail. */
  maxSubscriptions: number;
  /** Messages kept for one client of a persistent session while it is away; later ones are not. */
  maxOfflineMessages: number;
  /** Topics with a retained message; a client that retains on one more is disconnected. */
  maxRetainedTopics: number;
  /** Bytes of all retained messages; a client that retains more is disconnected. */
  maxRetainedBytes: number;
  /** A client that does not take its messages for so long is disconnected, so that it holds up nobody else. */
  drainTimeoutMs: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  maxConnections: 1_000,
  messagesPerSecond: 2_000,
  bytesPerSecond: 4_194_304,
  maxPacketBytes: 262_144,
  maxTopicBytes: 1_024,
  maxSubscriptions: 1_000,
  maxOfflineMessages: 1_000,
  maxRetainedTopics: 10_000,
  maxRetainedBytes: 67_108_864,
  drainTimeoutMs: 5_000,
};
