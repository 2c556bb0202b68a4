/**
 * The HTML report in a real Chromium: small and large, in light and in dark, wide, narrow and on paper.
 *
 * Invariant: whatever the page asks of the network, beside itself, and whatever the browser complains of, is a finding.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { htmlReport } from '../../src/campaign-report/html.js';
import type { CampaignReport } from '../../src/campaign-report/report-data.js';
import { sampleReport } from '../support/campaign-report.js';
import { LOOK } from './look.js';

const DIRECTORY = resolve('.vnf-migrator/browser');
const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 420];
/** A4 without its margins. */
const PAPER_PX = 703;

interface Sample {
  name: string;
  report: CampaignReport;
}

const SAMPLES: Sample[] = [
  { name: '20', report: sampleReport({ items: 20 }) },
  { name: '20-running', report: sampleReport({ items: 20, running: true }) },
  { name: '2000', report: sampleReport({ items: 2_000, atOnce: 12, targets: 6 }) },
  { name: '2000-wide', report: sampleReport({ items: 2_000, atOnce: 120, targets: 2 }) },
  {
    name: 'nothing',
    report: { ...sampleReport({ items: 1 }), items: [], audit: [], conflicts: [], residual: [] },
  },
];

/** The number of findings. */
export async function lookAtReports(browser: Browser): Promise<number> {
  await mkdir(DIRECTORY, { recursive: true });
  let findings = 0;
  for (const sample of SAMPLES) {
    const file = `${DIRECTORY}/${sample.name}.html`;
    const startedAt = Date.now();
    await writeFile(file, htmlReport(sample.report));
    const found = await lookAt(browser, { file, sample });
    findings += found.length;
    console.log(
      `report ${sample.name}: ${found.length === 0 ? 'ok' : 'WRONG'} (${Date.now() - startedAt} ms)`,
    );
    for (const finding of found) console.log(`  ${finding}`);
  }
  return findings;
}

interface Written {
  file: string;
  sample: Sample;
}

async function lookAt(browser: Browser, { file, sample }: Written): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const { page, findings } = await open(browser, {
        file,
        context: { colorScheme, viewport: { width, height: 900 } },
      });
      const seen = await page.evaluate<string[]>(LOOK);
      await picture(page, { file: `${DIRECTORY}/${sample.name}-${colorScheme}-${width}.png`, width });
      await page.context().close();
      found.push(...[...findings, ...seen].map((finding) => `${colorScheme}, ${width} px: ${finding}`));
    }
  }
  return [...found, ...(await onPaper(browser, { file, sample }))];
}

interface Opened {
  page: Page;
  /** Grows while the page is open. */
  findings: readonly string[];
}

async function open(
  browser: Browser,
  { file, context: options }: { file: string; context: BrowserContextOptions },
): Promise<Opened> {
  const context = await browser.newContext(options);
  const url = pathToFileURL(file).href;
  const findings: string[] = [];
  context.on('request', (request) => {
    if (request.url() !== url) findings.push(`it asks for ${request.url()}`);
  });
  context.on('console', (message) => findings.push(`the console says ${message.text().slice(0, 300)}`));
  context.on('weberror', (error) => findings.push(`a script failed: ${error.error().message}`));
  const page = await context.newPage();
  await page.goto(url);
  // What the page did while it was laid out has been told once this is answered.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
  return { page, findings };
}

/** More is cut off: it is to be looked at, not printed. */
const TALLEST_PICTURE_PX = 2_600;

async function picture(page: Page, { file, width }: { file: string; width: number }): Promise<void> {
  const tall = await page.evaluate<number>('document.documentElement.scrollHeight');
  const clip = { x: 0, y: 0, width, height: Math.min(TALLEST_PICTURE_PX, tall) };
  await page.screenshot({ path: file, fullPage: true, clip });
}

/** On A4 nothing may stick out: what is scrolled on a screen is lost on paper. */
async function onPaper(browser: Browser, { file, sample }: Written): Promise<string[]> {
  const { page } = await open(browser, { file, context: { viewport: { width: PAPER_PX, height: 1_000 } } });
  await page.emulateMedia({ media: 'print' });
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
  await picture(page, { file: `${DIRECTORY}/${sample.name}-paper.png`, width: PAPER_PX });
  await page.pdf({ path: `${DIRECTORY}/${sample.name}.pdf`, format: 'A4' });
  await page.context().close();
  return wide <= PAPER_PX ? [] : [`on paper: ${wide} px wide, of ${PAPER_PX}`];
}
