/**
 * For TypeScript workflows of others: a migration as one step of theirs.
 *
 * Invariant: what is started here goes on and stays watched whatever becomes of its parent: the MANO cannot be stopped.
 * @module
 */
import {
  ApplicationFailure,
  ChildWorkflowCancellationType,
  executeChild,
  ParentClosePolicy,
  TemporalFailure,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { FAILURE_TYPES, type FailureType } from '../shared/migration/failures.js';
import {
  type MigrationInput,
  type MigrationResult,
  type MigrationState,
} from '../shared/migration/contract.js';
import { migrationWorkflowId, TASK_QUEUE } from '../shared/names.js';

export type { FailureType, MigrationInput, MigrationResult, MigrationState };

/** How `executeMigration` starts the child workflow. */
export interface ExecuteMigrationOptions {
  /** Default `vnf-migration`. */
  taskQueue?: string;
  /** Default `vnf-migration/<vnfUuid>`, which keeps a VNF from being migrated twice at a time. */
  workflowId?: string;
}

/**
 * Migrates a VNF as a child workflow, and waits for its end.
 * @throws ChildWorkflowFailure; `migrationFailureOf` returns its kind
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

/** A failure of a migration, as a workflow that started it sees it. */
export interface MigrationFailure {
  type: FailureType;
  message: string;
  /** What was known at the end; null: a Nexus operation was refused before it began. */
  state: MigrationState | null;
}

/** What kind of failure of a migration an error is; null: none, such as a cancellation. */
export function migrationFailureOf(error: unknown): MigrationFailure | null {
  // What Nexus refuses lies deeper in the chain of causes than what a migration ended with.
  for (let cause = error; cause instanceof TemporalFailure; cause = cause.cause) {
    if (!(cause instanceof ApplicationFailure)) continue;
    const { type: given, message, details } = cause;
    const type = FAILURE_TYPES.find((known) => known === given);
    const [state = null] = (details ?? []) as [MigrationState?];
    if (type !== undefined) return { type, message, state };
  }
  return null;
}
