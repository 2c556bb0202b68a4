/** Every page, and the dialogs that the main path does not open, at each width and in each scheme. */
import { campaignItems } from './api.js';
import { freshCampaign } from './fresh-campaign.js';
import { MOUSE } from './hand.js';
import { logIn } from './log-in.js';
import type { Scenario } from './scenario.js';
import { ask } from './api.js';
import { until } from './until.js';
import { SCHEMES, Visit, WIDTHS } from './visit.js';

const NAME = 'to-look-at';

/** What opens a dialog, or more of a page, by the name of its button. */
interface Opened {
  name: string;
  button: string | RegExp;
}

const PAGES: readonly { name: string; path: string; shows: string | RegExp; opens: readonly Opened[] }[] = [
  { name: 'campaigns', path: '/', shows: NAME, opens: [] },
  {
    ...{ name: 'campaign-held', path: `/campaigns/${NAME}`, shows: 'not-before' },
    opens: ['Start now', 'Set budget', 'Set windows', 'Add items', 'Abort'].map((button) => ({
      name: `order-${button.toLowerCase().replaceAll(' ', '-')}`,
      button,
    })),
  },
  {
    ...{ name: 'start', path: '/campaigns/new', shows: 'What moves' },
    opens: [{ name: 'start-window', button: 'Add a window' }],
  },
  {
    ...{ name: 'migrations', path: '/migrations', shows: 'Migrations' },
    opens: [{ name: 'migrations-start', button: 'Start a migration' }],
  },
  {
    ...{ name: 'vims', path: '/vims', shows: 'athens-1' },
    opens: [{ name: 'vims-orphans', button: /^Orphans of athens-1/ }],
  },
  {
    ...{ name: 'limits', path: '/limits', shows: 'Limits' },
    opens: [{ name: 'limits-set', button: 'Set limits' }],
  },
  { name: 'parked', path: '/parked', shows: 'Parked', opens: [] },
  { name: 'doctor', path: '/doctor', shows: /Temporal/, opens: [] },
  { name: 'no-such-page', path: '/nowhere', shows: 'No such page', opens: [] },
];

export const EVERY_PAGE: Scenario = {
  name: 'every-page',
  play: async ({ browser, stage }) => {
    await freshCampaign(stage, { name: NAME, limit: 1, campaign: { notBefore: '2099-01-01T00:00:00Z' } });
    await until('the items of the campaign', async () => (await campaignItems(stage, NAME)).length > 0);
    const findings: string[] = [];
    for (const width of WIDTHS) {
      for (const scheme of SCHEMES) {
        const visit = await Visit.begin(browser, { url: stage.console.url, width, scheme });
        const found = await visit.during(async () => {
          await visit.open('/');
          await logIn(visit, MOUSE, stage.token);
          for (const page of PAGES) await lookAt(visit, page);
        });
        findings.push(...found.map((finding) => `${width} px, ${scheme}: ${finding}`));
      }
    }
    const body = { reason: 'the scenario is over' };
    await ask(stage, `/campaigns/${NAME}/orders/abort`, { method: 'POST', body });
    return findings;
  },
};

async function lookAt(visit: Visit, { name, path, shows, opens }: (typeof PAGES)[number]): Promise<void> {
  const { page } = visit;
  await visit.open(path);
  await visit.sees(page.getByRole('main').getByText(shows));
  await visit.seesNoMore(page.getByRole('main').locator('> [aria-busy="true"]'));
  await visit.look(name);
  for (const { name: opened, button } of opens) {
    await MOUSE.press(page.getByRole('button', { name: button, exact: true }).first());
    const dialog = page.getByRole('dialog');
    if (opened !== 'start-window') await visit.sees(dialog);
    await visit.look(opened);
    // Escape closes a dialog, and the focus is where it was.
    if (opened === 'start-window') continue;
    await page.keyboard.press('Escape');
    await visit.seesNoMore(dialog);
    const focused = await page.locator(':focus').textContent();
    if (focused === null || focused === '') visit.find(`${opened}: Escape leaves the focus nowhere`);
  }
}
