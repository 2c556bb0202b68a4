/**
 * For TypeScript workflows of others: a migration as one step of theirs.
 *
 * Invariant: what is started here goes on and stays watched whatever becomes of its parent: the MANO cannot be stopped.
 */
import { NexusOperationFailure } from '@temporalio/common';
import {
  ApplicationFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  executeChild,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { FAILURE_TYPES, type FailureType } from '../shared/failures.js';
import {
  migrationWorkflowId,
  TASK_QUEUE,
  type MigrationInput,
  type MigrationResult,
  type MigrationState,
} from '../shared/migration.js';

export type { FailureType, MigrationInput, MigrationResult, MigrationState };

export interface ExecuteMigrationOptions {
  /** Default `vnf-migration`. */
  taskQueue?: string;
  /** Default `vnf-migration/<vnfUuid>`, which keeps a VNF from being migrated twice at a time. */
  workflowId?: string;
}

/**
 * Migrates a VNF as a child workflow, and waits for its end.
 * @throws ChildWorkflowFailure; `migrationFailureOf` tells what kind
 */
export async function executeMigration(
  input: MigrationInput,
  { taskQueue = TASK_QUEUE, workflowId = migrationWorkflowId(input.vnfUuid) }: ExecuteMigrationOptions = {},
): Promise<MigrationResult> {
  return (await executeChild('migrateVnf', {
    args: [input],
    taskQueue,
    workflowId,
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
  })) as MigrationResult;
}

export interface MigrationFailure {
  type: FailureType;
  message: string;
  state: MigrationState;
}

/** What kind of failure of a migration an error is; null: none, such as a cancellation. */
export function migrationFailureOf(error: unknown): MigrationFailure | null {
  const wrapped = error instanceof ChildWorkflowFailure || error instanceof NexusOperationFailure;
  const cause = wrapped ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) return null;
  const type = FAILURE_TYPES.find((known) => known === cause.type);
  const [state] = (cause.details ?? []) as [MigrationState?];
  return type === undefined || state === undefined ? null : { type, message: cause.message, state };
}
