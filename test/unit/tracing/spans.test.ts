/** Spans as an exporter gets them, and what must be in none. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { contextOfRun } from '../../../src/shared/trace-context.js';
import { samplerOf } from '../../../src/tracing/otel/sampler.js';
import { tracingBy } from '../../../src/tracing/otel/tracing-by.js';
import { DecidingSampler, UndecidedPropagator } from '../../../src/tracing/otel/undecided.js';
import { tracedFetch } from '../../../src/tracing/traced-fetch.js';
import { inSpan, useTracing } from '../../../src/tracing/tracing.js';

const exporter = new InMemorySpanExporter();
let server: Server;
let headers: Record<string, unknown> = {};

function begin(sampler: Parameters<typeof samplerOf>[0]['sampler'], ratio = 1): void {
  const provider = new BasicTracerProvider({
    sampler: new DecidingSampler(samplerOf({ protocol: 'grpc', sampler, ratio })),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  useTracing(tracingBy({ tracer: provider.getTracer('test') }));
}

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new UndecidedPropagator()] }),
  );
  server = createServer((request, response) => {
    headers = request.headers;
    response.writeHead(request.url?.startsWith('/missing') === true ? 404 : 200);
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  useTracing(null);
  exporter.reset();
});

afterAll(() => {
  server.close();
  trace.disable();
  context.disable();
  propagation.disable();
});

function address(path: string): string {
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`;
}

async function spanOf(path: string, isSecret = false) {
  const response = await tracedFetch({
    url: address(path),
    template: '/records/{id}',
    isSecret,
    init: { headers: {} },
  });
  await response.text();
  return exporter.getFinishedSpans()[0]!;
}

describe('a request over HTTP', () => {
  it('has an address without a query, and hands the trace on', async () => {
    begin('parentbased_always_on');
    const span = await spanOf('/records/7?token=canary');
    expect(span.attributes).toMatchObject({
      'url.full': address('/records/7'),
      'http.response.status_code': 200,
    });
    expect(JSON.stringify(span.attributes)).not.toContain('canary');
    const { traceId, spanId } = span.spanContext();
    expect(headers['traceparent']).toBe(`00-${traceId}-${spanId}-01`);
  });

  it('to a secret address has host and port alone', async () => {
    begin('parentbased_always_on');
    const { attributes } = await spanOf('/hooks/canary', true);
    expect(attributes).toMatchObject({ 'server.address': '127.0.0.1' });
    expect(JSON.stringify(attributes)).not.toContain('canary');
  });

  it('that is refused is an error', async () => {
    begin('parentbased_always_on');
    expect(await spanOf('/missing')).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': '404' },
    });
  });

  it('carries nothing where there are no traces', async () => {
    await (await tracedFetch({ url: address('/'), template: '/', init: { headers: {} } })).text();
    expect(headers['traceparent']).toBeUndefined();
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});

describe('work that fails', () => {
  it('is told by its type, not by its message', async () => {
    begin('parentbased_always_on');
    const failing = inSpan({ name: 'work', kind: 'internal', attributes: {} }, () =>
      Promise.reject(Object.assign(new Error('canary'), { code: 'ECONNREFUSED' })),
    );
    await expect(failing).rejects.toThrow('canary');
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({ attributes: { 'error.type': 'ECONNREFUSED' }, events: [] });
    expect(JSON.stringify(span?.status)).not.toContain('canary');
  });

  it('is no error where it is part of the job', async () => {
    begin('parentbased_always_on');
    const benign = Object.assign(new Error('nothing new'), { category: 'BENIGN' });
    const spec = { name: 'work', kind: 'internal' as const, attributes: {} };
    await expect(inSpan(spec, () => Promise.reject(benign))).rejects.toThrow('nothing new');
    expect(exporter.getFinishedSpans()[0]).toMatchObject({ status: { code: 0 } });
  });
});

describe('a trace that begins with a workflow', () => {
  // Of the two, one is kept and one is not, at a half.
  const runs = ['00000000-0000-4000-8000-000000000001', 'ffffffff-0000-4000-8000-000000000001'];

  it.each([
    ['parentbased_traceidratio', 0.5, 1],
    ['parentbased_always_off', 1, 0],
    ['parentbased_always_on', 1, 2],
    ['always_off', 1, 0],
  ] as const)('is decided on by the sampler %s (%d)', async (sampler, ratio, kept) => {
    begin(sampler, ratio);
    for (const runId of runs) {
      const { carrier } = contextOfRun(runId, null);
      await inSpan({ name: 'reply', kind: 'consumer', attributes: {}, parent: carrier }, () =>
        Promise.resolve(),
      );
    }
    expect(exporter.getFinishedSpans()).toHaveLength(kept);
  });
});
