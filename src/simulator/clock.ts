/** The injected clock. With it, an hour of the simulated MANO takes a millisecond in a test. */
export interface Clock {
  nowMs(): number;
  /**
   * Runs `task` once, `afterMs` from now. Tasks that are due at the same time run in the order of their scheduling.
   */
  schedule(afterMs: number, task: () => void): void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  schedule: (afterMs, task) => {
    setTimeout(task, afterMs);
  },
};

/** Tasks that are still scheduled when a lifetime ends never run. */
export class Lifetime {
  readonly clock: Clock;
  #isOver = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  after(delayMs: number, task: () => void): void {
    this.clock.schedule(delayMs, () => {
      if (!this.#isOver) task();
    });
  }

  end(): void {
    this.#isOver = true;
  }
}
