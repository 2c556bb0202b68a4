// The logs of started processes. They are appended to as long as the directory exists, and read for error messages.
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const TAIL_LINES = 20;

/** The current length of the log, so that a later read can start there. */
export function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export async function readLog({ path, fromByte = 0 }: { path: string; fromByte?: number }): Promise<string> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  return bytes.subarray(fromByte).toString('utf8');
}

/** The last lines, indented, to append to an error message. */
export function tail(log: string): string {
  const lines = log.trimEnd().split('\n').slice(-TAIL_LINES);
  return lines.map((line) => `    ${line}`).join('\n');
}
