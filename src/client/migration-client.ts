/**
 * What TypeScript callers, the command line and campaigns use to start and follow migrations.
 *
 * Invariants: one VNF is migrated once at a time, because its workflow id is made of its id; starting the same
 * request again gives the running one; an old id is never sent again after a success.
 */
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import {
  migrationRequestSchema,
  problemsOf,
  type MigrationInput,
  type MigrationRequest,
  type MigrationResult,
  type MigrationState,
  type ResolutionInput,
} from '../shared/migration/contract.js';
import { migrationWorkflowId, TASK_QUEUE } from '../shared/names.js';
import { migrationStateQuery, resolveMigrationUpdate } from '../workflows/messages.js';
import type { migrateVnf } from '../workflows/index.js';
import { loadConfig } from '../settings/config.js';
import { ask } from './call-with-retry.js';
import { CampaignClient } from './campaign-client.js';
import { CampaignSchedules } from './campaign-schedules.js';
import { connectClient } from './connect.js';
import { endingOf, leavesDoubt, type Ending, type MigrationHandle } from './migration-outcome.js';
import {
  AlreadyMigratedError,
  InvalidRequestError,
  OtherMigrationRunsError,
  OutcomeUnknownError,
  StillRunningError,
} from './errors.js';
import type { MigrationClientOptions } from './options.js';
import { searchAttributesOf } from './search-attributes.js';
import { startFindable, startRunBy, type StartRun } from './start-run.js';

/** How a migration is started. */
export interface StartOptions {
  /** Default `vnf-migration/<vnfUuid>`. */
  workflowId?: string;
  /** Start although the outcome of the last migration of this VNF is unknown. */
  afterUnknown?: boolean;
}

/** How long a call waits. */
export interface WaitOptions {
  /** How long the call waits for the end, in milliseconds; default: until it comes. The migration goes on. */
  waitMs?: number;
}

/** A migration that runs. */
export interface Started {
  workflowId: string;
  runId: string;
  /** False: the same request was running already. */
  isNew: boolean;
}

/** A query waits for a worker; the server would wait far longer. */
const QUERY_TIMEOUT_MS = 10_000;

/** Starts, follows, resolves and cancels migrations. */
export class MigrationClient {
  readonly campaigns: CampaignClient;
  readonly schedules: CampaignSchedules;
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly startRun: StartRun;

  constructor(options: MigrationClientOptions) {
    const { client, taskQueue = TASK_QUEUE, startRun = startRunBy(client) } = options;
    this.client = client;
    this.taskQueue = taskQueue;
    this.startRun = startRun;
    this.campaigns = new CampaignClient(options);
    this.schedules = new CampaignSchedules(options);
  }

  /**
   * A client on the Temporal of the settings (`TEMPORAL_ADDRESS` and so on), to be closed by `close`.
   * @throws ConfigError with every problem; TransportError if nothing answers
   */
  static async fromSettings(environment: NodeJS.ProcessEnv = process.env): Promise<
    MigrationClient & {
      /** Closes the connection to Temporal. */
      close: () => Promise<void>;
    }
  > {
    const config = loadConfig(environment);
    const client = await connectClient(config);
    const migrations = new MigrationClient({ client, taskQueue: config.temporal.taskQueue });
    return Object.assign(migrations, { close: () => client.connection.close() });
  }

  /**
   * Starts a migration, or joins the same one where it runs.
   * @throws InvalidRequestError, AlreadyMigratedError, OtherMigrationRunsError, OutcomeUnknownError
   */
  async start(input: MigrationInput, options: StartOptions = {}): Promise<Started> {
    const parsed = migrationRequestSchema().safeParse(input);
    if (!parsed.success) throw new InvalidRequestError(problemsOf(parsed.error));
    const request = parsed.data;
    const workflowId = options.workflowId ?? migrationWorkflowId(request.vnfUuid);
    const ended = await this.endingIfClosed(workflowId);
    if (ended?.kind === 'error' && options.afterUnknown !== true && leavesDoubt(ended.error)) {
      throw new OutcomeUnknownError({ workflowId, how: `ended with "${ended.error.message}"` });
    }
    const mayStartAnew = ended?.kind === 'result' && ended.result.outcome === 'already-there';
    try {
      const runId = await this.startWorkflow({ input, request, workflowId, mayStartAnew });
      return { workflowId, runId, isNew: true };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return await this.join({ workflowId, request });
    }
  }

