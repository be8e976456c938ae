interface QueuedFor {
  clientId: string;
}

/** The two methods of aedes' persistence that put messages for a persistent session aside, and take them off. */
export interface OutgoingQueue {
  outgoingEnqueueCombi(subscriptions: QueuedFor[], packet: unknown): Promise<void>;
  outgoingClearMessageId(client: { id: string }, packet: unknown): Promise<unknown>;
}

/**
 * Bounds what waits for a client that is away: aedes itself keeps every message for ever. Beyond the limit new messages
 * are not queued for it; those queued stay.
 */
export function limitOfflineQueues(
  queue: OutgoingQueue,
  maxMessages: number,
  isConnected: (clientId: string) => boolean,
): void {
  const queued = new Map<string, number>();
  const enqueue = queue.outgoingEnqueueCombi.bind(queue);
  const clear = queue.outgoingClearMessageId.bind(queue);

  // A connected client's own acknowledgements bound its queue, and aedes expects to find its messages there.
  const hasRoom = ({ clientId }: QueuedFor) =>
    isConnected(clientId) || (queued.get(clientId) ?? 0) < maxMessages;

  queue.outgoingEnqueueCombi = (subscriptions, packet) => {
    const roomy = subscriptions.filter(hasRoom);
    for (const { clientId } of roomy) queued.set(clientId, (queued.get(clientId) ?? 0) + 1);
    return enqueue(roomy, packet);
  };
  queue.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet);
    const left = (queued.get(client.id) ?? 0) - 1;
    if (cleared && left > 0) queued.set(client.id, left);
    else if (cleared) queued.delete(client.id);
    return cleared;
  };
}
