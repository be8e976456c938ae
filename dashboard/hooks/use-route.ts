import { useEffect, useState } from 'preact/hooks';
import { formatRoute, parseRoute, type Route } from '../state/route.ts';

/** The page's address, as it changes. Undefined: it names no page. */
export function useRoute(): Route | undefined {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return parseRoute(hash);
}

export const go = (route: Route): void => {
  location.hash = formatRoute(route);
};

/** Another state of the same page: the way back leads to the page before it. */
export function replaceRoute(route: Route): void {
  history.replaceState(null, '', formatRoute(route));
  dispatchEvent(new HashChangeEvent('hashchange'));
}
