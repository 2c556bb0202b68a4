/**
 * Whether Temporal answers, asked now and then: without a migration under way nothing else would notice that
 * it is gone.
 */
import type { ConnectionLike } from '@temporalio/client';
import { temporalProblem } from '../client/connection-errors.js';

const INTERVAL_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;

export interface TemporalWatch {
  /** Why it cannot be worked with; null while it answers. */
  trouble: () => string | null;
  /** Resolves when nothing is asked any more: a call that is tried again on a closed connection ends the process. */
  stop: () => Promise<void>;
}

export function watchTemporal(
  connection: ConnectionLike,
  { namespace }: { namespace: string },
): TemporalWatch {
  let trouble: string | null = null;
  const ask = async (): Promise<void> => {
    try {
      await connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
        connection.workflowService.describeNamespace({ namespace }),
      );
      trouble = null;
    } catch (error) {
      trouble = temporalProblem(error);
    }
  };
  let asking = ask();
  const timer = setInterval(() => {
    asking = ask();
  }, INTERVAL_MS);
  timer.unref();
  const stop = (): Promise<void> => {
    clearInterval(timer);
    return asking;
  };
  return { trouble: () => trouble, stop };
}
