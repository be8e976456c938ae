const shared = new WeakSet<object>();

/**
 * Says that this very object stands for one event to every subscriber that gets it, so that what becomes of it may be
 * worked out once. It must be immutable, and hold nothing that is one subscriber's own.
 */
export function markShared<T extends object>(event: T): T {
  shared.add(event);
  return event;
}

export const isShared = (event: object): boolean => shared.has(event);
