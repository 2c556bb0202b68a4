/** Files that users give to a command, and how their content is quoted. */
import { readFileSync } from 'node:fs';
import { excerpt } from '../../mano/safe-text.js';
import { CommandError, EXIT } from '../exit-codes.js';

/** @throws CommandError */
export function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${file} cannot be read: ${reason}`, { code: EXIT.usage });
  }
}

/** Without its byte order mark; null: it is not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** On one line, bounded, and without what a terminal would obey. */
export function printable(text: string): string {
  return excerpt(text, 500);
}
