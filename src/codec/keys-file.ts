/** The keys file, read from the disk. */
import { readFileSync } from 'node:fs';
import { parsePayloadKeys, type ParsedKeys } from './payload-keys.js';

/** A problem does not repeat the path: a user may have set the key in its place by mistake. */
export function readPayloadKeys(path: string): ParsedKeys {
  try {
    return parsePayloadKeys(readFileSync(path, 'utf8'));
  } catch (error) {
    return { kind: 'wrong', problems: [`the file cannot be read: ${reasonOf(error)}`] };
  }
}

/** Node's message has the path in it. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it is no file';
}
