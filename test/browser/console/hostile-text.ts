/** Texts of others that look like markup or scripts are shown as texts: a reason, an error of the MANO, an address. */
import { ask, campaignView } from './api.js';
import { MOUSE } from './hand.js';
import { logIn } from './log-in.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';
import { until } from './until.js';
import { Visit } from './visit.js';
import { vimsOf } from './world-vims.js';

const MARKUP = '<img src=x onerror=alert(1)>';
const REASON = `reason ${MARKUP} javascript:alert(2) "'><script>alert(3)</script>`;
const MANO_ERROR = `error ${MARKUP} javascript:alert(4) {{alert(5)}}`;
const NAME = 'hostile-text';

export const HOSTILE_TEXT: Scenario = {
  name: 'hostile-text',
  play: async ({ browser, stage }) => {
    const visit = await Visit.begin(browser, { url: stage.console.url, width: 390 });
    return await visit.during(() => read(visit, stage));
  },
};

async function read(visit: Visit, stage: Stage): Promise<void> {
  const { page } = visit;
  await failWithHostileError(stage);
  await visit.open('/');
  await logIn(visit, MOUSE, stage.token);
  await visit.open(`/campaigns/${NAME}`);
  await visit.sees(page.getByRole('region', { name: 'Standing' }).getByText(REASON));
  await visit.sees(page.getByRole('cell', { name: REASON, exact: true }));
  await visit.sees(page.getByRole('region', { name: /^Last failures/ }).getByText(MARKUP));
  await nothingBecameMarkup(visit);
  await visit.look('hostile-campaign');
  await MOUSE.press(
    page
      .getByRole('region', { name: /^Last failures/ })
      .getByRole('link')
      .first(),
  );
  await visit.sees(page.getByRole('listitem').getByText(MANO_ERROR));
  await nothingBecameMarkup(visit);
  await visit.look('hostile-migration');
  await readReport(visit);
  await visit.duringOutage(async () => {
    for (const place of ['campaigns', 'migrations']) {
      await visit.open(`/${place}/${encodeURIComponent(`${MARKUP}javascript:alert(6)`)}`);
      await visit.sees(page.getByRole('main').getByText(MARKUP));
      await nothingBecameMarkup(visit);
    }
  });
}

async function failWithHostileError(stage: Stage): Promise<void> {
  const snapshot = await stage.snapshot();
  const { serviceInstanceUuid, vnfs } = snapshot.services[0]!;
  const { vnfUuid } = vnfs[0]!;
  const vimUuid = vimsOf(stage, snapshot).empty[0]!;
  await stage.addRules({ behaviour: 'deploy-fails', vnfUuid, times: 1, error: MANO_ERROR });
  const campaign = {
    items: [{ serviceInstanceUuid, vnfUuid, vimUuid }],
    policy: { maxAttempts: 1 },
    reason: REASON,
  };
  await ask(stage, '/campaigns', { method: 'POST', body: { name: NAME, campaign } });
  await until('the campaign has ended', async () => !(await campaignView(stage, NAME)).isRunning);
}

async function readReport(visit: Visit): Promise<void> {
  const report = await visit.context.newPage();
  await report.goto(`${visit.options.url}/api/v1/campaigns/${NAME}/report?format=html`);
  await visit.sees(REASON, report);
  await visit.sees(MARKUP, report);
  if ((await report.locator('img, script').count()) > 0) visit.find('in the report a text became markup');
  await report.close();
}

/** What would run is a finding of the visit: a dialog, or a script that the policy stops. */
async function nothingBecameMarkup(visit: Visit): Promise<void> {
  const { page } = visit;
  const wrong = page.locator('img, [onerror], a[href^="javascript:"], body script');
  if ((await wrong.count()) > 0) visit.find(`a text became markup at ${page.url()}`);
}