  /** Starts a migration and waits for its end. @throws what `start` and `result` throw */
  async migrate(input: MigrationInput, options: StartOptions & WaitOptions = {}): Promise<MigrationResult> {
    const { workflowId } = await this.start(input, options);
    return await this.result(workflowId, options);
  }

  /** Waits for the end of a migration. @throws MigrationError, StillRunningError */
  async result(workflowId: string, { waitMs }: WaitOptions = {}): Promise<MigrationResult> {
    const ending =
      waitMs === undefined ? await this.ending(workflowId) : await this.endingWithin(workflowId, waitMs);
    if (ending.kind === 'error') throw ending.error;
    return ending.result;
  }

  /** Waits for the end of a migration, whatever it is. */
  async ending(workflowId: string): Promise<Ending> {
    return await endingOf(this.handle(workflowId));
  }

  /** Where a migration stands; asks its workflow, so a worker must be running. */
  async status(workflowId: string): Promise<MigrationState> {
    const question = (): Promise<MigrationState> => this.handle(workflowId).query(migrationStateQuery);
    return await ask(this.client, { question, timeoutMs: QUERY_TIMEOUT_MS });
  }

  /** What Temporal itself knows of the migration's workflow. */
  async describe(workflowId: string): Promise<WorkflowExecutionDescription> {
    return await this.handle(workflowId).describe();
  }

  /** Asks a migration to stop waiting. What the MANO has begun, it ends. */
  async cancel(workflowId: string): Promise<void> {
    await this.handle(workflowId).cancel();
  }

  /** An operator's word on a migration that waits for one. Returns its state after it. */
  async resolve(workflowId: string, resolution: ResolutionInput): Promise<MigrationState> {
    return await this.handle(workflowId).executeUpdate(resolveMigrationUpdate, { args: [resolution] });
  }

  private handle(workflowId: string): MigrationHandle {
    return this.client.workflow.getHandle<typeof migrateVnf>(workflowId);
  }

  private async endingWithin(workflowId: string, waitMs: number): Promise<Ending> {
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), waitMs);
    try {
      return await this.client.withAbortSignal(over.signal, () => this.ending(workflowId));
    } catch (error) {
      if (over.signal.aborted) throw new StillRunningError({ workflowId, waitMs });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Null if it runs, or was never started. */
  private async endingIfClosed(workflowId: string): Promise<Ending | null> {
    try {
      const { status } = await this.describe(workflowId);
      return status.name === 'RUNNING' ? null : await this.ending(workflowId);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  private async startWorkflow(start: {
    input: MigrationInput;
    request: MigrationRequest;
    workflowId: string;
    mayStartAnew: boolean;
  }): Promise<string> {
    const { input, request, workflowId, mayStartAnew } = start;
    return await startFindable(this.startRun, {
      workflowType: 'migrateVnf',
      options: {
        workflowId,
        taskQueue: this.taskQueue,
        args: [input],
        workflowIdReusePolicy: mayStartAnew ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
        staticSummary: `VNF ${request.vnfUuid} to VIM ${request.vimUuid}`,
      },
      typedSearchAttributes: searchAttributesOf(request),
    });
  }

  private async join({
    workflowId,
    request,
  }: {
    workflowId: string;
    request: MigrationRequest;
  }): Promise<Started> {
    const { status, runId } = await this.describe(workflowId);
    if (status.name !== 'RUNNING') {
      const ending = await this.ending(workflowId);
      if (ending.kind === 'error') throw ending.error;
      throw new AlreadyMigratedError(ending.result);
    }
    const state = await this.status(workflowId);
    if (!isSameMigration(request, state)) throw new OtherMigrationRunsError({ workflowId, state });
    return { workflowId, runId, isNew: false };
  }
}

/** A caller may have used the workflow id for another VNF. The policy makes no difference. */
function isSameMigration(
  { serviceInstanceUuid, vnfUuid, vimUuid }: MigrationRequest,
  { request }: MigrationState,
): boolean {
  return (
    request?.serviceInstanceUuid === serviceInstanceUuid &&
    request.vnfUuid === vnfUuid &&
    request.vimUuid === vimUuid
  );
}
