import { useLayoutEffect, useRef } from 'preact/hooks';

/** A page that is gone back to has this long to become as long as it was, ms. */
const PATIENCE_MS = 2000;

/** After the last step of a scroll, ms. */
const SETTLED_MS = 100;

/** A page that is gone to begins at its top, with the focus in it; one that is gone back to, where its reader was. */
export function useScroll(page: string): void {
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    history.scrollRestoration = 'manual';
    const endReturn = returnTo((history.state as { scrollY?: number } | null)?.scrollY ?? 0);
    // Who comes to the site starts where the browser says; who goes on in it, in the new page.
    if (!isFirst.current) focusMain();
    isFirst.current = false;

    let timer: ReturnType<typeof setTimeout> | undefined;
    const remember = () => {
      clearTimeout(timer);
      timer = setTimeout(() => history.replaceState({ scrollY }, ''), SETTLED_MS);
    };
    addEventListener('scroll', remember, { passive: true });
    return () => {
      endReturn();
      clearTimeout(timer);
      removeEventListener('scroll', remember);
    };
  }, [page]);
}

/** Also of the link that skips what stands on every page. */
export function focusMain(): void {
  const main = document.getElementById('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus({ preventScroll: true });
}

/** Scrolls there as soon as the page is long enough, unless somebody scrolls first. */
function returnTo(y: number): () => void {
  const observer = new ResizeObserver(() => attempt());
  const end = () => {
    observer.disconnect();
    clearTimeout(patience);
    for (const name of ['wheel', 'touchmove', 'keydown']) removeEventListener(name, end);
  };
  const attempt = () => {
    scrollTo(0, y);
    if (Math.abs(scrollY - y) <= 1) end();
  };
  const patience = setTimeout(() => end(), PATIENCE_MS);
  for (const name of ['wheel', 'touchmove', 'keydown']) addEventListener(name, end, { passive: true });
  observer.observe(document.body);
  attempt();
  return end;
}
