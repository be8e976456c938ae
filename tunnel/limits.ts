/** Numbers that both ends must agree on: they are part of protocol version 1. */

/** Payload bytes of one fragment; small, so that a control frame never waits long behind one. */
export const FRAGMENT_BYTES = 16 * 1024;

/** [W12] A fragment with another one after it carries at least this much, or a message could come in a million pieces. */
export const MIN_FRAGMENT_BYTES = 1024;

/** One WebSocket message. */
export const MAX_FRAME_BYTES = 1024 * 1024;

export const MAX_CONTROL_BYTES = 64 * 1024;

/** One message of the sync or graphql channel, over all of its fragments. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** [W15] What a deflated message may inflate to; a larger one travels as it is. */
export const MAX_INFLATED_BYTES = 1024 * 1024;

/**
 * [W20] Bytes of a channel that may be on their way at once. It bounds what lies in the kernel's buffers ahead of a
 * ping: 128 KiB are 105 ms at 10 Mbit/s.
 */
export const WINDOW_BYTES = 128 * 1024;

/** Bytes waiting in a sender at most; beyond it the peer is too slow and the connection ends. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
