/** How a migration ended, read from what Temporal keeps of it: no worker is needed. */
import type { WorkflowHandle } from '@temporalio/client';
import { FAILURE_TYPES, type FailureType } from '../shared/migration/failures.js';
import type { MigrationResult, MigrationState } from '../shared/migration/contract.js';
import { readClosedMigration, type ClosedMigration } from '../temporal/closed-migration.js';
import type { migrateVnf } from '../workflows/index.js';
import { MigrationError } from './errors.js';

export type MigrationHandle = WorkflowHandle<typeof migrateVnf>;

/** How a migration ended: with a result, a failure, cancelled, or lost. */
export type Ending = { kind: 'result'; result: MigrationResult } | { kind: 'error'; error: MigrationError };

/** Waits for the end. */
export async function endingOf(handle: MigrationHandle): Promise<Ending> {
  const closed = await readClosedMigration(handle);
  if (closed.kind === 'result') return { kind: 'result', result: closed.result as MigrationResult };
  return { kind: 'error', error: migrationError(closed) };
}

function migrationError(closed: Exclude<ClosedMigration, { kind: 'result' }>): MigrationError {
  switch (closed.kind) {
    case 'failed': {
      const { type, message } = closed;
      if (!isFailureType(type)) return new MigrationError({ type: null, message, state: null });
      return new MigrationError({ type, message, state: closed.state as MigrationState | null });
    }
    case 'cancelled': {
      const state = closed.state as MigrationState | null;
      return new MigrationError({ type: null, message: 'the migration was cancelled', state });
    }
    case 'lost':
      return new MigrationError({ type: null, message: closed.message, state: null });
  }
}

function isFailureType(type: string | null | undefined): type is FailureType {
  return FAILURE_TYPES.some((known) => known === type);
}

/** Whether a request of it may still be at work, or may have been carried out. */
export function leavesDoubt({ type, state }: MigrationError): boolean {
  if (state !== null) return state.mayBeRunning;
  // Ended from outside: what was in progress is not recorded.
  return type === null;
}
