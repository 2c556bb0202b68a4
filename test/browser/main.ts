/**
 * `npm run test:browser` checks the HTML report in a real Chromium: small and large, in light and in dark, wide,
 * narrow and on paper. It installs Chromium if it is missing. It writes pictures for a person to
 * .vnf-migrator/browser. The exit code is 1 on any finding.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { htmlReport } from '../../src/campaign-report/html.js';
import type { CampaignReport } from '../../src/campaign-report/report-data.js';
import { sampleReport } from '../support/campaign-report.js';
import { Browser, type BrowserEvent, type Page } from './browser.js';
import { chromium } from './chromium.js';
import { LOOK } from './look.js';

const DIRECTORY = resolve('.vnf-migrator/browser');
const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 420];

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

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { 'no-install': { type: 'boolean', default: false } } });
  const install = !values['no-install'] && process.env['VNF_MIGRATOR_NO_INSTALL'] !== '1';
  const executable = await chromium({ install });
  await mkdir(DIRECTORY, { recursive: true });
  const browser = new Browser(executable);
  let findings = 0;
  try {
    for (const sample of SAMPLES) {
      const file = `${DIRECTORY}/${sample.name}.html`;
      const startedAt = Date.now();
      await writeFile(file, htmlReport(sample.report));
      const found = await lookAt(browser, { file, sample });
      findings += found.length;
      console.log(`${sample.name}: ${found.length === 0 ? 'ok' : 'WRONG'} (${Date.now() - startedAt} ms)`);
      for (const finding of found) console.log(`  ${finding}`);
    }
  } finally {
    await browser.close();
  }
  console.log(`pictures: ${DIRECTORY}`);
  return findings === 0 ? 0 : 1;
}

async function lookAt(
  browser: Browser,
  { file, sample }: { file: string; sample: Sample },
): Promise<string[]> {
  const found: string[] = [];
  for (const scheme of SCHEMES) {
    for (const width of WIDTHS) {
      const page = await browser.page();
      const where = `${scheme}, ${width} px`;
      await page.send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      });
      await page.send('Emulation.setDeviceMetricsOverride', {
        ...{ width, height: 900, deviceScaleFactor: 1, mobile: false },
      });
      const url = pathToFileURL(file).href;
      const events = await page.open(url);
      const seen = (await page.evaluate(LOOK)) as string[];
      found.push(...[...trouble(events, url), ...seen].map((finding) => `${where}: ${finding}`));
      await picture(page, { file: `${DIRECTORY}/${sample.name}-${scheme}-${width}.png`, width });
      await page.close();
    }
  }
  found.push(...(await onPaper(browser, { file, sample })));
  return found;
}

/** Whatever the page asked of the network, beside itself, and whatever the browser complained of. */
function trouble(events: readonly BrowserEvent[], url: string): string[] {
  return events.flatMap(({ method, params }) => {
    if (method === 'Network.requestWillBeSent') {
      const { url: asked } = params['request'] as { url: string };
      return asked === url ? [] : [`it asks for ${asked}`];
    }
    if (
      method === 'Runtime.exceptionThrown' ||
      method === 'Runtime.consoleAPICalled' ||
      method === 'Log.entryAdded'
    ) {
      return [`the console says ${JSON.stringify(params).slice(0, 300)}`];
    }
    return [];
  });
}

/** More is cut off: it is to be looked at, not printed. */
const TALLEST_PICTURE_PX = 2_600;

async function picture(page: Page, { file, width }: { file: string; width: number }): Promise<void> {
  const { cssContentSize } = (await page.send('Page.getLayoutMetrics')) as {
    cssContentSize: { height: number };
  };
  const height = Math.min(TALLEST_PICTURE_PX, Math.ceil(cssContentSize.height));
  const clip = { x: 0, y: 0, width, height, scale: 1 };
  const { data } = await page.send('Page.captureScreenshot', { captureBeyondViewport: true, clip });
  await writeFile(file, Buffer.from(data as string, 'base64'));
}

/** On A4 nothing may stick out: what is scrolled on a screen is lost on paper. */
async function onPaper(
  browser: Browser,
  { file, sample }: { file: string; sample: Sample },
): Promise<string[]> {
  const page = await browser.page();
  await page.send('Emulation.setEmulatedMedia', { media: 'print' });
  await page.send('Emulation.setDeviceMetricsOverride', {
    ...{ width: 703, height: 1_000, deviceScaleFactor: 1, mobile: false },
  });
  await page.open(pathToFileURL(file).href);
  const wide = (await page.evaluate('document.documentElement.scrollWidth')) as number;
  await picture(page, { file: `${DIRECTORY}/${sample.name}-paper.png`, width: 703 });
  const { data } = await page.send('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69 });
  await writeFile(`${DIRECTORY}/${sample.name}.pdf`, Buffer.from(data as string, 'base64'));
  await page.close();
  return wide <= 703 ? [] : [`on paper: ${wide} px wide, of 703`];
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
