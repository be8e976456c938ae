/** What the page shows; the part of its address behind `#` says it. */
export type Route =
  | ({ page: 'fleet' } & FleetFilters)
  | { page: 'node'; name: string }
  | { page: 'conflicts'; show: 'open' | 'settled' }
  | ({ page: 'devices' } & DeviceFilters)
  | { page: 'device'; namespace: string; name: string; property?: string };

export interface FleetFilters {
  /** Part of a name. */
  search: string;
  ready: '' | 'yes' | 'no';
  /** A label selector as kubectl takes it. */
  labels: string;
}

export const WHOLE_FLEET: FleetFilters = { search: '', ready: '', labels: '' };

export interface DeviceFilters {
  /** Part of a name. */
  search: string;
  model: string;
  node: string;
  state: string;
  /** A label selector as kubectl takes it. */
  labels: string;
}

export const NO_FILTERS: DeviceFilters = { search: '', model: '', node: '', state: '', labels: '' };

/** Undefined: the address names no page of ours, and the place's own first page is shown. */
export function parseRoute(hash: string): Route | undefined {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, ...names] = path.split('/').map(decode);
  const search = new URLSearchParams(query);
  const text = (name: string) => search.get(name) ?? '';
  switch (page) {
    case 'fleet': {
      const ready = text('ready');
      return {
        page,
        search: text('search'),
        ready: ready === 'yes' || ready === 'no' ? ready : '',
        labels: text('labels'),
      };
    }
    case 'nodes':
      return names[0] ? { page: 'node', name: names[0] } : undefined;
    case 'conflicts':
      return { page, show: text('show') === 'settled' ? 'settled' : 'open' };
    case 'devices': {
      const [namespace, name] = names;
      if (namespace && name)
        return { page: 'device', namespace, name, property: text('property') || undefined };
      return {
        page,
        search: text('search'),
        model: text('model'),
        node: text('node'),
        state: text('state'),
        labels: text('labels'),
      };
    }
    default:
      return undefined;
  }
}

export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'fleet': {
      const { page: _, ...filters } = route;
      return `#/fleet${formatQuery(filters)}`;
    }
    case 'node':
      return `#/nodes/${encodeURIComponent(route.name)}`;
    case 'conflicts':
      return `#/conflicts${formatQuery({ show: route.show === 'open' ? '' : route.show })}`;
    case 'devices': {
      const { page: _, ...filters } = route;
      return `#/devices${formatQuery(filters)}`;
    }
    case 'device': {
      const path = [route.namespace, route.name].map(encodeURIComponent).join('/');
      return `#/devices/${path}${formatQuery({ property: route.property ?? '' })}`;
    }
  }
}

/** What the page is called among others, in the browser's title. */
export function titleOf(route: Route): string {
  switch (route.page) {
    case 'fleet':
      return 'Fleet';
    case 'conflicts':
      return 'Conflicts';
    case 'devices':
      return 'Devices';
    case 'node':
    case 'device':
      return route.name;
  }
}

function formatQuery(parts: Record<string, string>): string {
  const search = new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== ''));
  return search.size === 0 ? '' : `?${search}`;
}

/** A half escape, typed by hand, is taken as it stands. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
