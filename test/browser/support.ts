// The console in a real browser. What must stay true of every page that a test opens: nothing is asked of anybody but the api, and the
// browser has nothing to complain about.
import axe from 'axe-core';
import { expect } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const PATIENCE_MS = 20_000;

export type Scheme = 'light' | 'dark';
export type Tab = Page & { /** Throws where a page complained, or asked anybody else. */ expectClean: () => void };
export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** A browser in front of the api. */
export async function openDesk(url: string) {
  const executablePath = process.env['CHROMIUM'];
  if (!executablePath) throw new Error('There is no browser: run these by `npm run test:browser`');
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const contexts: BrowserContext[] = [];
  return {
    open: async (
      path: string,
      {
        scheme = 'light',
        width = 1_200,
        height = 900,
        at = url,
        also,
      }: {
        scheme?: Scheme;
        width?: number;
        height?: number;
        at?: string;
        /** Whom the page may ask beside the api. */
        also?: string;
      } = {},
    ): Promise<Tab> => {
      const context = await browser.newContext({
        ...{ viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce' },
        ...{ locale: 'en-GB', timezoneId: 'UTC' },
      });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      const tab = watched(page, [at, ...(also === undefined ? [] : [also])]);
      await tab.goto(`${at}/console${path}`);
      return tab;
    },
    close: async (): Promise<void> => {
      await Promise.all(contexts.map((context) => context.close()));
      await browser.close();
    },
  };
}

function watched(page: Page, urls: readonly string[]): Tab {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // The browser notes each answer of 4xx and 5xx; what the console makes of them is what tests look at.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const isOurs = urls.some((url) => request.url().startsWith(`${url}/`));
    if (!isOurs && !request.url().startsWith('data:')) complaints.push(`asked: ${request.url()}`);
  });
  return Object.assign(page, { expectClean: () => expect(complaints).toEqual([]) });
}

/** What axe finds that keeps people out. */
export async function findBarriers(tab: Tab): Promise<string[]> {
  // Not as a script of the page, whose policy takes none.
  await tab.evaluate(axe.source);
  const found = await tab.evaluate<axe.AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical' || impact === 'moderate')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** What sticks out beside a page that scrolls to the side for it. */
export const findWide = (tab: Tab): Promise<string[]> =>
  tab.evaluate<string[]>(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('main *, header *')].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
    return [scrollWidth + ' > ' + clientWidth, ...wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
  })()`);

/** For docs/console.md, when it is asked for. */
export async function takePicture(tab: Tab, name: string): Promise<void> {
  if (!process.env['PICTURES']) return;
  await mkdir(images, { recursive: true });
  await tab.screenshot({ path: `${images}console-${name}.png`, fullPage: false });
}
