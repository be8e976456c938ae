import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { buildDashboard } from '../../scripts/build-dashboard.ts';

/** Debian's; `apt-get install chromium`. */
const CHROMIUM = '/usr/bin/chromium';

/** False, with a reason for the test's title, where there is no browser to test with. */
export const browserSkip = existsSync(CHROMIUM) ? false : `${CHROMIUM} is missing`;

/** Nothing that asks the network for anything of its own. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface TestBrowser {
  browser: Browser;
  /** A page in a profile of its own; what its console and its requests complained of is in `complaints`. */
  open(url: string, options?: BrowserContextOptions): Promise<OpenPage>;
  /** All pages; each of them costs as long as it is open. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenPage {
  page: Page;
  /** Errors of scripts, and what the security policy refused. */
  complaints: string[];
  /** Hosts that the page asked anything of. */
  hosts: Set<string>;
  /** Texts of the operations that it sent, over HTTP and WebSocket. */
  documents: Set<string>;
}

/** Builds the dashboard where it is older than its sources, and starts the browser. */
export async function startBrowser(): Promise<TestBrowser> {
  await buildDashboard({ isOnlyIfOld: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    browser,
    async open(url, options) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      const hosts = new Set<string>();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // A server that is away is a test's doing, and the browser says so in its own words.
        const isNetwork = message.text().includes('net::ERR_') || message.text().includes('status of 40');
        if (message.type() === 'error' && !isNetwork) complaints.push(message.text());
      });
      const documents = new Set<string>();
      page.on('request', (request) => {
        hosts.add(new URL(request.url()).host);
        if (request.method() === 'POST') documents.add(request.postDataJSON().query);
      });
      page.on('websocket', (socket) => {
        hosts.add(new URL(socket.url()).host);
        socket.on('framesent', ({ payload }) => {
          const { type, payload: operation } = JSON.parse(String(payload));
          if (type === 'subscribe') documents.add(operation.query);
        });
      });
      await page.goto(url);
      return { page, complaints, hosts, documents };
    },
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    close: () => browser.close(),
  };
}
