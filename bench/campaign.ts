/**
 * Compares a campaign with the same migrations started one by one. It is the comparison of `npm run
 * campaign:scale`.
 */
import { loadConfig } from '../src/settings/config.js';
import { connectClient } from '../src/client/connect.js';
import { compareWays, MOST_OVERHEAD } from '../test/campaign/compare.js';
import { scaleOptions } from '../test/campaign/options.js';
import { sceneOf } from '../test/campaign/scene.js';
import { ScaleStage } from '../test/campaign/stage.js';
import { compared, type BenchContext, type Figure } from './harness.js';

const ROUNDS = 3;

export async function campaign({ stage, atOnce, rounds, report }: BenchContext): Promise<Figure[]> {
  const items = atOnce;
  const options = scaleOptions(['--overhead', '--items', String(items)]);
  if (options === 'help') throw new Error('no options of a scale run');
  // One pair more than is measured, because the first pair meets workers that have just started.
  const scene = sceneOf(options, 2 * (rounds(ROUNDS) + 1));
  const run = await stage.runBeside('campaign');
  try {
    const { environment } = await ScaleStage.on(run, { options, world: scene.world });
    const config = loadConfig(environment);
    const client = await connectClient(config);
    const { taskQueue } = config.temporal;
    const seconds = await compareWays(client, { options, scene, taskQueue, report });
    await client.connection.close();
    return [
      compared({
        what: `${String(items)} migrations by a campaign, ${String(options.total)} in flight`,
        unit: 's',
        ours: seconds.campaign.slice(1),
        reference: { name: 'one by one', values: seconds.direct.slice(1) },
        goal: { of: 'ratio', atMost: MOST_OVERHEAD },
      }),
    ];
  } finally {
    await run.stopProcesses();
  }
}
