import { BoundedQueue } from '../lib/bounded-queue.ts';
import { OctographError } from '../lib/errors.ts';
import type { ChangeRecord } from '../twin/change.ts';
import { isEnd } from './change-tracker.ts';
import type { Context } from './context.ts';
import type { ChangeSource } from './set-desired.ts';

export const sourceOf = ({ change, progress, settledAt }: ChangeRecord): ChangeSource => ({
  ...change,
  ...progress,
  settledAt,
});

/** An end that was told stays told, whatever happens to the process: so it is kept first. */
export async function change(id: string, context: Context): Promise<ChangeSource | null> {
  const record = context.changes.find(id);
  if (record && isEnd(record.progress.state)) await context.changes.durable();
  return record ? sourceOf(record) : null;
}

/** States of one change: more than its steps never wait for a reader. */
const STEPS = 16;

/**
 * How far a change got, and then every step until its end.
 * @throws OctographError `CHANGE_NOT_FOUND`
 */
export function subscribeChange(id: string, context: Context): AsyncIterableIterator<ChangeSource> {
  const first = context.changes.find(id);
  if (!first) throw new OctographError('CHANGE_NOT_FOUND', `change ${id} is not known here`);
  const queue = new BoundedQueue<ChangeSource>({
    limit: STEPS,
    overflow: 'drop-oldest',
    onClose: () => unlisten(),
  });
  const push = (record: ChangeRecord) => {
    queue.push(sourceOf(record));
    if (isEnd(record.progress.state)) queue.end();
  };
  const tell = () => {
    const record = context.changes.find(id);
    if (!record) return queue.end();
    if (!isEnd(record.progress.state)) return push(record);
    context.changes.durable().then(
      () => push(record),
      (error) => queue.end(error),
    );
  };
  const unlisten = context.changes.onProgress(id, tell);
  tell();
  return queue;
}
