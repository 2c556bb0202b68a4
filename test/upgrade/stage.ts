/**
 * Runs several builds in parallel: their workers, and which build executed which workflow, according to Temporal's
 * histories.
 *
 * Invariant: a worker is identified by its SDK identity, which consists of process and machine.
 */
import { hostname } from 'node:os';
import proto from '@temporalio/proto';
import { vi } from 'vitest';
import { Deployment, type Role } from '../support/deployment.js';
import { ManoProcess } from '../support/mano-process.js';
import type { Build } from './builds.js';

export interface StageOptions {
  amqpUrl: string;
  temporalAddress: string;
  /** How many migrations there may be. */
  services: number;
  /** How long each takes the MANO. */
  migrationMs: number;
}

/** What was done about the latest run of a workflow, and by the build of which version. */
export interface Work {
  /** Those that completed its tasks, in their order; whoever comes right after itself once. */
  builds: string[];
  /** Tasks that failed because of workflow code. Of a row of them Temporal keeps the first. */
  failed: { by: string; cause: string }[];
  /** What builds leave there: builds.ts. */
  memo: Record<string, unknown>;
}

const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;
type Cause = proto.temporal.api.enums.v1.WorkflowTaskFailedCause | null | undefined;

/** For what must come although the machine has much else to do. */
export const IN_TIME = { timeout: 600_000, interval: 200 };

export class UpgradeStage {
  private readonly versions = new Map<string, string>();

  private constructor(
    readonly mano: ManoProcess,
    readonly deployment: Deployment,
  ) {}

  static async open({
    amqpUrl,
    temporalAddress,
    services,
    migrationMs,
  }: StageOptions): Promise<UpgradeStage> {
    const mano = await ManoProcess.start({ amqpUrl, services, migrationMs });
    const settings = { REPOSITORY_URL: mano.repositoryUrl };
    return new UpgradeStage(mano, await Deployment.open({ amqpUrl, temporalAddress, mano, settings }));
  }

  /** What makes a worker, or a command, one of a build. The worker deployment is the stage's own. */
  versionOf({ version }: Build): Record<string, string> {
    return { TEMPORAL_DEPLOYMENT_NAME: this.deployment.name, TEMPORAL_WORKER_BUILD_ID: version };
  }

  /** Resolves once it is ready. */
  async startWorker(build: Build, { versioned }: { versioned: boolean }): Promise<Role> {
    const settings = versioned ? this.versionOf(build) : {};
    const worker = await this.deployment.startRole(['worker'], settings, build.main);
    this.versions.set(`${String(worker.pid)}@${hostname()}`, build.version);
    await worker.untilReady();
    return worker;
  }

  async workOf(workflowId: string): Promise<Work> {
    const handle = this.deployment.client.workflow.getHandle(workflowId);
    const [{ events }, { memo = {} }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
    const work: Work = { builds: [], failed: [], memo };
    for (const event of events ?? []) {
      const { workflowTaskCompletedEventAttributes: done, workflowTaskFailedEventAttributes: failed } = event;
      if (done != null) {
        const build = this.versionBehind(done.identity);
        if (build !== work.builds.at(-1)) work.builds.push(build);
      }
      if (failed != null && isOfCode(failed.cause)) {
        const cause = String(WorkflowTaskFailedCause[failed.cause ?? 0]);
        work.failed.push({ by: this.versionBehind(failed.identity), cause });
      }
    }
    return work;
  }

  /** The question that operators ask, too: docs/upgrades.md. */
  async untilDrained({ version }: Build): Promise<void> {
    const query = [
      `TemporalWorkerDeploymentVersion = '${this.deployment.name}:${version}'`,
      "TemporalWorkflowVersioningBehavior = 'Pinned'",
      "ExecutionStatus = 'Running'",
    ].join(' AND ');
    await vi.waitUntil(async () => (await this.deployment.client.workflow.count(query)).count === 0, IN_TIME);
  }

  async close(): Promise<void> {
    await this.deployment.close();
    await this.mano.close();
  }

  private versionBehind(identity: string | null | undefined): string {
    const version = this.versions.get(identity ?? '');
    if (version === undefined) throw new Error(`${String(identity)} is no worker that was started here`);
    return version;
  }
}

/** A reply that comes while a workflow ends itself fails that task, too: the server has it look again. */
function isOfCode(cause: Cause): boolean {
  return cause !== WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND;
}
