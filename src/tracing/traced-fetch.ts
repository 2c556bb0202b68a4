/**
 * One HTTP request as a span, after OpenTelemetry's semantic conventions for HTTP.
 *
 * Invariants: of an address no user, password, query or fragment is told; of a secret one nothing but host and port.
 */
import { activeTracing, inSpan, type Attributes } from './tracing.js';

export interface TracedRequest {
  url: string;
  /** The path with names in place of ids, for the name of the span. */
  template: string;
  /** The path may hold a key, as those of webhooks do. */
  isSecret?: boolean;
  init: Omit<RequestInit, 'headers'> & { headers: Record<string, string> };
}

/** Resolves with the head of the answer; reading the body is no part of the span. */
export async function tracedFetch({
  url,
  template,
  isSecret = false,
  init,
}: TracedRequest): Promise<Response> {
  const tracing = activeTracing();
  if (tracing === null) return await fetch(url, init);
  const { method = 'GET' } = init;
  const attributes = { 'http.request.method': method, ...addressAttributes(url, { template, isSecret }) };
  return await inSpan({ name: `${method} ${template}`, kind: 'client', attributes }, async (span) => {
    const headers = { ...tracing.httpHeaders(), ...init.headers };
    const response = await fetch(url, { ...init, headers });
    span.set({ 'http.response.status_code': response.status });
    if (response.status >= 400) span.fail(String(response.status));
    return response;
  });
}

function addressAttributes(
  url: string,
  { template, isSecret }: { template: string; isSecret: boolean },
): Attributes {
  const { protocol, hostname, port, origin, pathname } = new URL(url);
  const isTls = protocol === 'https:';
  return {
    'server.address': hostname,
    'server.port': port === '' ? (isTls ? 443 : 80) : Number(port),
    ...(isSecret ? {} : { 'url.full': origin + pathname, 'url.template': template }),
  };
}
