import type { Clock } from '../../src/simulator/clock.js';

interface Task {
  dueMs: number;
  run: () => void;
}

/** A clock that moves only on request. All due tasks then run in order, without delay. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #tasks: Task[] = [];

  /** The start is not a whole second, because real times rarely are. */
  constructor(startMs = 1_795_353_554_042.5) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(afterMs: number, run: () => void): void {
    const dueMs = this.#nowMs + afterMs;
    const later = this.#tasks.findIndex((task) => task.dueMs > dueMs);
    this.#tasks.splice(later === -1 ? this.#tasks.length : later, 0, { dueMs, run });
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (let next = this.#tasks[0]; next !== undefined && next.dueMs <= untilMs; next = this.#tasks[0]) {
      this.#tasks.shift();
      this.#nowMs = next.dueMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }
}
