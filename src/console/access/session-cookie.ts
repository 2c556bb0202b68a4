/**
 * The cookie of a browser's session.
 *
 * Invariants: no script can read it, no page of another site can make a browser send it, and it ends with the browser. It
 * holds the token itself, so that a token that is taken away ends every session, and the console keeps no state. Where the
 * browser came over TLS, it is sent over TLS alone.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

export const SESSION_COOKIE = 'vnf_console';

export function giveSession(
  reply: FastifyReply,
  { request, token }: { request: FastifyRequest; token: string },
): void {
  reply.setCookie(SESSION_COOKIE, token, {
    ...{ path: '/', httpOnly: true, sameSite: 'strict' },
    secure: request.protocol === 'https' || isFromSecurePage(request),
  });
}

/** Of a proxy with TLS that nobody has named, the page's own address tells. */
function isFromSecurePage({ headers: { origin } }: FastifyRequest): boolean {
  return origin?.startsWith('https://') ?? false;
}

export function takeSession(reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, { path: '/', httpOnly: true, sameSite: 'strict' });
}
