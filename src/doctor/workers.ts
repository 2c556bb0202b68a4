/** Are there workers on the task queue, and of the build that work is given to? Which build has migrations to end? */
import type { ConnectedClient } from '../client/connect.js';
import type { Config } from '../settings/config.js';
import { pollingBuilds, ranByBuild, buildName, UNVERSIONED, type Build } from '../temporal/builds.js';
import type { Tell } from './check.js';

export async function checkWorkers({
  client,
  config,
  tell,
}: {
  client: ConnectedClient;
  config: Config;
  tell: Tell;
}): Promise<void> {
  const { namespace, taskQueue } = config.temporal;
  const { builds, current } = await pollingBuilds(client, { namespace, taskQueue });
  const name = 'workers';
  const where = `on task queue ${taskQueue}`;
  if (builds.size === 0) {
    tell({ name, state: 'failed', text: `none ${where}: run \`vnf-migrator worker\`` });
    return;
  }
  const count = [...builds.values()].reduce((sum, { workers }) => sum + workers.size, 0);
  const seen = `${String(count)} ${where} in the last minutes`;
  if (current === UNVERSIONED && builds.size === 1 && builds.has(UNVERSIONED)) {
    tell({ name, state: 'ok', text: seen });
    return;
  }
  const counted = [...builds.values()].map((build) => described(build, { client, taskQueue }));
  const each = (await Promise.all(counted)).join(', ');
  if (builds.has(current))
    tell({ name, state: 'ok', text: `${seen}: ${each}; new migrations begin on one ${current}` });
  else {
    const text = `${seen}: ${each}; but new migrations wait for one ${current}: docs/upgrades.md`;
    tell({ name, state: 'failed', text });
  }
}

/** With the migrations that only its workers can end: at none they may be stopped. */
async function described(
  { version, workers }: Build,
  { client, taskQueue }: { client: ConnectedClient; taskQueue: string },
): Promise<string> {
  const text = `${String(workers.size)} ${buildName(version)}`;
  if (version === null) return text;
  const { count } = await client.workflow.count(
    [
      `TaskQueue = '${taskQueue}'`,
      ranByBuild(version),
      "TemporalWorkflowVersioningBehavior = 'Pinned'",
      "ExecutionStatus = 'Running'",
    ].join(' AND '),
  );
  return `${text} (migrations under way: ${String(count)})`;
}
