/** UUIDs in 22 characters instead of 36, where thousands of them are carried along. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES: ReadonlyMap<string, number> = new Map(
  Array.from(ALPHABET, (character, value) => [character, value] as const),
);

export const COMPACT_LENGTH = 22;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** In lower case, as everything of ours has it. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The 128 bits of a UUID in base64url. */
export function compactUuid(uuid: string): string {
  const hex = uuid.replaceAll('-', '');
  let compact = '';
  // Three hexadecimal digits are 12 bits, two characters; the last two digits, eight bits, have two of their own.
  for (let at = 0; at < 30; at += 3) compact += twelveBits(Number.parseInt(hex.slice(at, at + 3), 16));
  return compact + twelveBits(Number.parseInt(hex.slice(30), 16));
}

/** What `compactUuid` was given, in lower case. */
export function fullUuid(compact: string): string {
  let hex = '';
  for (let at = 0; at < COMPACT_LENGTH; at += 2) {
    const value = (VALUES.get(compact[at] ?? '') ?? 0) * 64 + (VALUES.get(compact[at + 1] ?? '') ?? 0);
    hex += value.toString(16).padStart(at < 20 ? 3 : 2, '0');
  }
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function twelveBits(value: number): string {
  return (ALPHABET[value >> 6] ?? '') + (ALPHABET[value & 63] ?? '');
}
