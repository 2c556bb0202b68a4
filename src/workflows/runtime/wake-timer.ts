import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { nowMs } from './clock.js';

/**
 * One durable timer for everything a workflow waits for.
 *
 * Invariant: it is replaced only when the time to wake at changes. A reply that changes nothing about that time costs
 * no timer events, and the last timer is left to the server when the workflow closes.
 */
export class WakeTimer {
  private untilMs: number | null = null;
  private timer: CancellationScope | null = null;

  /** Returns when `changed()` is true or the time has come. Throws CancelledFailure when cancelled. */
  async wait({ untilMs, changed }: { untilMs: number; changed: () => boolean }): Promise<void> {
    if (untilMs !== this.untilMs) this.set(untilMs);
    await condition(() => this.untilMs === null || changed());
  }

  private set(untilMs: number): void {
    this.timer?.cancel();
    this.untilMs = untilMs;
    const timer = new CancellationScope();
    this.timer = timer;
    timer
      .run(() => sleep(Math.max(untilMs - nowMs(), 1)))
      .then(
        () => this.ring(timer),
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }

  private ring(timer: CancellationScope): void {
    if (this.timer === timer) this.untilMs = null;
  }
}
