/** How a migration ended, read from what Temporal keeps of it: no worker is needed. */
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { FAILURE_TYPES, type FailureType } from '../shared/migration/failures.js';
import type { MigrationResult, MigrationState } from '../shared/migration/contract.js';
import type { migrateVnf } from '../workflows/index.js';
import { MigrationError } from './errors.js';

export type MigrationHandle = WorkflowHandle<typeof migrateVnf>;

/** How a migration ended: with a result, a failure, cancelled, or lost. */
export type Ending = { kind: 'result'; result: MigrationResult } | { kind: 'error'; error: MigrationError };

/** Waits for the end. */
export async function endingOf(handle: MigrationHandle): Promise<Ending> {
  try {
    return { kind: 'result', result: await handle.result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { kind: 'error', error: await migrationError(handle, error) };
  }
}

async function migrationError(handle: MigrationHandle, failed: WorkflowFailedError): Promise<MigrationError> {
  const { cause } = failed;
  if (cause instanceof ApplicationFailure && isFailureType(cause.type)) {
    const state = (cause.details?.[0] ?? null) as MigrationState | null;
    return new MigrationError({ type: cause.type, message: cause.message, state });
  }
  if (cause instanceof CancelledFailure) {
    const { memo } = await handle.describe();
    const state = (memo?.['migrationState'] ?? null) as MigrationState | null;
    return new MigrationError({ type: null, message: 'the migration was cancelled', state });
  }
  return new MigrationError({ type: null, message: outsideEnd(cause), state: null });
}

function outsideEnd(cause: Error | undefined): string {
  if (cause instanceof TerminatedFailure) return 'the workflow was terminated from outside';
  if (cause instanceof TimeoutFailure) return "the workflow's own execution time limit ended it";
  return cause?.message ?? 'the workflow failed without a reason';
}

function isFailureType(type: string | null | undefined): type is FailureType {
  return FAILURE_TYPES.some((known) => known === type);
}

/** Whether a request of it may still be at work, or may have been carried out. */
export function leavesDoubt({ type, state }: MigrationError): boolean {
  if (state !== null) return state.mayBeRunning;
  // Ended from outside: nobody wrote down what was under way.
  return type === null;
}
