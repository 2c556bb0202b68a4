/**
 * Answers the operations of the Nexus service: each is a workflow, started or joined as the clients do it.
 *
 * Invariants: a call that Temporal repeats starts nothing twice, since its request id is the start's; what is wrong
 * with a request fails the operation permanently with a type, and only a transient error is retried.
 */
import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  getClient,
  operationInfo,
  startWorkflow,
  WorkflowRunOperationHandler,
  type WorkflowHandle,
} from '@temporalio/nexus';
import {
  HandlerError,
  OperationError,
  serviceHandler,
  type ServiceHandler,
  type StartOperationContext,
} from 'nexus-rpc';
import { z } from 'zod';
import { CampaignClient } from '../client/campaign-client.js';
import {
  AlreadyMigratedError,
  CampaignEndedError,
  InvalidCampaignError,
  InvalidRequestError,
  MigrationError,
  OppositeCampaignError,
  OtherCampaignRunsError,
  OtherMigrationRunsError,
  OutcomeUnknownError,
} from '../client/errors.js';
import { MigrationClient } from '../client/migration-client.js';
import type { MigrationClientOptions } from '../client/options.js';
import { INVALID_CAMPAIGN, type CampaignInput } from '../shared/campaign/contract.js';
import type { CampaignResult } from '../shared/campaign/views.js';
import type { FailureType } from '../shared/migration/failures.js';
import { problemsOf, type MigrationInput, type MigrationResult } from '../shared/migration/contract.js';
import { vnfMigration, type CampaignOperationInput } from './service.js';

interface Operation<Input> {
  workflowType: string;
  /** Starts a run, or finds the one to join. */
  begin: (options: MigrationClientOptions, input: Input) => Promise<{ workflowId: string }>;
}

export function createNexusService(): ServiceHandler<(typeof vnfMigration)['operations']> {
  return serviceHandler(vnfMigration, {
    migrate: runOf<MigrationInput, MigrationResult>({
      workflowType: 'migrateVnf',
      begin: (options, input) => new MigrationClient(options).start(input),
    }),
    campaign: runOf<CampaignOperationInput, CampaignResult>({
      workflowType: 'migrationCampaign',
      begin: async (options, input) => {
        const { campaign, ...how } = campaignOperation(input);
        return await new CampaignClient(options).start(campaign, how);
      },
    }),
  });
}

function runOf<Input, Output>({ workflowType, begin }: Operation<Input>) {
  return new WorkflowRunOperationHandler<Input, Output>(async (context, input) => {
    let started: WorkflowHandle<Output> | undefined;
    const options: MigrationClientOptions = {
      client: getClient(),
      taskQueue: operationInfo().taskQueue,
      startRun: async (type, startOptions) => {
        started = await startWorkflow(context, type, startOptions);
        return started.runId ?? '';
      },
    };
    const { workflowId } = await begin(options, input).catch(refused);
    return started ?? (await join<Output>(context, { workflowType, workflowId }).catch(hasJustEnded));
  });
}

/** Has the operation ended by a run that is there already. */
async function join<Output>(
  context: StartOperationContext,
  { workflowType, workflowId }: { workflowType: string; workflowId: string },
): Promise<WorkflowHandle<Output>> {
  return await startWorkflow<() => Promise<Output>>(context, workflowType, {
    workflowId,
    args: [],
    workflowIdConflictPolicy: 'USE_EXISTING',
    // If it has ended meanwhile, nothing is started without being looked at.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
  });
}

/** The SDK would fail the operation permanently; the caller's retry gets the result of that run. */
function hasJustEnded(error: unknown): never {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  throw new HandlerError('UNAVAILABLE', 'the run to join has just ended', {
    cause: error,
    retryableOverride: true,
  });
}

const campaignOperationSchema = z.strictObject({
  name: z.string(),
  campaign: z.unknown(),
  anyway: z.boolean().optional(),
});

function campaignOperation(input: unknown): CampaignOperationInput {
  const parsed = campaignOperationSchema.safeParse(input);
  if (!parsed.success) throw new InvalidCampaignError(problemsOf(parsed.error));
  // The campaign itself is checked where it is started.
  const { name, campaign, anyway = false } = parsed.data;
  return { name, campaign: campaign as CampaignInput, anyway };
}

/** What would be refused again fails the operation; Temporal tries everything else again. */
function refused(error: unknown): never {
  const type = refusalType(error);
  if (type === null || !(error instanceof Error)) throw error;
  const { message } = error;
  const details = error instanceof MigrationError && error.state !== null ? [error.state] : [];
  const cause = ApplicationFailure.nonRetryable(message, type, ...details);
  throw new OperationError('failed', message, { cause });
}

function refusalType(error: unknown): string | null {
  if (error instanceof InvalidRequestError) return 'InvalidMigrationRequest' satisfies FailureType;
  if (error instanceof InvalidCampaignError) return INVALID_CAMPAIGN;
  if (error instanceof MigrationError) return error.type ?? error.name;
  const kinds = [
    AlreadyMigratedError,
    OtherMigrationRunsError,
    OutcomeUnknownError,
    OppositeCampaignError,
    OtherCampaignRunsError,
    CampaignEndedError,
  ];
  return kinds.some((kind) => error instanceof kind) ? (error as Error).name : null;
}
