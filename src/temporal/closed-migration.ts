/**
 * How a migration's workflow ended, read from Temporal: no worker is needed.
 *
 * Invariant: what the workflow left (result, details, memo) is handed on as it is. The caller checks its shape.
 */
import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
} from '@temporalio/client';

export type ClosedMigration =
  | { kind: 'result'; result: unknown }
  /** `state`: the first detail of the failure; null where there is none. */
  | { kind: 'failed'; type: string | null; message: string; state: unknown }
  /** `state`: the memo that a cancelled migration leaves; null where there is none. */
  | { kind: 'cancelled'; state: unknown }
  /** Terminated or timed out: what was in progress is not recorded. */
  | { kind: 'lost'; message: string };

/** The part of a workflow handle that is needed, of one run. */
export interface ClosedHandle {
  result(): Promise<unknown>;
  describe(): Promise<{ memo?: Record<string, unknown> | undefined }>;
}

/** Waits for the end of the workflow. @throws ServiceError while Temporal is away */
export async function readClosedMigration(handle: ClosedHandle): Promise<ClosedMigration> {
  try {
    return { kind: 'result', result: await handle.result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof ApplicationFailure) {
      const { type = null, message, details } = cause;
      return { kind: 'failed', type, message, state: details?.[0] ?? null };
    }
    if (cause instanceof CancelledFailure) {
      const { memo } = await handle.describe();
      return { kind: 'cancelled', state: memo?.['migrationState'] ?? null };
    }
    return { kind: 'lost', message: messageOf(cause) };
  }
}

function messageOf(cause: Error | undefined): string {
  if (cause instanceof TerminatedFailure) return 'the workflow was terminated from outside';
  if (cause instanceof TimeoutFailure) return "the workflow's own execution time limit ended it";
  return cause?.message ?? 'the workflow failed without a reason';
}
