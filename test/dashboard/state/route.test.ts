import { describe, expect, it } from 'vitest';
import {
  formatRoute,
  NO_FILTERS,
  parseRoute,
  type Route,
  WHOLE_FLEET,
} from '../../../dashboard/state/route.ts';

describe('the address of a page', () => {
  it.each<Route>([
    { page: 'fleet', ...WHOLE_FLEET },
    { page: 'fleet', search: 'edge', ready: 'no', labels: 'site=a' },
    { page: 'node', name: 'edge-a' },
    { page: 'conflicts', show: 'open' },
    { page: 'conflicts', show: 'settled' },
    { page: 'devices', ...NO_FILTERS },
    { page: 'devices', search: 'a b&c', model: 'm', node: 'n', state: 'online', labels: 'site in (a,b),!x' },
    { page: 'device', namespace: 'default', name: 'pump', property: undefined },
    { page: 'device', namespace: 'plant/1', name: 'a%b', property: 'flow?' },
  ])('leads back to what it was made from: %o', (route) => {
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it.each(['', '#', '#/', '#/nothing', '#/nodes', '#/nodes/'])('names no page for %o', (hash) => {
    expect(parseRoute(hash)).toBeUndefined();
  });

  it('takes half an escape as it stands', () => {
    expect(parseRoute('#/nodes/100%')).toEqual({ page: 'node', name: '100%' });
  });

  it('takes a filter that it does not know for none', () => {
    expect(parseRoute('#/fleet?ready=maybe')).toEqual({ page: 'fleet', ...WHOLE_FLEET });
  });
});
