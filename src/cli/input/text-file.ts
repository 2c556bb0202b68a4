/** Files that a user passes to a command, and text that is safe to print from them. */
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

/** The text without its byte order mark. Null means that it is not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The text on one line, bounded, and without characters that control a terminal. */
export function printable(text: string): string {
  return excerpt(text, 500);
}
