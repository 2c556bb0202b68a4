import { isCancellation, rootCause } from '@temporalio/workflow';
import { nowMs } from './clock.js';

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 300_000;

export interface BackgroundWork {
  run: () => Promise<void>;
  /** Called with the reason; the task is retried later. */
  failed?: (reason: string) => void;
  /** Called whenever it has ended, one way or the other. */
  ended: () => void;
}

/**
 * Something that is asked of the outside beside everything else: one at a time, and after a failure again, later
 * each time. It never throws.
 */
export class BackgroundTask {
  private isUnderWay = false;
  private failures = 0;
  private notBeforeMs = 0;

  get isRunning(): boolean {
    return this.isUnderWay;
  }

  /** When it can be run, if it is to be at `dueMs`; null: not before it has ended. */
  nextMs(dueMs: number | null): number | null {
    return dueMs === null || this.isUnderWay ? null : Math.max(dueMs, this.notBeforeMs);
  }

  isDue(dueMs: number | null): boolean {
    const nextMs = this.nextMs(dueMs);
    return nextMs !== null && nextMs <= nowMs();
  }

  begin({ run, failed, ended }: BackgroundWork): void {
    this.isUnderWay = true;
    run()
      .then(
        () => {
          this.failures = 0;
        },
        (error: unknown) => {
          if (isCancellation(error)) return;
          this.failures += 1;
          this.notBeforeMs = nowMs() + Math.min(FIRST_WAIT_MS * 2 ** (this.failures - 1), LONGEST_WAIT_MS);
          failed?.(rootCause(error) ?? String(error));
        },
      )
      .finally(() => {
        this.isUnderWay = false;
        ended();
      });
  }
}
