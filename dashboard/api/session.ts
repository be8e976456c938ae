import { type Cell, createCell } from '../state/cell.ts';

const STORAGE_KEY = 'octograph.token';

/** Who this page is to the server. */
export interface Session {
  /** Undefined: nobody in particular; the server may let anonymous requests in. */
  token(): string | undefined;
  /** Whether the page waits for a token, and what the server said. */
  readonly demand: Cell<{ message: string } | undefined>;
  /** False where the server said so, or refused a change with FORBIDDEN: the page offers none until somebody else signs in. */
  readonly mayWrite: Cell<boolean>;
  require(message: string): void;
  /** @param remember beyond this tab, in this browser */
  signIn(token: string, remember: boolean): void;
  signOut(): void;
}

/** @param storages where a token is kept: of this tab, and of this browser */
export function createSession({ tab, browser }: { tab: Storage; browser: Storage }): Session {
  const demand = createCell<{ message: string } | undefined>(undefined);
  const mayWrite = createCell(true);
  const forget = () => {
    tab.removeItem(STORAGE_KEY);
    browser.removeItem(STORAGE_KEY);
  };
  return {
    token: () => tab.getItem(STORAGE_KEY) ?? browser.getItem(STORAGE_KEY) ?? undefined,
    demand,
    mayWrite,
    require: (message) => demand.set({ message }),
    signIn(token, remember) {
      forget();
      (remember ? browser : tab).setItem(STORAGE_KEY, token);
      mayWrite.set(true);
      demand.set(undefined);
    },
    signOut() {
      forget();
      demand.set({ message: 'Signed out.' });
    },
  };
}
