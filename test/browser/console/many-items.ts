/**
 * A campaign of 10,000 items: few rows are in the document, filters answer at once, and nothing stutters while 50 items a
 * second change. The pages are the console's; the campaign is generated (many-items-front.ts).
 */
import type { CDPSession, Locator } from 'playwright-core';
import { MOUSE } from './hand.js';
import { logIn } from './log-in.js';
import { MANY, ManyItemsFront } from './many-items-front.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';
import { until } from './until.js';
import { Visit } from './visit.js';

const ITEMS = 10_000;
const MOST_ROWS = 200;
const LONGEST_TASK_MS = 200;
const ANSWER_MS = 200;
/** So many items change while it is watched. */
const WATCHED = 500;

export const MANY_ITEMS: Scenario = {
  name: 'many-items',
  play: async ({ browser, stage }) => {
    const { front, url, close } = await ManyItemsFront.open(stage.console.url, ITEMS);
    const visit = await Visit.begin(browser, { url });
    const findings = await visit.during(() => watch(visit, { front, stage }));
    close();
    return findings;
  },
};

async function watch(visit: Visit, { front, stage }: { front: ManyItemsFront; stage: Stage }): Promise<void> {
  const { page } = visit;
  await page.addInitScript(OBSERVER);
  await visit.open('/');
  await logIn(visit, MOUSE, stage.token);
  await visit.open(`/campaigns/${MANY}`);
  await visit.sees('10,000 of 10,000 items');
  await longestTask(visit, 'reading 10,000 items');
  await fewRows(visit, 'at the start');
  await filtersAnswer(visit);
  await scrollsToTheEnd(visit);
  await page.evaluate(LONG_TASK);
  await until('the observer sees a long task', () => page.evaluate<boolean>('longTasks.length > 0'));
  await page.evaluate('longTasks.length = 0');
  const before = front.migrated;
  front.startEvents();
  await until(`${WATCHED} items have changed`, () => front.migrated >= before + WATCHED / 2);
  front.stopEvents();
  const migrated = new Intl.NumberFormat('en').format(front.migrated);
  await visit.sees(page.getByRole('region', { name: 'Standing' }).getByText(`migrated ${migrated}`));
  await longestTask(visit, `${WATCHED} changes of items in 10 s`);
  await page.getByRole('search', { name: 'Items' }).getByLabel('State').selectOption('MIGRATED');
  await visit.sees(`${migrated} of 10,000 items`);
  await fewRows(visit, 'after the events');
  await visit.look('many-items');
}

/** Runs before every page: what of its work kept the page from answering. */
const OBSERVER = `
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(Math.round(duration));
  }).observe({ type: 'longtask' });
`;

/** A task that the observer must see, in a task of its own. */
const LONG_TASK = `setTimeout(() => {
  const endMs = performance.now() + 100;
  while (performance.now() < endMs);
})`;

async function longestTask(visit: Visit, what: string): Promise<void> {
  const tasks = await visit.page.evaluate<number[]>('longTasks');
  const longest = Math.max(0, ...tasks);
  console.log(`  ${what}: ${tasks.length} tasks above 50 ms, the longest ${longest} ms`);
  if (longest > LONGEST_TASK_MS) visit.find(`${what}: a task of ${longest} ms, of ${LONGEST_TASK_MS}`);
}

function tableOf({ page }: Visit): Locator {
  return page.getByRole('region', { name: 'Items', exact: true });
}

async function fewRows(visit: Visit, when: string): Promise<void> {
  const rows = await tableOf(visit).getByRole('row').count();
  if (rows < 2 || rows > MOST_ROWS) visit.find(`${rows} rows in the document ${when}`);
}

async function scrollsToTheEnd(visit: Visit): Promise<void> {
  await MOUSE.press(tableOf(visit).getByRole('columnheader', { name: 'VNF' }));
  await visit.page.keyboard.press('End');
  await visit.sees(tableOf(visit).getByRole('cell', { name: `${ITEMS - 1}`, exact: true }));
  await fewRows(visit, 'at the end');
}

async function filtersAnswer(visit: Visit): Promise<void> {
  const { page } = visit;
  const devtools = await visit.context.newCDPSession(page);
  await devtools.send('Performance.enable');
  const filters = page.getByRole('search', { name: 'Items' });
  const state = filters.getByLabel('State');
  const text = filters.getByLabel('Name, uuid or VIM');
  const asked: readonly { what: string; act: () => Promise<unknown>; shows: RegExp }[] = [
    {
      what: 'the filter by state',
      act: () => state.selectOption('FAILED'),
      shows: /^\d{3} of 10,000 items/,
    },
    { what: 'all states', act: () => state.selectOption(''), shows: /^10,000 of 10,000 items/ },
    { what: 'the filter by text', act: () => text.fill('000000009999'), shows: /^1 of 10,000 items/ },
    { what: 'no text', act: () => text.fill(''), shows: /^10,000 of 10,000 items/ },
  ];
  for (const { what, act, shows } of asked) {
    const before = await busyMs(devtools);
    await act();
    await visit.sees(shows);
    const tookMs = Math.round((await busyMs(devtools)) - before);
    console.log(`  ${what}: ${tookMs} ms of the main thread`);
    if (tookMs > ANSWER_MS) visit.find(`${what} takes ${tookMs} ms of the main thread, of ${ANSWER_MS}`);
    await fewRows(visit, `after ${what}`);
  }
}

/** How long the main thread has worked so far. */
async function busyMs(devtools: CDPSession): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
}
