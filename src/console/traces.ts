/**
 * A span for each request to the API, after OpenTelemetry's semantic conventions for HTTP: what a request starts
 * belongs to its trace.
 *
 * Invariants: of a request its method and route are told, no path, query, header or body. Pages and health have no spans.
 */
import type { FastifyRequest } from 'fastify';
import type { Carrier } from '../shared/trace-context.js';
import { activeTracing, type OpenSpan } from '../tracing/tracing.js';
import type { Api } from './api/app.js';

const TRACED = /^\/(?:api|codec)\//;

export function traceRequests(app: Api): void {
  const tracing = activeTracing();
  if (tracing === null) return;
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  app.addHook('onRequest', (request, ...[, done]) => {
    const route = request.routeOptions.url ?? '';
    if (!TRACED.test(route)) {
      done();
      return;
    }
    const { method, protocol } = request;
    const attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': protocol };
    const parent = carrierOf(request);
    const span = tracing.open({ name: `${method} ${route}`, kind: 'server', attributes, parent });
    spans.set(request, span);
    span.run(done);
  });
  // The body has come by the stream of the connection, which knows no span.
  app.addHook('preHandler', (request, ...[, done]) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.run(done);
  });
  app.addHook('onResponse', (request, ...[reply, done]) => {
    const span = spans.get(request);
    span?.set({ 'http.response.status_code': reply.statusCode });
    if (reply.statusCode >= 500) span?.fail(String(reply.statusCode));
    span?.end();
    done();
  });
}

/** Of a caller or a proxy with a trace; null: it has none. */
function carrierOf({ headers }: FastifyRequest): Carrier | null {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return null;
  return { traceparent, ...(typeof tracestate === 'string' ? { tracestate } : {}) };
}
