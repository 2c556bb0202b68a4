/**
 * The address that the Gatekeeper posts the changes of one request to.
 *
 * Invariant: one attempt's own. It is made of its correlation id, whose nonce never leaves on this way by any other
 * road, so that it cannot be guessed; no table is kept.
 */

/** Correlation ids have 255 bytes; as base64url, a third more. */
const SEGMENT = /^[\w-]{1,400}$/;

/** `baseUrl`: the setting GATEKEEPER_CALLBACK_URL. */
export function callbackUrlOf(baseUrl: string, correlationId: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/${Buffer.from(correlationId).toString('base64url')}`;
}

/** The correlation id that an address, or its path alone, was made of; null if it is none of ours. */
export function correlationIdOf(url: string): string | null {
  const segment = callbackSegment(url);
  return SEGMENT.test(segment) ? Buffer.from(segment, 'base64url').toString('utf8') : null;
}

/** What is one attempt's own in it, whatever stands before: a proxy may have cut a prefix, or left it. */
export function callbackSegment(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
