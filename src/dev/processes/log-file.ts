// The logs of the processes we start: appended to for as long as the directory lives, read back for error messages.
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

const TAIL_LINES = 20;

/** How long the log is now, to read later only what came after. */
export function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export async function readLog({ path, fromByte = 0 }: { path: string; fromByte?: number }): Promise<string> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  return bytes.subarray(fromByte).toString('utf8');
}

/** The last lines, indented, for the end of an error message. */
export function tail(log: string): string {
  const lines = log.trimEnd().split('\n').slice(-TAIL_LINES);
  return lines.map((line) => `    ${line}`).join('\n');
}
