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

export const NO_TEXT = 'it is neither UTF-8, nor UTF-16 with a byte order mark';

/** Without its byte order mark; null: `NO_TEXT`. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The text on one line, bounded, and without characters that control a terminal. */
export function printable(text: string): string {
  return excerpt(text, 500);
}

/** "Unicode text" of spreadsheets is UTF-16 with a byte order mark. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
