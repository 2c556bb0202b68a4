/** Waits for a condition outside the browser. */
import { setTimeout as delay } from 'node:timers/promises';

const ASK_AGAIN_MS = 100;

/** Resolves with the first value that is neither null nor false. @throws an error that names what did not come */
export async function until<Value>(
  what: string,
  read: () => Promise<Value | null | false> | Value | null | false,
  withinMs = 60_000,
): Promise<Value> {
  const giveUpAtMs = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (value !== null && value !== false) return value;
    if (Date.now() > giveUpAtMs) throw new Error(`after ${withinMs / 1_000} s still not: ${what}`);
    await delay(ASK_AGAIN_MS);
  }
}
