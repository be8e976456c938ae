/** Topic and payload together have at most so many bytes, on the way up and down. */
export const MAX_MESSAGE_BYTES = 128_000;

/**
 * What is under way of them in one direction, and not acknowledged: one batch, or one message that is longer. Whatever else
 * the tunnel carries waits behind no more than that.
 */
export const MESSAGE_BATCH = { items: 500, bytes: 64 * 1024 };

export type Qos = 0 | 1 | 2;

/** A message of a node's MQTT bus, on its way to the cloud. */
export interface NodeMessage {
  /** Its place in what the node's store took; grows, with gaps. */
  seq: number;
  topic: string;
  payload: Uint8Array;
  /** The node's wall clock, milliseconds: when the node heard it. */
  at: number;
}

/** A message that is to be published on a node's MQTT bus. */
export interface Publication {
  /** Its place in the cloud's queue for the node; grows, with gaps. */
  seq: number;
  topic: string;
  payload: Uint8Array;
  qos: Qos;
  retain: boolean;
  /** Milliseconds, in the cloud's time: not published from here on. */
  expiresAt: number;
}

/** Why a message was not published, as a client is told. */
export interface Refusal {
  code: string;
  message: string;
}

/** What became of a publication; kept by its idempotency key, so that a repeated request is answered and not done again. */
export interface PublicationRecord {
  id: string;
  principal: string;
  idempotencyKey: string;
  /** Wall clock, milliseconds. */
  createdAt: number;
  expiresAt: number;
  /** What was asked, so that a key that is used for something else is found out. */
  digest: string;
  state: 'STORED' | 'PUBLISHED' | 'REFUSED';
  refusal?: Refusal;
}

export const bytesOf = ({ topic, payload }: { topic: string; payload: Uint8Array }): number =>
  new TextEncoder().encode(topic).length + payload.length;
