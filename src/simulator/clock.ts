/** Time, injected, so that the simulated MANO can live an hour in a test of a millisecond. */
export interface Clock {
  nowMs(): number;
  /** Runs `task` once, `afterMs` from now; tasks due at the same time run in the order they were given. */
  schedule(afterMs: number, task: () => void): void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  schedule: (afterMs, task) => {
    setTimeout(task, afterMs);
  },
};

/** What was put off during a life and is not done by its end never happens. */
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
