/** Campaigns of a rig: their input, their control, and what Temporal records of them. */
import { randomUUID } from 'node:crypto';
import { ApplicationFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import type { CampaignInput, ControlInput, ControlName } from '../../src/shared/campaign/contract.js';
import type {
  CampaignItemsPage,
  CampaignItemView,
  CampaignProgress,
  CampaignResult,
} from '../../src/shared/campaign/views.js';
import {
  campaignAuditQuery,
  campaignItemsQuery,
  campaignProgressQuery,
} from '../../src/workflows/messages.js';
import type { migrationCampaign } from '../../src/workflows/index.js';
import { eventually, type Rig } from './rig.js';
import { ack, later, ready, type Script } from './scripted-mano.js';
import { newTask, type Task } from './tasks.js';

/** The actor and reason of every order in the tests. */
export const BY = { actor: 'ada', reason: 'a test' };

/** Replies immediately, unless a test sets a delay. */
export const moves =
  (rig: Rig, task: Task, { afterMs = 0 } = {}): Script =>
  () => {
    const readyReply = ready(task.readyRecords);
    if (rig.hasRepository) setTimeout(() => rig.repository.move(task), Math.max(afterMs - 5, 0));
    return [ack(), later(Math.max(afterMs, rig.hasRepository ? 10 : 0), readyReply)];
  };

/** Tasks that succeed. They move VNFs from one VIM to another, each of a separate service. */
export function goodTasks(
  rig: Rig,
  { count, ids = {}, afterMs = 0 }: { count: number; ids?: Parameters<typeof newTask>[1]; afterMs?: number },
): Task[] {
  const [vimUuid, sourceVim] = [randomUUID(), randomUUID()];
  return Array.from({ length: count }, () => {
    const task = newTask({}, { vimUuid, sourceVim, ...ids });
    if (rig.hasRepository) rig.repository.settle(task);
    rig.mano.onMigration(task.input.serviceInstanceUuid, moves(rig, task, { afterMs }));
    return task;
  });
}

export function listOf(tasks: readonly Task[], more: Partial<CampaignInput> = {}): CampaignInput {
  return {
    items: tasks.map(({ input: { serviceInstanceUuid, vnfUuid, vimUuid } }) => ({
      serviceInstanceUuid,
      vnfUuid,
      vimUuid,
    })),
    limits: { total: 10, perSourceVim: 10, perTargetVim: 10 },
    policy: newTask().input.policy,
    ...more,
  };
}

export class CampaignOnRig {
  private constructor(
    private readonly rig: Rig,
    readonly handle: WorkflowHandle<typeof migrationCampaign>,
    readonly firstRunId: string,
  ) {}

  static async start(
    rig: Rig,
    input: unknown,
    {
      workflowId = `vnf-campaign/${randomUUID()}`,
      eventsPerRun,
    }: { workflowId?: string; eventsPerRun?: number } = {},
  ): Promise<CampaignOnRig> {
    const handle = await rig.client.workflow.start<typeof migrationCampaign>('migrationCampaign', {
      workflowId,
      taskQueue: rig.taskQueue,
      args:
        eventsPerRun === undefined ? [input as CampaignInput] : [input as CampaignInput, { eventsPerRun }],
    });
    rig.adopt(workflowId, handle.firstExecutionRunId);
    return new CampaignOnRig(rig, rig.client.workflow.getHandle(workflowId), handle.firstExecutionRunId);
  }

  async progress(): Promise<CampaignProgress> {
    return await this.handle.query(campaignProgressQuery);
  }

  async items(): Promise<CampaignItemView[]> {
    const items: CampaignItemView[] = [];
    for (let fromIndex: number | null = 0; fromIndex !== null;) {
      const page: CampaignItemsPage = await this.handle.query(campaignItemsQuery, { fromIndex });
      items.push(...page.items);
      fromIndex = page.nextIndex;
    }
    return items;
  }

  async audit() {
    return await this.handle.query(campaignAuditQuery);
  }

  async order<Name extends ControlName>(
    name: Name,
    ...[more]: object extends Omit<ControlInput<Name>, 'actor' | 'reason'>
      ? [Omit<ControlInput<Name>, 'actor' | 'reason'>?]
      : [Omit<ControlInput<Name>, 'actor' | 'reason'>]
  ): Promise<CampaignProgress> {
    const input = { ...BY, ...more } as unknown as ControlInput<Name>;
    return await this.rig.migrations.campaigns.control(this.handle.workflowId, { order: name, input });
  }

  /** Waits until the progress meets the expectation of `look`. */
  async until(look: (progress: CampaignProgress) => void): Promise<CampaignProgress> {
    return await eventually(async () => {
      const progress = await this.progress();
      look(progress);
      return progress;
    });
  }

  async inState(state: CampaignProgress['state']): Promise<CampaignProgress> {
    return await this.until((progress) => expect(progress.state).toBe(state));
  }

  /** Waits for the result. The workflows that it started are replayed with the rig. */
  async result(): Promise<CampaignResult> {
    const result = await this.handle.result();
    await this.adoptMigrations();
    return result;
  }

  async failure(): Promise<{ type: string; message: string }> {
    const error: unknown = await this.handle.result().catch((thrown: unknown) => thrown);
    if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) throw error;
    return { type: error.cause.type ?? '', message: error.cause.message };
  }

  /** The events of every run, first run first. */
  async runs() {
    const chain = await this.rig.chain(this.handle.workflowId, this.firstRunId);
    return chain.map(({ history }) => history.events ?? []);
  }

  async adoptMigrations(): Promise<void> {
    for (const events of await this.runs()) {
      for (const { childWorkflowExecutionStartedEventAttributes: started } of events) {
        const { workflowId, runId } = started?.workflowExecution ?? {};
        if (workflowId != null && runId != null) this.rig.adopt(workflowId, runId);
      }
    }
  }
}
