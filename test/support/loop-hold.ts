// Measures how long this thread's event loop was blocked, in processor time. On a machine with more work than
// processors every loop waits, and the code under test does not cause that.
import { readFileSync } from 'node:fs';

const TURN_MS = 2;

export interface LoopHold {
  /** The longest time in milliseconds since the start, or since the last call. */
  take: () => number;
  stop: () => void;
}

export function watchLoop(): LoopHold {
  let last = processorMs();
  let longest = 0;
  const turn = (): void => {
    const now = processorMs();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(turn, TURN_MS);
  return {
    take: () => {
      turn();
      const taken = longest;
      longest = 0;
      return taken;
    },
    stop: () => clearInterval(timer),
  };
}

/** The processor time that this thread has used so far. */
function processorMs(): number {
  const [nanoseconds = ''] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1);
  return Number(nanoseconds) / 1e6;
}
