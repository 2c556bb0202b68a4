/** A campaign's page stays open while what is behind it dies and comes back: it says what is away, and goes on by itself. */
import { ask, campaignView } from './api.js';
import { MOUSE } from './hand.js';
import { logIn } from './log-in.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';
import { freshCampaign } from './fresh-campaign.js';
import { until } from './until.js';
import { Visit } from './visit.js';

const NAME = 'through-outages';

export const OUTAGES: Scenario = {
  name: 'outages',
  play: async ({ browser, stage }) => {
    const visit = await Visit.begin(browser, { url: stage.console.url });
    return await visit.during(() => watch(visit, stage));
  },
};

async function watch(visit: Visit, stage: Stage): Promise<void> {
  const { page } = visit;
  await freshCampaign(stage, { name: NAME, limit: 2 });
  await visit.open(`/campaigns/${NAME}`);
  await logIn(visit, MOUSE, stage.token);
  await untilMore(visit, 0);
  // Gone after a reload.
  await page.evaluate('globalThis.isSamePage = true');
  await workerDies(visit, stage);
  await consoleDies(visit, stage);
  await temporalDies(visit, stage);
  if (!(await page.evaluate<boolean>('globalThis.isSamePage === true')))
    throw new Error('the page was loaded anew');
  const limits = { total: 20, perSourceVim: 20, perTargetVim: 20 };
  const orders = `/campaigns/${NAME}/orders/set-limits`;
  await ask(stage, orders, { method: 'POST', body: { reason: 'make haste', limits } });
  await visit.sees(page.getByRole('region', { name: 'Standing' }).getByText('migrated 60'));
  await visit.sees(page.getByRole('heading', { name: 'Result' }));
  const { result } = await campaignView(stage, NAME);
  if (result?.counts.MIGRATED !== 60) throw new Error(`the API says ${JSON.stringify(result?.counts)}`);
}

async function workerDies(visit: Visit, stage: Stage): Promise<void> {
  await dies(visit, {
    ...{ name: 'worker', says: 'no worker answers' },
    end: () => stage.worker.kill(),
    meanwhile: () => opensMeanwhile(visit, stage),
    begin: () => stage.worker.start(),
  });
}

/** A page that is opened while the worker is away has nothing but that to say, until the worker is back. */
async function opensMeanwhile(visit: Visit, stage: Stage): Promise<() => Promise<void>> {
  const late = await visit.context.newPage();
  await late.goto(`${stage.console.url}/campaigns/${NAME}`);
  await visit.sees('no worker answers', late);
  return async () => {
    await late.getByText('no worker answers').first().waitFor({ state: 'hidden' });
    await visit.sees(late.getByRole('button', { name: 'Pause', exact: true }), late);
    await late.close();
  };
}

async function consoleDies(visit: Visit, stage: Stage): Promise<void> {
  await dies(visit, {
    ...{ name: 'console', says: 'the connection to the console is lost' },
    end: () => stage.console.service.kill(),
    begin: () => stage.console.service.start(),
  });
}

async function temporalDies(visit: Visit, stage: Stage): Promise<void> {
  await dies(visit, {
    ...{ name: 'temporal', says: 'Temporal does not answer' },
    end: () => stage.temporal.kill(),
    meanwhile: async () => {
      const list = await visit.context.newPage();
      await list.goto(`${stage.console.url}/`);
      await visit.sees(list.locator('.outages').getByText(/Since \d\d:\d\d:\d\d/), list);
      return async () => {
        await list.locator('.outages p').first().waitFor({ state: 'hidden' });
        await visit.sees(list.getByRole('link', { name: NAME }), list);
        await list.close();
      };
    },
    begin: () => stage.temporal.start(),
  });
}

interface Death {
  name: string;
  /** What the page says then. */
  says: string;
  end: () => Promise<void>;
  /** While it is away; what is given back is awaited when it is there again. */
  meanwhile?: () => Promise<() => Promise<void>>;
  begin: () => Promise<void>;
}

async function dies(visit: Visit, { name, says, end, meanwhile, begin }: Death): Promise<void> {
  await visit.duringOutage(async () => {
    const { page } = visit;
    const before = await endedOn(visit);
    const diedAtMs = Date.now();
    await end();
    const notLive = page.locator('.not-live');
    await visit.sees(notLive.getByText(says));
    const [, clock = ''] = /since (\d\d:\d\d:\d\d)/.exec((await notLive.textContent()) ?? '') ?? [];
    const at = Date.parse(`${new Date(diedAtMs).toISOString().slice(0, 10)}T${clock}Z`);
    // A reading that was under way when it died may have begun before.
    if (!(at > diedAtMs - 2_000 && at <= Date.now()))
      visit.find(`${name}: not live since "${clock}", and it died at ${new Date(diedAtMs).toISOString()}`);
    const afterwards = await meanwhile?.();
    await visit.look(`outage-${name}`);
    await begin();
    await visit.seesNoMore(notLive.getByText('Not live since'));
    await untilMore(visit, before);
    await afterwards?.();
  });
}

/** How many items have ended, as the page says. */
async function endedOn({ page }: Visit): Promise<number> {
  const text = await page
    .getByRole('region', { name: 'Standing' })
    .getByText(/^\d+ of 60/)
    .textContent();
  return Number.parseInt(text ?? '', 10);
}

async function untilMore(visit: Visit, before: number): Promise<void> {
  await until(`more than ${before} have ended`, async () => (await endedOn(visit)) > before);
}
