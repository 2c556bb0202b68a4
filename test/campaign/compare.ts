/** Compares a campaign with the same migrations started one by one, with the same number at a time. */
import type { Client } from '@temporalio/client';
import { MigrationClient } from '../../src/client/migration-client.js';
import type { ScaleOptions } from './options.js';
import { runCampaign } from './run-campaign.js';
import { inputOf, type Scene } from './scene.js';
import type { Moved } from './witness.js';

/** How much longer a campaign may take. */
export const MOST_OVERHEAD = 1.25;

export interface Comparison {
  options: ScaleOptions;
  scene: Scene;
  taskQueue: string;
  report: (line: string) => void;
}

/** The seconds that each batch took: the first one by one, the second by a campaign, and so on in turns. */
export async function compareWays(
  client: Client,
  comparison: Comparison,
): Promise<{ direct: number[]; campaign: number[] }> {
  const seconds: { direct: number[]; campaign: number[] } = { direct: [], campaign: [] };
  for (const [nth, batch] of comparison.scene.batches.entries()) {
    const way = nth % 2 === 0 ? 'direct' : 'campaign';
    const startedAtMs = Date.now();
    if (way === 'direct') await migrateOneByOne(client, { ...comparison, batch });
    else await migrateByCampaign(client, { ...comparison, batch, name: `compare-${String(nth)}` });
    const took = (Date.now() - startedAtMs) / 1_000;
    seconds[way].push(took);
    comparison.report(`${way}: ${String(batch.length)} in ${took.toFixed(1)} s`);
  }
  return seconds;
}

interface Batch extends Comparison {
  batch: readonly Moved[];
}

async function migrateByCampaign(
  client: Client,
  { batch, options, scene, taskQueue, name, report }: Batch & { name: string },
): Promise<void> {
  // Alone the total limits what is in flight, as it does the other way.
  const input = inputOf(batch, { options: { ...options, perVim: options.total }, targets: scene.targets });
  const result = await runCampaign(client, { input, taskQueue, name, report });
  if (result.state !== 'COMPLETED') throw new Error(`the campaign ended ${result.state}`);
}

async function migrateOneByOne(client: Client, { batch, options, scene, taskQueue }: Batch): Promise<void> {
  const migrations = new MigrationClient({ client, taskQueue });
  const waiting = [...batch.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { serviceInstanceUuid, vnfUuid }] = next;
      const vimUuid = scene.targets[index % scene.targets.length] ?? '';
      await migrations.migrate({ serviceInstanceUuid, vnfUuid, vimUuid, policy: { records: 'none' } });
    }
  };
  await Promise.all(Array.from({ length: options.total }, lane));
}
