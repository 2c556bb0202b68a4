/** Selects the build that runs new workflows, where workers are versioned: docs/upgrades.md. */
import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { WorkerVersion } from '../../settings/config.js';
import type { Context } from './context.js';
import { CommandError, EXIT } from '../exit-codes.js';

const { TASK_QUEUE_TYPE_ACTIVITY, TASK_QUEUE_TYPE_NEXUS, TASK_QUEUE_TYPE_WORKFLOW } =
  proto.temporal.api.enums.v1.TaskQueueType;
const TASKS = [TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY, TASK_QUEUE_TYPE_NEXUS];

/** Workers that started shortly before this command need some time to register. */
const KNOWN_WITHIN_MS = 60_000;
const LOOK_AGAIN_MS = 500;

export interface CurrentVersion extends WorkerVersion {
  /** Null means that unversioned workers had the work before. */
  previousBuildId: string | null;
}

/**
 * Makes a build current as soon as its workers poll.
 * @param buildId true means the build id of the settings
 * @throws CommandError if the settings name no deployment, or if no worker of the build polls
 */
export async function makeCurrent(context: Context, buildId: string | true): Promise<CurrentVersion> {
  const { workerVersion, namespace } = context.config.temporal;
  if (workerVersion === null) {
    const needed = 'TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID';
    throw new CommandError(`--current-version needs ${needed}`, { code: EXIT.usage });
  }
  const version = buildId === true ? workerVersion : { ...workerVersion, buildId };
  await untilItsWorkersAreThere(context, version);
  const { client } = context;
  const { previousDeploymentVersion } = await client.workflowService.setWorkerDeploymentCurrentVersion({
    namespace,
    ...version,
    identity: client.options.identity,
  });
  return { ...version, previousBuildId: previousDeploymentVersion?.buildId ?? null };
}

/** A build without workers must not become current: it would receive all work and run none of it. */
async function untilItsWorkersAreThere(context: Context, version: WorkerVersion): Promise<void> {
  const limit = AbortSignal.timeout(KNOWN_WITHIN_MS);
  while (!(await hasWorkers(context, version))) {
    if (limit.aborted) {
      const { deploymentName, buildId } = version;
      const where = `on task queue ${context.config.temporal.taskQueue}`;
      throw new CommandError(
        `no worker of build ${buildId} of ${deploymentName} was seen ${where} in the last minutes`,
      );
    }
    await delay(LOOK_AGAIN_MS);
  }
}

/**
 * Temporal remembers the task queues of stopped workers, so the pollers are checked too. Temporal drops a poller
 * some minutes after its last poll.
 */
async function hasWorkers(context: Context, version: WorkerVersion): Promise<boolean> {
  if (!(await isKnown(context, version))) return false;
  const polled = await Promise.all(
    TASKS.map((taskQueueType) => isPolled(context, { version, taskQueueType })),
  );
  return polled.every(Boolean);
}

async function isPolled(
  { client, config }: Context,
  { version, taskQueueType }: { version: WorkerVersion; taskQueueType: (typeof TASKS)[number] },
): Promise<boolean> {
  const { namespace, taskQueue } = config.temporal;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType,
  });
  return pollers.some(
    ({ deploymentOptions }) =>
      deploymentOptions?.deploymentName === version.deploymentName &&
      deploymentOptions.buildId === version.buildId,
  );
}

async function isKnown({ client, config }: Context, version: WorkerVersion): Promise<boolean> {
  const { namespace, taskQueue } = config.temporal;
  try {
    const { versionTaskQueues } = await client.workflowService.describeWorkerDeploymentVersion({
      namespace,
      deploymentVersion: version,
    });
    const own = versionTaskQueues.filter(({ name }) => name === taskQueue);
    return TASKS.every((task) => own.some(({ type }) => type === task));
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === status.NOT_FOUND) return false;
    throw error;
  }
}
