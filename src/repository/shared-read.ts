/**
 * Many who ask for the same list at once share one read of it: hundreds of migrations look at the same few megabytes.
 *
 * Invariants: a caller gets a read that began after its call, so nothing is older than it would be if it
 * were read alone; one read is under way at a time, and one more waits for its end; who gives up leaves the others
 * theirs.
 */
export function sharedRead<T>(read: () => Promise<T>): (signal?: AbortSignal) => Promise<T> {
  let underWay: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | null = null;
  return (signal) => {
    if (waiting === null) {
      waiting = underWay.then(() => {
        waiting = null;
        return read();
      });
      underWay = waiting.catch(() => undefined);
    }
    return signal === undefined ? waiting : untilAborted(waiting, signal);
  };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as Error);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
