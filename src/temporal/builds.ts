/** The builds whose workers poll a task queue, and the build that new migrations are given to. */
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType;
const { WORKER_VERSIONING_MODE_VERSIONED } = proto.temporal.api.enums.v1.WorkerVersioningMode;

export type Version = Pick<
  proto.temporal.api.deployment.v1.IWorkerDeploymentVersion,
  'deploymentName' | 'buildId'
>;

export interface Build {
  /** Null: workers that are not versioned. */
  version: Version | null;
  /** Their identities. */
  workers: Set<string>;
}

export interface PollingBuilds {
  /** By their names. */
  builds: Map<string, Build>;
  /** The name of the build that new workflows are given to. */
  current: string;
}

export const UNVERSIONED = 'without a version';

export async function pollingBuilds(
  client: Client,
  { namespace, taskQueue }: { namespace: string; taskQueue: string },
): Promise<PollingBuilds> {
  const { pollers, versioningInfo } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
  });
  return { builds: buildsOf(pollers), current: buildName(versioningInfo?.currentDeploymentVersion) };
}

function buildsOf(pollers: readonly proto.temporal.api.taskqueue.v1.IPollerInfo[]): Map<string, Build> {
  const builds = new Map<string, Build>();
  for (const { identity, deploymentOptions } of pollers) {
    const isVersioned = deploymentOptions?.workerVersioningMode === WORKER_VERSIONING_MODE_VERSIONED;
    const version = isVersioned ? deploymentOptions : null;
    const name = buildName(version);
    const build = builds.get(name) ?? { version, workers: new Set() };
    build.workers.add(identity ?? '');
    builds.set(name, build);
  }
  return builds;
}

export function buildName(version: Version | null | undefined): string {
  return version == null
    ? UNVERSIONED
    : `of build ${version.buildId ?? ''} of ${version.deploymentName ?? ''}`;
}

/** For visibility: what runs on workers of this build. */
export function ranByBuild({ deploymentName, buildId }: Version): string {
  return `TemporalWorkerDeploymentVersion = '${deploymentName ?? ''}:${buildId ?? ''}'`;
}
