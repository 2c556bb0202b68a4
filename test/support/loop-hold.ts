// How long this thread's event loop was held without a turn, in time of the processor: a machine with more to do than
// it has processors makes every loop wait, and that is not the fault of what ran on it.
import { readFileSync } from 'node:fs';

const TURN_MS = 2;

export interface LoopHold {
  /** The longest since the start, or since the last look, in milliseconds. */
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

/** What this thread has had of a processor so far. */
function processorMs(): number {
  const [nanoseconds = ''] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1);
  return Number(nanoseconds) / 1e6;
}
