/** The failures with which a migration ends. Their first detail is the migration's state. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { MigrationState } from '../../shared/migration/contract.js';
import { logEnd } from './log.js';
import { recordOutcome } from './metrics.js';
import type { RunningMigration } from './running-migration.js';
import type { Failure } from './verdict.js';
import { invalidState } from './views.js';

export function failedMigration(
  migration: RunningMigration,
  { type, message, retryable }: Failure,
): ApplicationFailure {
  const details = [migration.state()];
  return ApplicationFailure.create({ type, message, nonRetryable: !retryable, details });
}

/** What the run before this one sent is not known here, and no records show whether it may be sent again. */
export function cutShort(migration: RunningMigration): ApplicationFailure {
  const type = 'MigrationOutcomeUnknown';
  const message = 'an earlier run was cut short by a time limit of its caller, and may have sent a request';
  migration.show({ kind: 'close', verdict: { kind: 'failure', type, retryable: false, message } });
  const state: MigrationState = { ...migration.state(), mayBeRunning: true };
  recordOutcome(type, { isUnknown: true });
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [state] });
}

export function invalidRequest({ startedAtMs }: RunningMigration, message: string): ApplicationFailure {
  const state = invalidState({ startedAtMs, message });
  logEnd(state);
  const type = 'InvalidMigrationRequest';
  recordOutcome(type, { isUnknown: false });
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [state] });
}
