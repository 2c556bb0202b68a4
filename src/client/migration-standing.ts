/**
 * Where one migration stands, whether it runs or has ended.
 *
 * Invariants: how it ended is read from what Temporal keeps of it. A migration that runs tells its state only where a
 * worker answers; where none does, that is told instead, and is no error.
 */
import { isUuid } from '../shared/compact-uuid.js';
import type { FailureType } from '../shared/migration/failures.js';
import type { MigrationResult, MigrationState } from '../shared/migration/contract.js';
import { migrationWorkflowId } from '../shared/names.js';
import type { MigrationClient } from './migration-client.js';

/** Exactly one of `state`, `result`, `failure` and `unavailable` is not null. Times are ISO 8601. */
export interface MigrationStanding {
  workflowId: string;
  /** Temporal's. */
  status: string;
  startedAt: string;
  closedAt: string | null;
  /** Of a migration that runs. */
  state: MigrationState | null;
  result: MigrationResult | null;
  failure: { type: FailureType | null; message: string; state: MigrationState | null } | null;
  /** Why a migration that runs tells no state: no worker answers. */
  unavailable: string | null;
}

/** A VNF's uuid stands for the workflow id of its migration. */
export function workflowIdOf(id: string): string {
  return isUuid(id.toLowerCase()) ? migrationWorkflowId(id) : id;
}

/** @throws WorkflowNotFoundError, ServiceError */
export async function migrationStanding(
  migrations: MigrationClient,
  workflowId: string,
): Promise<MigrationStanding> {
  const { status, startTime, closeTime } = await migrations.describe(workflowId);
  const standing = {
    workflowId,
    status: status.name,
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
    ...{ state: null, result: null, failure: null, unavailable: null },
  };
  if (status.name === 'RUNNING') {
    try {
      return { ...standing, state: await migrations.status(workflowId) };
    } catch (error) {
      return { ...standing, unavailable: error instanceof Error ? error.message : String(error) };
    }
  }
  const ending = await migrations.ending(workflowId);
  if (ending.kind === 'result') return { ...standing, result: ending.result };
  const { type, message, state } = ending.error;
  return { ...standing, failure: { type, message, state } };
}
