/** The properties of a device that are read together, because they have the same period. */
export interface CycleGroup {
  cycleMs: number;
  properties: string[];
  /** Monotonic milliseconds: when the next collection is to start. */
  dueAt: number;
}

/** A cycle below this would spin: 10 ms is the fastest that is polled. */
const MIN_CYCLE_MS = 10;

export function groupByCycle(
  properties: ReadonlyArray<{ name: string; collectCycleMs: number }>,
  firstDueAt: number,
): CycleGroup[] {
  const groups = new Map<number, CycleGroup>();
  for (const { name, collectCycleMs } of properties) {
    const cycleMs = Math.max(MIN_CYCLE_MS, collectCycleMs);
    const group = groups.get(cycleMs) ?? { cycleMs, properties: [], dueAt: firstDueAt };
    group.properties.push(name);
    groups.set(cycleMs, group);
  }
  return [...groups.values()];
}

/** The next start on the group's own grid that is still ahead: starts missed by a slow collection are skipped. */
export function nextStart(group: CycleGroup, now: number): number {
  const missed = Math.max(0, Math.floor((now - group.dueAt) / group.cycleMs));
  return group.dueAt + (missed + 1) * group.cycleMs;
}

/** The groups that are due now or within a tenth of their cycle: timers fire early, and what is read together is read once. */
export const dueGroups = (groups: readonly CycleGroup[], now: number): CycleGroup[] =>
  groups.filter((group) => group.dueAt <= now + group.cycleMs / 10);

export const earliest = (groups: readonly CycleGroup[]): number =>
  Math.min(...groups.map((group) => group.dueAt));
