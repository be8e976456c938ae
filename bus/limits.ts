/** Bounds of the embedded broker: no client can take so much that the others, or the node, go short. */
export interface BrokerLimits {
  /** Further connections are closed at once. */
  maxConnections: number;
  /** Connections from one address; further ones are closed at once. The node's own clients do not count. */
  maxAddressConnections: number;
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
  /** Persistent sessions; who asks for one more is refused with CONNACK 3. The node's own are not. */
  maxSessions: number;
  /** Days that the broker runs and the client of a session stays away, before the session ends. */
  sessionDays: number;
  /** Messages of QoS 1 or 2 that a session has on their way to its client; the next one waits for an acknowledgement. */
  maxInFlight: number;
  /** Messages kept for one session; while its client is away the oldest go, while it is there who publishes waits. */
  maxOfflineMessages: number;
  /** The same in bytes of topics and payloads. */
  maxOfflineBytes: number;
  /** Of all sessions together; the oldest go of the absent client that has most, or else of the one that gets more. */
  maxAllOfflineBytes: number;
  /** Topics with a retained message; a client that retains on one more is disconnected. */
  maxRetainedTopics: number;
  /** Bytes of all retained messages; a client that retains more is disconnected. */
  maxRetainedBytes: number;
  /** A client that does not take, or not acknowledge, its messages for so long is disconnected, so that it holds up nobody else. */
  drainTimeoutMs: number;
}

export const DEFAULT_LIMITS: BrokerLimits = {
  maxConnections: 1_000,
  maxAddressConnections: 500,
  messagesPerSecond: 2_000,
  bytesPerSecond: 4_194_304,
  maxPacketBytes: 262_144,
  maxTopicBytes: 1_024,
  maxSubscriptions: 1_000,
  maxSessions: 1_000,
  sessionDays: 7,
  maxInFlight: 100,
  maxOfflineMessages: 1_000,
  maxOfflineBytes: 4_194_304,
  maxAllOfflineBytes: 67_108_864,
  maxRetainedTopics: 10_000,
  maxRetainedBytes: 67_108_864,
  drainTimeoutMs: 5_000,
};
