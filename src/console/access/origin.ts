/**
 * Whether a request comes from a page of the console itself.
 *
 * Invariants: a browser says where a request comes from, and no page can make it lie; a request that says nothing comes
 * from no browser. Without a login, the name of the host must be this machine's, so that no foreign name that is made to
 * point here (DNS rebinding) reads anything.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../../settings/console.js';

/** Scheme and port do not count: a proxy in front may have others. */
export function isSameOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (origin !== undefined) return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** Whether `Host` names this machine alone. */
export function isLoopbackHost(host: string | undefined): boolean {
  const url = `http://${host ?? ''}`;
  return URL.canParse(url) && isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}
