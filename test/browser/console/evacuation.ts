/**
 * The main path through the pages: an evacuation of 60 VNFs is planned, started, watched, paused, given other limits,
 * approved after its canary, stopped by its error budget, looked into, retried, resumed, and reported.
 *
 * It moves all VNFs off the VIMs that hold some, to those that hold none: so it can be played again in the same world.
 */
import type { Locator } from 'playwright-core';
import type { LedgerEntry } from '../../../src/simulator/index.js';
import { campaignItems, campaignView } from './api.js';
import type { Hand } from './hand.js';
import { logIn } from './log-in.js';
import type { Stage } from './stage.js';
import { until } from './until.js';
import type { Visit } from './visit.js';
import { vimsOf, type WorldVims } from './world-vims.js';

const ITEMS = 60;
const CANARY = 10;
const FIRST_LIMIT = 2;
const SECOND_LIMIT = 12;

export interface Evacuation {
  stage: Stage;
  visit: Visit;
  hand: Hand;
  name: string;
}

export async function evacuate(given: Evacuation): Promise<void> {
  const { visit, hand, stage } = given;
  await visit.open('/');
  await visit.sees(visit.heading('Log in'));
  await visit.look('login');
  await logIn(visit, hand, stage.token);
  await visit.sees(visit.heading('Campaigns'));
  await visit.look('campaigns');
  const vims = vimsOf(stage, await stage.snapshot());
  await plan(given, vims);
  await start(given);
  await pauseAndChangeLimits(given);
  await approve(given);
  await lookAtFailure(given);
  await retryAndFinish(given);
  await openReport(given);
  const left = vimsOf(stage, await stage.snapshot()).full.filter((name) => vims.full.includes(name));
  if (left.length > 0) throw new Error(`the MANO still has VNFs on ${left.join(', ')}`);
}

async function plan({ visit, hand, name }: Evacuation, { full, empty }: WorldVims): Promise<void> {
  const { page } = visit;
  const field = (label: string): Locator => page.getByLabel(label, { exact: true });
  await hand.press(page.getByRole('button', { name: 'Start a campaign' }));
  await visit.sees(visit.heading('Start a campaign'));
  await visit.look('start-empty');
  for (const vim of full) await addVim({ visit, hand }, { label: 'VIMs to empty', vim });
  for (const vim of empty) await addVim({ visit, hand }, { label: 'Target VIMs', vim });
  for (const label of ['In flight in all', 'Per source VIM', 'Per target VIM'])
    await hand.write(field(label), `${FIRST_LIMIT}`);
  await hand.write(field('Errors'), '0');
  await hand.write(field('Canary'), `${CANARY}`);
  await hand.write(field('Name'), name);
  await hand.write(field('Reason'), 'the VIM is to be maintained');
  await hand.press(page.getByRole('button', { name: 'Plan', exact: true }));
  await visit.sees(`${name}: ${ITEMS} items.`);
  await visit.sees(page.getByRole('heading', { name: 'Items, in the order of their starts' }));
  await visit.look('start-planned');
}

async function addVim(
  { visit, hand }: Pick<Evacuation, 'visit' | 'hand'>,
  { label, vim }: { label: string; vim: string },
): Promise<void> {
  const { page } = visit;
  await hand.write(page.getByLabel(label, { exact: true }), vim);
  await page.keyboard.press('Enter');
  await visit.sees(page.getByRole('list', { name: `${label}: chosen` }).getByText(vim, { exact: true }));
}

async function start(evacuation: Evacuation): Promise<void> {
  const { visit, hand, name, stage } = evacuation;
  await hand.press(visit.page.getByRole('button', { name: 'Start', exact: true }));
  await visit.sees(visit.heading(name));
  await visit.sees(badge(visit, 'running'));
  await visit.sees('started by olga: the VIM is to be maintained');
  await visit.sees(visit.page.getByRole('region', { name: /^In flight/ }));
  const items = await until('the items of the campaign', async () => {
    const read = await campaignItems(stage, name);
    return read.length === ITEMS && read;
  });
  // The campaign has none of this yet: it is on the canary.
  const { vnfUuid } = items[CANARY + 1]!;
  await stage.addRules({ behaviour: 'removal-fails', vnfUuid, times: 1 });
}

function standing({ page }: Visit): Locator {
  return page.getByRole('region', { name: 'Standing' });
}

/** The state of the campaign, as its head says it. */
function badge(visit: Visit, state: string): Locator {
  return standing(visit).locator('.badge', { hasText: new RegExp(`${state}$`) });
}

/** The figure of the head, such as `Limits`. */
function figure(visit: Visit, name: string): Locator {
  return standing(visit)
    .locator('dl > div')
    .filter({ has: visit.page.locator('dt', { hasText: name }) });
}

interface Order {
  title: string;
  reason: string;
  /** What the dialog asks for beside the reason. */
  fill?: (dialog: Locator) => Promise<void>;
  /** What is to be seen as soon as it is given. */
  then?: () => Promise<void>;
}

/** Opens the dialog of an order, gives the reason and whatever else, and sends it. */
async function order({ visit, hand }: Evacuation, { title, reason, fill, then }: Order): Promise<void> {
  const { page } = visit;
  await hand.press(page.getByRole('button', { name: title, exact: true }));
  const dialog = page.getByRole('dialog', { name: title });
  await visit.sees(dialog);
  await fill?.(dialog);
  await hand.write(dialog.getByLabel('Reason'), reason);
  await visit.look(`order-${title.toLowerCase().replaceAll(' ', '-')}`);
  await hand.press(dialog.getByRole('button', { name: title, exact: true }));
  await visit.seesNoMore(dialog);
  await then?.();
  // The audit trail is on the same page.
  await visit.sees(page.getByRole('cell').filter({ hasText: reason }));
}

