/**
 * One person's visit to a console: a browser window of a width and a colour scheme, and whatever goes wrong in it.
 *
 * Invariants: every request, every complaint of the browser and every dialog of a script is looked at. A request to another
 * origin, and a complaint that was not expected, is a finding.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Browser, BrowserContext, ConsoleMessage, Locator, Page, Request } from 'playwright-core';
import { accessibilityFindings } from './accessibility.js';

export const PICTURES = resolve('.vnf-migrator/browser/console');

export const WIDTHS = [1280, 390] as const;
export type Width = (typeof WIDTHS)[number];
export const SCHEMES = ['light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface VisitOptions {
  /** Of the console. */
  url: string;
  width?: Width;
  scheme?: Scheme;
  /** Pages of other origins that the scenario itself opens. */
  alsoOpens?: readonly string[];
}

const HEIGHT = { 1280: 900, 390: 844 } as const;
const PATIENCE_MS = 30_000;
/** More is cut off: it is to be looked at, not printed. */
const TALLEST_PICTURE_PX = 4_000;

/** Colours of a terminal. */
// eslint-disable-next-line no-control-regex
const ANSI = /\u001b\[\d+m/g;

export class Visit {
  readonly findings: string[] = [];
  private readonly looked = new Set<string>();
  /** Answers that are no success, and connections that fail, are expected at present. */
  private isOutage = false;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly options: Required<VisitOptions>,
  ) {}

  static async begin(browser: Browser, given: VisitOptions): Promise<Visit> {
    const options = { width: 1280, scheme: 'light', alsoOpens: [], ...given } as const;
    const { width, scheme } = options;
    const context = await browser.newContext({
      viewport: { width, height: HEIGHT[width] },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const visit = new Visit(context, await context.newPage(), options);
    context.on('request', (request) => visit.noteRequest(request));
    context.on('console', (message) => visit.noteMessage(message));
    context.on('weberror', (error) => visit.find(`a script failed: ${error.error().message}`));
    context.on('dialog', (dialog) => {
      visit.find(`a script opened a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return visit;
  }

  find(finding: string): void {
    if (!this.findings.includes(finding)) this.findings.push(finding);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`${this.options.url}${path}`);
  }

  /** Waits until it is to be seen. */
  async sees(what: string | RegExp | Locator, page = this.page): Promise<Locator> {
    const target = typeof what === 'string' || what instanceof RegExp ? page.getByText(what) : what;
    const seen = target.filter({ visible: true }).first();
    await seen.waitFor();
    return seen;
  }

  /** Waits until it is not to be seen. */
  async seesNoMore(what: string | RegExp | Locator): Promise<void> {
    const target = typeof what === 'string' || what instanceof RegExp ? this.page.getByText(what) : what;
    await target.filter({ visible: true }).first().waitFor({ state: 'hidden' });
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }

  /** Looks at what is open: by the rules of WCAG, for what sticks out, and with a picture for a person. */
  async look(name: string): Promise<void> {
    if (this.looked.has(name)) return;
    this.looked.add(name);
    for (const finding of await accessibilityFindings(this.page)) this.find(`${name}: ${finding}`);
    await this.measure(name, this.page);
  }

  /** The same for a page that may run no scripts, not even those of axe: they look at a copy. */
  async lookAtScriptless(name: string, page: Page): Promise<void> {
    const copy = await this.context.newPage();
    await copy.setContent(await page.content());
    for (const finding of await accessibilityFindings(copy)) this.find(`${name}: ${finding}`);
    await copy.close();
    await this.measure(name, page);
  }

  /** For a person to look at. */
  async picture(name: string, page = this.page): Promise<void> {
    const { width, scheme } = this.options;
    await mkdir(PICTURES, { recursive: true });
    const path = `${PICTURES}/${name}-${width}-${scheme}.png`;
    const tall = await page.evaluate<number>('document.documentElement.scrollHeight');
    const isDialog = (await page.locator('dialog[open]').count()) > 0;
    // A dialog lies over what is in sight.
    if (isDialog || tall <= HEIGHT[width]) await page.screenshot({ path });
    else {
      const height = Math.min(tall, TALLEST_PICTURE_PX);
      await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height } });
    }
  }

  /** While something is away, the browser may complain that it does not answer. */
  async duringOutage(act: () => Promise<void>): Promise<void> {
    this.isOutage = true;
    try {
      await act();
    } finally {
      this.isOutage = false;
    }
  }

  /** Plays a scenario to its end, or to the first thing that does not come. */
  async during(play: () => Promise<void>): Promise<readonly string[]> {
    try {
      await play();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.find(text.replaceAll(ANSI, '').split('\n').slice(0, 6).join(' / '));
      const path = `${PICTURES}/stuck-${this.options.width}-${this.options.scheme}-${Date.now()}.png`;
      await this.page.screenshot({ path }).catch(() => undefined);
      this.find(`the page then: ${path}`);
    }
    await this.context.close();
    return this.findings;
  }

  private async measure(name: string, page: Page): Promise<void> {
    const { width } = this.options;
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    if (wide > width) this.find(`${name}: the page is ${wide} px wide, of ${width}`);
    await this.picture(name, page);
  }

  private noteRequest(request: Request): void {
    const { url, alsoOpens } = this.options;
    const asked = new URL(request.url());
    if (['data:', 'blob:'].includes(asked.protocol)) return;
    if (asked.origin !== url && !alsoOpens.includes(asked.origin)) this.find(`it asks for ${request.url()}`);
  }

  private noteMessage(message: ConsoleMessage): void {
    if (!['error', 'warning', 'assert'].includes(message.type())) return;
    const text = message.text();
    const { url } = message.location();
    if (url !== '' && this.options.alsoOpens.includes(new URL(url).origin)) return;
    const [, status] = /^Failed to load resource: .*?(\b\d{3}\b|net::\S+)/.exec(text) ?? [];
    if (status !== undefined && (this.isOutage || isExpected(status, url))) return;
    // A document in a sandbox has no origin that could be keyed.
    if (text.includes('Origin-Agent-Cluster') && url.includes('/report?')) return;
    this.find(`the browser says: ${text.slice(0, 300)} (${url})`);
  }
}

/**
 * Before the login there is no session; where no limits were ever set there are none. A campaign that has just begun on a busy
 * machine tells its audit trail later than the console waits: the page reads it again.
 */
const EXPECTED: readonly { status: string; path: RegExp }[] = [
  { status: '401', path: /\/session$/ },
  { status: '404', path: /\/limits$/ },
  { status: '503', path: /\/audit$/ },
];

function isExpected(status: string, url: string): boolean {
  return EXPECTED.some((each) => each.status === status && each.path.test(url));
}
