/**
 * What TypeScript callers and the command line use to set and read the limits of a deployment.
 *
 * Invariant: the workflow of the limits runs only while limits are set: it is started by the first order, and nothing is
 * started by one that would be refused.
 */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import {
  clearLimitsSchema,
  LIMITS_WORKFLOW_TYPE,
  setLimitsSchema,
  type ClearLimitsInput,
  type LimitsState,
  type SetLimitsInput,
} from '../shared/limits/contract.js';
import { problemsOf } from '../shared/migration/contract.js';
import { limitsWorkflowId, TASK_QUEUE } from '../shared/names.js';
import { clearSharedLimitsUpdate, limitsStateQuery, setSharedLimitsUpdate } from '../workflows/messages.js';
import { ask } from './call-with-retry.js';
import { ControlRefusedError } from './errors.js';

/** What the client is made with. */
export interface LimitsClientOptions {
  client: Client;
  /** As the workers have it: `DEPLOYMENT`, by default the namespace. */
  deployment: string;
  /** Default `vnf-migration`. */
  taskQueue?: string;
}

/** A query waits for a worker; the server would wait far longer. */
const QUERY_TIMEOUT_MS = 5_000;
const ORDER_TIMEOUT_MS = 15_000;

/** Sets, reads and clears the limits of a deployment. */
export class LimitsClient {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly workflowId: string;

  constructor({ client, deployment, taskQueue = TASK_QUEUE }: LimitsClientOptions) {
    this.client = client;
    this.taskQueue = taskQueue;
    this.workflowId = limitsWorkflowId(deployment);
  }

  /** Sets limits. What is not named stays as it is; null ends a limit. @throws ControlRefusedError */
  async set(order: SetLimitsInput): Promise<LimitsState> {
    const parsed = setLimitsSchema().safeParse(order);
    if (!parsed.success) throw new ControlRefusedError(problemsOf(parsed.error).join('; '));
    // Two tries: the one that ran may have been about to end.
    await this.begin();
    return await this.order(order).catch(async (error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      await this.begin();
      return await this.order(order);
    });
  }

  /** Ends all limits: what waits may go. @throws ControlRefusedError, also where none are set */
  async clear(order: ClearLimitsInput): Promise<LimitsState> {
    const parsed = clearLimitsSchema().safeParse(order);
    if (!parsed.success) throw new ControlRefusedError(problemsOf(parsed.error).join('; '));
    const updateId = randomUUID();
    try {
      return await this.give(() =>
        this.handle().executeUpdate(clearSharedLimitsUpdate, { args: [order], updateId }),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw new ControlRefusedError('no limits are set');
      throw error;
    }
  }

  /** Null: none are set. Asks the workflow, so a worker must be running. */
  async state(): Promise<LimitsState | null> {
    const question = async (): Promise<LimitsState | null> => {
      const { status } = await this.handle().describe();
      return status.name === 'RUNNING' ? await this.handle().query(limitsStateQuery) : null;
    };
    try {
      return await ask(this.client, { question, timeoutMs: QUERY_TIMEOUT_MS });
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  private async begin(): Promise<void> {
    await this.client.workflow.start(LIMITS_WORKFLOW_TYPE, {
      workflowId: this.workflowId,
      taskQueue: this.taskQueue,
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: 'limits of the deployment',
    });
  }

  private async order(order: SetLimitsInput): Promise<LimitsState> {
    const updateId = randomUUID();
    return await this.give(() =>
      this.handle().executeUpdate(setSharedLimitsUpdate, { args: [order], updateId }),
    );
  }

  private async give(question: () => Promise<LimitsState>): Promise<LimitsState> {
    try {
      return await ask(this.client, { question, timeoutMs: ORDER_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      throw new ControlRefusedError(error.cause?.message ?? error.message, { cause: error });
    }
  }

  private handle() {
    return this.client.workflow.getHandle(this.workflowId);
  }
}