async function pauseAndChangeLimits(evacuation: Evacuation): Promise<void> {
  const { visit, stage, name, hand } = evacuation;
  await order(evacuation, { title: 'Pause', reason: `${hand.name}: a call from the night shift` });
  await visit.sees(badge(visit, 'paused'));
  await visit.sees('An operator paused it.');
  await until('nothing is in flight', async () => {
    const { progress } = await campaignView(stage, name);
    return progress?.counts.RUNNING === 0;
  });
  await visit.seesNoMore(visit.page.getByRole('region', { name: /^In flight/ }));
  await visit.look('campaign-paused');
  const [before, requests] = [Date.now(), stage.migrationRequests()];
  await order(evacuation, {
    ...{ title: 'Set limits', reason: `${hand.name}: the night is quiet` },
    fill: async (dialog) => {
      for (const label of ['In all', 'Per source VIM', 'Per target VIM'])
        await hand.write(dialog.getByLabel(label, { exact: true }), `${SECOND_LIMIT}`);
    },
  });
  await visit.sees(figure(visit, 'Limits').getByText(`${SECOND_LIMIT} in all`));
  if (stage.migrationRequests() !== requests)
    throw new Error('the MANO got a request while the campaign was paused');
  const most = mostInFlight(stage.ledger().filter(({ atMs }) => atMs < before));
  if (most > FIRST_LIMIT) throw new Error(`${most} were in flight, of ${FIRST_LIMIT}`);
  await order(evacuation, { title: 'Resume', reason: `${hand.name}: the call is over` });
}

/** Of the campaign that begins the ledger: none of an earlier one runs any more. */
function mostInFlight(entries: readonly LedgerEntry[]): number {
  let [now, most] = [0, 0];
  for (const entry of entries.slice(entries.findLastIndex(({ type }) => type === 'rule'))) {
    if (entry.type === 'decision' && entry.decision === 'accepted') now += 1;
    if (entry.type === 'reply' && entry.isFinal) now -= 1;
    most = Math.max(most, now);
  }
  return most;
}

async function approve(evacuation: Evacuation): Promise<void> {
  const { visit, stage, name, hand } = evacuation;
  await visit.sees(badge(visit, 'awaiting approval'));
  await visit.sees('The canary has ended. To continue: approve.');
  await visit.sees(standing(visit).getByText(`migrated ${CANARY}`));
  const { progress } = await campaignView(stage, name);
  if (progress?.counts.MIGRATED !== CANARY)
    throw new Error(`the API says that ${progress?.counts.MIGRATED ?? 'nobody knows how many'} have moved`);
  await visit.look('campaign-canary');
  await order(evacuation, { title: 'Approve', reason: `${hand.name}: the canary lives` });
}

/** One failure is one too many for the budget. */
async function lookAtFailure({ visit, hand, stage, name }: Evacuation): Promise<void> {
  const { page } = visit;
  await visit.sees('The error budget is used up.');
  const failures = page.getByRole('region', { name: /^Last failures/ });
  await visit.sees(failures.getByText('MigrationFailed'));
  await until('nothing is in flight', async () => {
    const { progress } = await campaignView(stage, name);
    return progress?.counts.RUNNING === 0;
  });
  await visit.seesNoMore(page.getByRole('region', { name: /^In flight/ }));
  await hand.choose(page.getByRole('search', { name: 'Items' }).getByLabel('State'), 'failed');
  await visit.sees(`1 of ${ITEMS} items`);
  await visit.look('campaign-failed');
  await hand.press(failures.getByRole('link').first());
  await visit.sees(visit.heading(/^Migration of /));
  await visit.sees(page.getByRole('heading', { name: 'Evidence' }));
  await visit.sees('The MANO reported a failure.');
  await visit.sees(page.getByRole('listitem').getByText('mano.function.remove'));
  await visit.look('migration-failed');
  await hand.toCampaign(page, name);
  await visit.sees(visit.heading(name));
}

async function retryAndFinish(evacuation: Evacuation): Promise<void> {
  const { visit, stage, name, hand } = evacuation;
  await order(evacuation, { title: 'Retry failed', reason: `${hand.name}: the copy is removed` });
  await visit.seesNoMore(visit.page.getByRole('region', { name: /^Last failures/ }));
  await order(evacuation, {
    ...{ title: 'Resume', reason: `${hand.name}: what failed goes again` },
    then: async () => {
      await visit.sees(badge(visit, 'running'));
      await visit.look('campaign-running');
    },
  });
  await visit.sees(visit.page.getByRole('heading', { name: 'Result' }));
  // What an earlier failure has left on a VIM is no item, and is told.
  await visit.sees(badge(visit, 'completed( with errors)?'));
  await visit.sees(standing(visit).getByText(`migrated ${ITEMS}`));
  const { result } = await campaignView(stage, name);
  if (result?.counts.MIGRATED !== ITEMS) throw new Error(`the API says ${JSON.stringify(result?.counts)}`);
  const most = mostInFlight(stage.ledger());
  if (most <= FIRST_LIMIT || most > SECOND_LIMIT)
    throw new Error(`at most ${most} were in flight, of ${SECOND_LIMIT}`);
  await visit.look('campaign-ended');
}

async function openReport({ visit, hand, name }: Evacuation): Promise<void> {
  const opened = visit.context.waitForEvent('page');
  await hand.press(visit.page.getByRole('link', { name: /^HTML/ }));
  const report = await opened;
  await report.waitForLoadState('load');
  await visit.sees(report.getByRole('heading', { level: 1, name: new RegExp(name) }));
  await visit.lookAtScriptless('report', report);
  await report.close();
}
