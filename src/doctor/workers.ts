/** Are there workers on the task queue, and of the build that work is given to? Which build has migrations to end? */
import proto from '@temporalio/proto';
import type { ConnectedClient } from '../client/connect.js';
import type { Config } from '../settings/config.js';
import type { Tell } from './check.js';

const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType;
const { WORKER_VERSIONING_MODE_VERSIONED } = proto.temporal.api.enums.v1.WorkerVersioningMode;

const UNVERSIONED = 'without a version';

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
  const { pollers, versioningInfo } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
  });
  const name = 'workers';
  const where = `on task queue ${taskQueue}`;
  const builds = buildsOf(pollers);
  if (builds.size === 0) {
    tell({ name, state: 'failed', text: `none ${where}: run \`vnf-migrator worker\`` });
    return;
  }
  const current = nameOf(versioningInfo?.currentDeploymentVersion);
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

type Poller = proto.temporal.api.taskqueue.v1.IPollerInfo;
type Version = Pick<proto.temporal.api.deployment.v1.IWorkerDeploymentVersion, 'deploymentName' | 'buildId'>;

interface Build {
  /** Null: workers that are not versioned. */
  version: Version | null;
  /** Their identities. */
  workers: Set<string>;
}

/** By their names. */
function buildsOf(pollers: readonly Poller[]): Map<string, Build> {
  const builds = new Map<string, Build>();
  for (const { identity, deploymentOptions } of pollers) {
    const isVersioned = deploymentOptions?.workerVersioningMode === WORKER_VERSIONING_MODE_VERSIONED;
    const version = isVersioned ? deploymentOptions : null;
    const name = nameOf(version);
    const build = builds.get(name) ?? { version, workers: new Set() };
    build.workers.add(identity ?? '');
    builds.set(name, build);
  }
  return builds;
}

function nameOf(version: Version | null | undefined): string {
  return version == null
    ? UNVERSIONED
    : `of build ${version.buildId ?? ''} of ${version.deploymentName ?? ''}`;
}

/** With the migrations that only its workers can end: at none they may be stopped. */
async function described(
  { version, workers }: Build,
  { client, taskQueue }: { client: ConnectedClient; taskQueue: string },
): Promise<string> {
  const text = `${String(workers.size)} ${nameOf(version)}`;
  if (version === null) return text;
  const { count } = await client.workflow.count(
    [
      `TaskQueue = '${taskQueue}'`,
      `TemporalWorkerDeploymentVersion = '${version.deploymentName ?? ''}:${version.buildId ?? ''}'`,
      "TemporalWorkflowVersioningBehavior = 'Pinned'",
      "ExecutionStatus = 'Running'",
    ].join(' AND '),
  );
  return `${text} (migrations under way: ${String(count)})`;
}
