/**
 * Whether a request comes from a page of the console itself.
 *
 * Invariants: a browser says where a request comes from, and no page can make it lie; a request that says nothing comes
 * from no browser. Without a login, the name of the host must be this machine's, so that no foreign name that is made to
 * point here (DNS rebinding) reads anything.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../../settings/console.js';

/** The scheme does not count: a proxy in front may have another. The port does: a cookie is sent to all ports of a host. */
export function isSameOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  const isOurSite = site === undefined || site === 'same-origin' || site === 'none';
  return isOurSite && (origin === undefined || isOf(origin, host));
}

function isOf(origin: string, host = ''): boolean {
  return host !== '' && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** Whether `Host` names this machine alone. */
export function isLoopbackHost(host: string | undefined): boolean {
  const url = `http://${host ?? ''}`;
  return URL.canParse(url) && isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}
