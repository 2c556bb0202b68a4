/**
 * The keys that payloads are encrypted with: the text of a keys file → keys, by id.
 *
 *   # the first line encrypts, all decrypt
 *   2026-11:<32 random bytes in base64>
 *   2026-05:<32 random bytes in base64>
 *
 * Invariants: a file is taken whole or refused whole, every wrong line named by its number; a problem repeats nothing of
 * the file, because a key with a slip in it is a key; a key that was read cannot be printed.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';

export interface PayloadKey {
  readonly id: string;
  readonly secret: KeyObject;
}

export interface PayloadKeys {
  /** What payloads are encrypted with; null: they are left as they are. */
  readonly encrypting: PayloadKey | null;
  /** What encrypted payloads are read with, by the id that they carry. */
  readonly byId: ReadonlyMap<string, KeyObject>;
}

export type ParsedKeys =
  { kind: 'keys'; keys: PayloadKeys } | { kind: 'wrong'; problems: readonly [string, ...string[]] };

/** Nothing is encrypted, and what is encrypted cannot be read. */
export const NO_KEYS: PayloadKeys = Object.freeze({ encrypting: null, byId: new Map<string, KeyObject>() });

const KEY_BYTES = 32;
/** In the place of a key: payloads are left as they are. So keys can be everywhere before anything is encrypted. */
const NONE = 'none';
const ID = /^[a-z0-9][\w.-]{0,63}$/i;
const HOW = 'expected id:key, the key 32 random bytes in base64 (openssl rand -base64 32)';

interface Line {
  number: number;
  text: string;
}

interface Found extends Line {
  id: string;
  bytes: Buffer;
}

export function parsePayloadKeys(text: string): ParsedKeys {
  const lines = linesOf(text);
  const nones = lines.filter((line) => line.text === NONE);
  const read = lines.filter((line) => line.text !== NONE).map(keyOn);
  const found = read.filter((one) => typeof one !== 'string');
  const [problem, ...problems] = [
    ...read.filter((one) => typeof one === 'string'),
    ...repeated(found),
    ...nones.slice(1).map(({ number }) => `line ${number}: ${NONE} again`),
    ...(read.length === 0 ? [`there is no key in it: ${HOW}, a line each`] : []),
  ];
  if (problem !== undefined) return { kind: 'wrong', problems: [problem, ...problems] };
  return { kind: 'keys', keys: keysOf(found, { isEncrypting: lines[0]?.text !== NONE }) };
}

function linesOf(text: string): Line[] {
  // trim() also takes away the mark that some editors begin a file with.
  return text
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'));
}

/** The key on a line, or what is wrong with it. */
function keyOn({ number, text }: Line): Found | string {
  const at = text.indexOf(':');
  if (at < 0) return `line ${number}: ${HOW}`;
  const id = text.slice(0, at).trim();
  const base64 = text.slice(at + 1).trim();
  if (!ID.test(id) || id.toLowerCase() === NONE) {
    return `line ${number}: the id: expected 1 to 64 letters, digits, '.', '_' and '-', and not ${NONE}`;
  }
  const bytes = Buffer.from(base64, 'base64');
  // Buffer takes whatever it can: what it made must be what was written.
  if (base64 === '' || bytes.toString('base64') !== base64) {
    return `line ${number}: the key is not base64, padding included`;
  }
  if (bytes.length !== KEY_BYTES) {
    return `line ${number}: the key has ${bytes.length} bytes; expected ${KEY_BYTES}`;
  }
  return { number, text, id, bytes };
}

/** An id twice would be a lottery; a key twice is a rotation that changes nothing. */
function repeated(found: readonly Found[]): string[] {
  return found.flatMap(({ number, id, bytes }, index) => {
    const before = found.slice(0, index);
    const sameId = before.find((one) => one.id === id);
    if (sameId !== undefined) return [`line ${number}: the id of line ${sameId.number} again`];
    const sameKey = before.find((one) => one.bytes.equals(bytes));
    return sameKey === undefined
      ? []
      : [`line ${number}: the key of line ${sameKey.number} again, by another id`];
  });
}

function keysOf(found: readonly Found[], { isEncrypting }: { isEncrypting: boolean }): PayloadKeys {
  const keys = found.map(({ id, bytes }) => ({ id, secret: createSecretKey(bytes) }));
  const [first] = keys;
  return Object.freeze({
    encrypting: isEncrypting && first !== undefined ? Object.freeze(first) : null,
    byId: new Map(keys.map(({ id, secret }) => [id, secret])),
  });
}
