/** Who sees and may do what: a viewer, somebody without a login, and those whose login ends. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { ask, campaignItems } from './api.js';
import { freshCampaign } from './fresh-campaign.js';
import { MOUSE } from './hand.js';
import { logIn } from './log-in.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';
import { until } from './until.js';
import { Visit } from './visit.js';

const NAME = 'nobody-moves-it';

export const ROLES: Scenario = {
  name: 'roles',
  play: async ({ browser, stage }) => {
    // It runs, and starts nothing.
    await freshCampaign(stage, { name: NAME, limit: 1, campaign: { notBefore: '2099-01-01T00:00:00Z' } });
    await until('the items of the campaign', async () => (await campaignItems(stage, NAME)).length > 0);
    const findings = [
      ...(await asViewer(browser, stage)),
      ...(await withoutLogin(browser, stage)),
      ...(await loginsEnd(browser, stage)),
    ];
    const body = { reason: 'the scenario is over' };
    await ask(stage, `/campaigns/${NAME}/orders/abort`, { method: 'POST', body });
    return findings;
  },
};

async function asViewer(browser: Browser, stage: Stage): Promise<readonly string[]> {
  const visit = await Visit.begin(browser, { url: stage.console.url });
  return await visit.during(async () => {
    const { token } = await stage.letIn({ name: 'victor', role: 'viewer' });
    await untilKnown(stage, token);
    await visit.open('/');
    await logIn(visit, MOUSE, token);
    await visit.sees('victor');
    await seesNoOrders(visit);
    await visit.look('viewer-campaigns');
  });
}

async function withoutLogin(browser: Browser, stage: Stage): Promise<readonly string[]> {
  const { url, service } = await stage.startConsole('console-open', { CONSOLE_TOKENS_FILE: '' });
  const visit = await Visit.begin(browser, { url });
  const findings = await visit.during(async () => {
    await visit.open('/');
    await visit.sees('not logged in');
    if ((await visit.page.getByRole('button', { name: 'Log out' }).count()) > 0)
      visit.find('who is not logged in can log out');
    await seesNoOrders(visit);
  });
  await service.stop();
  return findings;
}

/** Of each page, the text that says that it has been read, and the controls that only operators have. */
const PAGES: readonly { path: string; shows: string | RegExp; lacks: readonly string[] }[] = [
  { path: '/', shows: NAME, lacks: ['Start a campaign'] },
  { path: `/campaigns/${NAME}`, shows: 'not-before', lacks: ['Pause', 'Abort', 'Set limits', 'Add items'] },
  { path: '/migrations', shows: /Migrations/, lacks: ['Start a migration'] },
  { path: '/vims', shows: 'athens-1', lacks: ['Empty this VIM'] },
  { path: '/limits', shows: /Limits/, lacks: ['Set limits', 'Clear'] },
  { path: '/parked', shows: /[Pp]arked/, lacks: ['Replay', 'Drop'] },
];

async function seesNoOrders(visit: Visit): Promise<void> {
  const { page } = visit;
  for (const { path, shows, lacks } of PAGES) {
    await visit.open(path);
    await visit.sees(page.getByRole('main').getByText(shows));
    for (const name of lacks) {
      if ((await page.getByRole('button', { name }).or(page.getByRole('link', { name })).count()) > 0)
        visit.find(`${path} offers "${name}"`);
    }
    if ((await page.getByRole('checkbox').count()) > 0) visit.find(`${path} lets one select`);
  }
  // The page offers none; the console takes none either.
  await visit.duringOutage(async () => {
    const order = `fetch('/api/v1/campaigns/${NAME}/orders/pause', {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"reason":"x"}'
    }).then(({ status }) => status)`;
    const status = await page.evaluate<number>(order);
    if (status !== 403) visit.find(`an order is answered with ${status}, not 403`);
  });
}

async function loginsEnd(browser: Browser, stage: Stage): Promise<readonly string[]> {
  const visit = await Visit.begin(browser, { url: stage.console.url });
  return await visit.during(async () => {
    const { page } = visit;
    const { token, line } = await stage.letIn({ name: 'oscar', role: 'operator' });
    await untilKnown(stage, token);
    await visit.open(`/campaigns/${NAME}`);
    await visit.sees(visit.heading('Log in'));
    await refusesWrongToken(visit);
    // The address is still that of the campaign.
    await logIn(visit, MOUSE, token);
    await visit.sees(visit.heading(NAME));
    await visit.sees(page.getByRole('button', { name: 'Pause', exact: true }));
    await MOUSE.press(page.getByRole('button', { name: 'Log out' }));
    await visit.sees(visit.heading('Log in'));
    await page.reload();
    await logIn(visit, MOUSE, token);
    await visit.sees(page.getByRole('button', { name: 'Pause', exact: true }));
    await visit.duringOutage(async () => {
      await withoutLine(stage.console.tokensFile, line);
      await visit.sees(visit.heading('Log in'));
    });
  });
}

async function refusesWrongToken(visit: Visit): Promise<void> {
  const { page } = visit;
  await visit.duringOutage(async () => {
    await MOUSE.write(page.getByLabel('Token'), 'vnfc_this-is-no-token');
    await MOUSE.press(page.getByRole('button', { name: 'Log in' }));
    await visit.sees(page.getByRole('alert'));
    await visit.look('login-refused');
  });
}

async function untilKnown(stage: Stage, token: string): Promise<void> {
  await until('the console knows the new token', async () => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${stage.console.url}/api/v1/session`, { headers })).ok;
  });
}

async function withoutLine(file: string, line: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(`${line}\n`, ''));
}
