import { useEffect, useMemo } from 'preact/hooks';
import type { DeviceRef } from '../live/keys.ts';
import { deviceKey, twinKey } from '../live/keys.ts';
import type { DeviceFacts } from '../live/live-devices.ts';
import type { BoardTwin } from '../live/twin-board.ts';
import { judgeFreshness, type Staleness } from '../state/freshness.ts';
import { useApp } from './app-context.ts';
import { usePageVisible } from './use-page-visible.ts';
import { useWatch } from './use-watch.ts';

/** Follows devices for as long as the component is there and the page is visible. */
export function useLiveDevices(chunks: ReadonlyArray<readonly DeviceRef[]>): void {
  const { live } = useApp();
  const isVisible = usePageVisible();
  const key = chunks.map((refs) => refs.map(deviceKey).join()).join(';');
  // `key` stands for `chunks`, which are other arrays at each drawing.
  useEffect(() => live.show(isVisible ? chunks : []), [live, key, isVisible]);
  useEffect(() => () => live.show([]), [live]);
}

export function useTwin(device: DeviceRef, property: string): BoardTwin | undefined {
  const { board } = useApp();
  const key = twinKey(device, property);
  return useWatch(
    (listener) => board.watch(key, listener),
    () => board.twin(device, property),
    [board, key],
  );
}

/** Names of a device's properties that are known so far, in the order in which its server tells them. */
export function useProperties(device: DeviceRef): string[] {
  const { board } = useApp();
  const key = deviceKey(device);
  const joined = useWatch(
    (listener) => board.watch(key, listener),
    () => board.properties(device).join('\n'),
    [board, key],
  );
  return useMemo(() => (joined === '' ? [] : joined.split('\n')), [joined]);
}

export function useFacts(device: DeviceRef): DeviceFacts | undefined {
  const { live } = useApp();
  const key = deviceKey(device);
  return useWatch(
    (listener) => live.watch(key, listener),
    () => live.facts(device),
    [live, key],
  );
}

/** Judged anew each second; draws again only when the verdict or its reason changes. */
export function useStaleness(shown: BoardTwin | undefined): Staleness | undefined {
  const { seconds } = useApp();
  const judge = () => shown && judgeFreshness(shown.heard, Math.max(seconds.monotonic.get(), shown.heard.at));
  useWatch(seconds.monotonic.watch, () => judge()?.why, [seconds, shown]);
  return judge();
}
