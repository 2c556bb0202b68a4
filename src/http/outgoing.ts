/**
 * What our HTTP clients share.
 *
 * Invariants: credentials of an address leave in the Authorization header and nowhere else, no error repeats them;
 * no more of a body is held than its reader allows.
 */

export interface BaseAddress {
  /** Without credentials, without a slash at its end. */
  base: string;
  authorization: string | null;
}

/** Beyond what its reader allows. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** @throws TypeError, without the address in it. `whose` is for its message, such as "the repository". */
export function parseBaseAddress(baseUrl: string, whose: string): BaseAddress {
  // Not `new URL` in a try: its error carries the whole input, password included.
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new TypeError(`The address of ${whose} is no http or https URL`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError(`The address of ${whose} must have no query and no fragment`);
  }
  const base = url.origin + url.pathname.replace(/\/+$/, '');
  return { base, authorization: authorizationOf(url) };
}

/** The credentials of a URL as a header; null: it has none. fetch refuses a URL that has some, and repeats it. */
export function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const credentials = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

/** A password with a bare "%" is no percent-encoding; it is meant as it stands. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @throws BodyTooLarge */
export async function readBounded(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  // Counted after decompression, so a small body that unpacks to a huge one is caught as well.
  for await (const chunk of body) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw new BodyTooLarge(`it is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

/** The beginning of a body, of at most so many bytes; the rest is not waited for. */
export async function readStart(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    sizeBytes += chunk.byteLength;
    if (sizeBytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message === '' ? codeOf(error) : cause.message;
}

/** The system's code of a failed fetch, such as ECONNREFUSED; empty if it has none. */
export function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return '';
  // Several addresses tried: an AggregateError has no message of its own, but a code.
  return 'code' in cause ? String(cause.code) : cause.name;
}
