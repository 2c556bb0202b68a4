/**
 * Compares campaigns that tell receivers with campaigns that tell nobody, in turns. Of the receivers one is down, one never
 * answers, one redirects, one fails, one is gone, and one is well. `npm run campaign:receivers`; the exit code is 1 if the
 * campaigns with receivers take more than 1.05 times as long, or if the one that is well misses an event.
 */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connectClient } from '../../src/client/connect.js';
import { loadConfig } from '../../src/settings/config.js';
import { LongRun } from '../support/long-run.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { scaleOptions } from './options.js';
import { runCampaign } from './run-campaign.js';
import { inputOf, sceneOf } from './scene.js';
import { ScaleStage } from './stage.js';

/** In turns, after one that only warms up. */
const BATCHES = 8;
const MOST = 1.05;
/** `started`, `wave-ended`, `ended`. */
const EVENTS_OF_ONE = 3;
const ANSWERS = { redirects: 302, fails: 500, gone: 410 } as const;

const report = (line: string): void => console.error(line);
const options = scaleOptions(process.argv.slice(2));
if (options === 'help') throw new Error('npm run campaign:receivers [-- --items 200]');
const well = await WebhookReceiver.open();
const down = await WebhookReceiver.reserve();
const odd = createServer((request, response) => {
  const status = ANSWERS[(request.url ?? '').slice(1) as keyof typeof ANSWERS] as number | undefined;
  // Whoever asks for nothing of these gets no answer.
  if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end();
});
await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
const address = odd.address();
const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
const entry = (name: string, url: string, secret = well.secret): string =>
  `${name}: { url: '${url}', secret: '${secret}' }`;
const receivers = [
  entry('well', well.url),
  entry('down', down.url, down.secret),
  ...['silent', ...Object.keys(ANSWERS)].map((name) =>
    entry(name, `http://127.0.0.1:${String(port)}/${name}`),
  ),
];
const names = receivers.map((line) => line.split(':')[0] ?? '');

const scene = sceneOf(options, BATCHES + 1);
const run = await LongRun.begin('campaign-receivers', { persistent: false, report });
const file = `${run.directory}/receivers.yaml`;
await writeFile(file, receivers.join('\n'), { mode: 0o600 });
const stage = await ScaleStage.on(run, { options, world: scene.world, settings: { NOTIFY_FILE: file } });
const config = loadConfig(stage.environment);
const client = await connectClient(config);
const seconds = { plain: 0, told: 0 };
try {
  for (const [nth, batch] of scene.batches.entries()) {
    // The first of each pair takes turns, so that a server that grows slower slows both.
    const way = nth % 4 < 2 ? 'plain' : 'told';
    const input = {
      ...inputOf(batch, { options: { ...options, perVim: options.total }, targets: scene.targets }),
      ...(way === 'told' ? { notify: names } : {}),
    };
    const startedAtMs = Date.now();
    const { taskQueue } = config.temporal;
    const result = await runCampaign(client, { input, taskQueue, name: `told-${String(nth)}`, report });
    if (result.state !== 'COMPLETED') throw new Error(`the campaign ended ${result.state}`);
    const took = (Date.now() - startedAtMs) / 1_000;
    if (nth > 0) seconds[way] += took;
    report(`${way}: ${String(batch.length)} in ${took.toFixed(1)} s`);
  }
} finally {
  await client.connection.close();
  await stage.stop();
  well.close();
  odd.closeAllConnections();
  odd.close();
}
const ratio = seconds.told / seconds.plain;
const expected = (BATCHES / 2) * EVENTS_OF_ONE;
console.table({ ...seconds, ratio, received: well.received.length, expected, forged: well.forged.length });
process.exitCode = ratio <= MOST && well.received.length === expected ? 0 : 1;
