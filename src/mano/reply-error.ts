/**
 * The `error` of a reply, which may be anything, as readable text.
 *
 * Invariant: the text is bounded; only a number that the MANO sent as a number becomes a code.
 */
import { isRecord } from '../shared/mano/records.js';
import { bounded } from './safe-text.js';

export const MAX_ERROR_TEXT = 2000;

export interface ReplyError {
  error: string | null;
  errorCode: number | null;
}

export function readError(value: unknown): ReplyError {
  if (value === null || value === undefined) return { error: null, errorCode: null };
  const { text, code } = isRecord(value) ? readMapping(value) : { text: textOf(value), code: codeOf(value) };
  return { error: bounded(text, MAX_ERROR_TEXT), errorCode: code };
}

/** The repository's answer handed through: {http_code, message}. Any other mapping is shown as it is. */
function readMapping(value: Record<string, unknown>): { text: string; code: number | null } {
  const code = codeOf(value['http_code']);
  if (code === null) return { text: textOf(value), code };
  const message = value['message'] ?? null;
  return { text: message === null ? `http_code ${code}` : `${textOf(message)} (http_code ${code})`, code };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function codeOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}
