/**
 * Temporal's own UI shows ciphertext of a deployment with payload keys, until it is told of the console's codec and the person
 * is logged in at the console as an operator.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './api.js';
import { MOUSE } from './hand.js';
import { logIn } from './log-in.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';
import { Visit } from './visit.js';

/** A field of the input, which nothing but the payload has. */
const FIELD = 'serviceInstanceUuid';

export const TEMPORAL_UI: Scenario = {
  name: 'temporal-ui',
  play: async ({ browser, stage }) => {
    const folder = await mkdtemp(join(tmpdir(), 'vnf-migrator-keys-'));
    const keysFile = join(folder, 'keys');
    await writeFile(keysFile, `k1:${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
    const name = `encrypted-${randomUUID()}`;
    const settings = { PAYLOAD_KEYS_FILE: keysFile, TEMPORAL_TASK_QUEUE: name, DEPLOYMENT: name };
    const worker = await stage.startWorker('worker-encrypted', settings);
    const { url, service, tokensFile } = await stage.startConsole('console-encrypted', {
      ...settings,
      CONSOLE_TOKENS_FILE: stage.console.tokensFile,
      CONSOLE_CODEC_ORIGINS: stage.temporalUiUrl,
    });
    const reached = { console: { url, service, tokensFile }, token: stage.token };
    const visit = await Visit.begin(browser, { url, alsoOpens: [stage.temporalUiUrl] });
    const findings = await visit.during(() => decrypts(visit, { stage, reached }));
    await Promise.all([worker.stop(), service.stop()]);
    await rm(folder, { recursive: true, force: true });
    return findings;
  },
};

interface Encrypted {
  stage: Stage;
  /** The console that has the keys. */
  reached: Pick<Stage, 'console' | 'token'>;
}

async function decrypts(visit: Visit, { stage, reached }: Encrypted): Promise<void> {
  const { page } = visit;
  const { serviceInstanceUuid, vnfs } = (await stage.snapshot()).services[1]!;
  const body = {
    ...{ serviceInstanceUuid, vnfUuid: vnfs[0]!.vnfUuid },
    vimUuid: stage.world.vims.find((vim) => !vnfs[0]!.vimUuids.includes(vim)),
  };
  const { workflowId, runId } = await ask<{ workflowId: string; runId: string }>(reached, '/migrations', {
    method: 'POST',
    body,
  });
  await visit.open('/');
  await logIn(visit, MOUSE, stage.token);
  const place = `/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
  await page.goto(`${stage.temporalUiUrl}${place}`);
  await visit.sees('encryption-key-id');
  if ((await page.getByText(FIELD).filter({ visible: true }).count()) > 0)
    visit.find('without the codec the UI shows the input');
  await visit.picture('temporal-ui-encrypted');
  // As its dialog "Codec Server" keeps them.
  const kept = { endpoint: `${visit.options.url}/codec`, includeCredentials: true };
  for (const [key, value] of Object.entries(kept))
    await page.evaluate(
      `localStorage.setItem(${JSON.stringify(key)}, ${JSON.stringify(JSON.stringify(value))})`,
    );
  await page.reload();
  await visit.sees(FIELD);
  await visit.sees(serviceInstanceUuid);
  await visit.seesNoMore('encryption-key-id');
  await visit.picture('temporal-ui-decrypted');
}
