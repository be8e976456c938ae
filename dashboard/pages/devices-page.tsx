import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import {
  DeviceChangesDocument,
  type DeviceFieldsFragment,
} from '../../schema/generated/dashboard/graphql.ts';
import { DEVICE_STATES, loadFilterChoices, whereOf } from '../data/devices.ts';
import { useApp } from '../hooks/app-context.ts';
import { useChanges } from '../hooks/use-changes.ts';
import { useDeviceList } from '../hooks/use-device-list.ts';
import { useLiveDevices } from '../hooks/use-live.ts';
import { useQuery } from '../hooks/use-query.ts';
import { replaceRoute } from '../hooks/use-route.ts';
import { MOST_FOLLOWED } from '../live/follow-changes.ts';
import { filterOf } from '../live/follow-twins.ts';
import { deviceKey } from '../live/keys.ts';
import { CHUNK } from '../live/live-devices.ts';
import { CARD_ROWS, CARD_WIDTH, cardHeight, DeviceCard } from '../parts/device-card.tsx';
import { Choice, SearchField } from '../parts/fields.tsx';
import { Problem } from '../parts/problem.tsx';
import { VirtualGrid } from '../parts/virtual-grid.tsx';
import { plural } from '../state/format.ts';
import { type DeviceFilters, NO_FILTERS } from '../state/route.ts';

const drawCard = (device: DeviceFieldsFragment) => <DeviceCard device={device} />;

/** All devices of this place, live where they are in view. */
export function DevicesPage({ filters }: { filters: DeviceFilters }) {
  const { ask, live, place } = useApp();
  const choices = useQuery((signal) => loadFilterChoices(ask, signal), [], 60_000);
  const list = useDeviceList(filters);
  const [range, setRange] = useState({ first: 0, end: 0 });
  const onRange = useCallback((first: number, end: number) => setRange({ first, end }), []);
  const inView = useMemo(() => chunksInView(list.devices, range), [list.devices, range]);
  useLiveDevices(inView);
  const { totalCount, recount } = list;
  const isSmall = totalCount !== undefined && totalCount <= MOST_FOLLOWED;
  const followed = isSmall
    ? { where: whereOf(filters), labelSelector: filters.labels || undefined }
    : inView.length > 0
      ? { where: filterOf(inView.flat()) }
      : undefined;
  useChanges(DeviceChangesDocument, followed, () => {
    recount();
    void live.refresh();
  });

  const counts = choices.data?.propertyCounts;
  const heightOf = useCallback(
    ({ namespace, model }: DeviceFieldsFragment) =>
      cardHeight(model ? (counts?.get(`${namespace}/${model.name}`) ?? CARD_ROWS) : 0),
    [counts],
  );

  const { loadMore, devices } = list;
  useEffect(() => {
    // Two views ahead, so that who scrolls does not wait.
    const countInView = range.end - range.first;
    if (range.end + 2 * countInView >= devices.length) loadMore();
  }, [range, devices, loadMore]);

  const change = (part: Partial<DeviceFilters>) => replaceRoute({ page: 'devices', ...filters, ...part });
  const isFiltered = Object.values(filters).some((value) => value !== '');
  return (
    <main id="main">
      <div class="title-line">
        <h1>Devices</h1>
        <p class="count" role="status">
          {list.totalCount === undefined ? !list.error && 'Loading' : plural(list.totalCount, 'device')}
          {isFiltered && list.totalCount !== undefined && (list.totalCount === 1 ? ' matches' : ' match')}
        </p>
      </div>
      <search class="filters">
        <SearchField label="Name" value={filters.search} onChange={(search) => change({ search })} isMain />
        <Choice
          label="Model"
          value={filters.model}
          options={choices.data?.models}
          onChange={(model) => change({ model })}
        />
        {place.kind === 'CLOUD' && (
          <Choice
            label="Node"
            value={filters.node}
            options={choices.data?.nodes}
            onChange={(node) => change({ node })}
          />
        )}
        <Choice
          label="State"
          value={filters.state}
          options={DEVICE_STATES}
          onChange={(state) => change({ state })}
        />
        <SearchField
          label="Labels"
          value={filters.labels}
          placeholder="site=a,tier!=test"
          onChange={(labels) => change({ labels })}
        />
        {isFiltered && (
          <button type="button" class="plain" onClick={() => change(NO_FILTERS)}>
            Clear
          </button>
        )}
      </search>
      <Problem error={list.error} />
      {list.totalCount === 0 && (
        <p class="empty">
          {isFiltered ? 'No device matches these filters.' : 'There are no devices here yet.'}
        </p>
      )}
      <VirtualGrid
        label="Devices"
        items={devices}
        keyOf={deviceKey}
        draw={drawCard}
        heightOf={heightOf}
        cellWidth={CARD_WIDTH}
        onRange={onRange}
      />
    </main>
  );
}

/** The runs of neighbours that a range touches: always cut at the same places, so that runs stay as one scrolls. */
function chunksInView(
  devices: readonly DeviceFieldsFragment[],
  { first, end }: { first: number; end: number },
) {
  const chunks: DeviceFieldsFragment[][] = [];
  for (let start = first - (first % CHUNK); start < end; start += CHUNK) {
    chunks.push(devices.slice(start, start + CHUNK));
  }
  return chunks;
}
