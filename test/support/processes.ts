/** Waits for output of a process, and ends it. */
import { once } from 'node:events';
import type { Running } from './cli.js';

/** Resolves with the first line, on either output, that matches. */
export function lineOf({ child, said, ended }: Running, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const line = said()
        .split('\n')
        .find((candidate) => pattern.test(candidate));
      if (line !== undefined) resolve(line);
    };
    look();
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    void ended.then(({ code }) => reject(new Error(`ended with ${String(code)}: ${said().slice(-2_000)}`)));
  });
}

/** Sends SIGTERM, and resolves with the exit code. */
export async function stopped({ child, ended }: Running): Promise<number | null> {
  child.kill('SIGTERM');
  return (await ended).code;
}

/** Sends SIGKILL, and resolves when the process is gone. */
export async function killed({ child }: Running): Promise<void> {
  const gone = once(child, 'close');
  child.kill('SIGKILL');
  await gone;
}
