/**
 * `npm run test:browser` checks the HTML report and the console in a real Chromium. It installs what is missing, and writes
 * pictures for a person to .vnf-migrator/browser. The exit code is 1 on any finding.
 *
 *   npm run test:browser -- [--no-install] [<name> …]    only the scenarios whose names begin so; `report`: the report
 */
import { parseArgs } from 'node:util';
import { chromium as playwright } from 'playwright-core';
import { chromium } from './chromium.js';
import { playConsole } from './console/run.js';
import { lookAtReports } from './reports.js';

async function main(): Promise<number> {
  const { values, positionals: only } = parseArgs({
    options: { 'no-install': { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const install = !values['no-install'] && process.env['VNF_MIGRATOR_NO_INSTALL'] !== '1';
  const browser = await playwright.launch({
    executablePath: await chromium({ install }),
    // Chromium refuses a sandbox to root; what it opens here is our own.
    chromiumSandbox: process.getuid?.() !== 0,
  });
  try {
    const wantsReport = only.length === 0 || only.includes('report');
    const findings = wantsReport ? await lookAtReports(browser) : 0;
    return findings + (await playConsole({ browser, install, only }));
  } finally {
    await browser.close();
  }
}

try {
  process.exitCode = (await main()) === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
