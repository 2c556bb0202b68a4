/**
 * A caller with traces of its own: a worker with Temporal's interceptors for OpenTelemetry, as its documentation has it, whose
 * workflow migrates a VNF by our helper.
 */
import { fileURLToPath } from 'node:url';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { Client, Connection } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';
import type {
  OpenTelemetrySinks,
  SerializableSpan,
} from '@temporalio/interceptors-opentelemetry/lib/workflow/definitions.js';
import { NativeConnection, Worker, type InjectedSinks } from '@temporalio/worker';
import type { MigrationInput } from '../../src/shared/migration/contract.js';
import type { moveAndTell } from '../support/caller-workflows.js';

const TASK_QUEUE = 'caller';

export interface CallerOptions {
  address: string;
  /** Of the collector. */
  endpoint: string;
  /** Of our workers. */
  taskQueue: string;
}

/** Runs a workflow of the caller in a span of its own. Resolves with what it told, and the id of the trace. */
export async function callFromWorkflow(
  input: MigrationInput,
  { address, endpoint, taskQueue }: CallerOptions,
): Promise<{ told: string; traceId: string }> {
  const resource = resourceFromAttributes({ 'service.name': 'caller' });
  const processor = new SimpleSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const stop = await startWorker({ address, processor, resource });
  const connection = await Connection.connect({ address });
  try {
    const interceptors = { workflow: [new OpenTelemetryWorkflowClientInterceptor()] };
    const client = new Client({ connection, interceptors });
    return await provider.getTracer('caller').startActiveSpan('caller begins', async (span) => {
      const told = await client.workflow.execute<typeof moveAndTell>('moveAndTell', {
        ...{ taskQueue: TASK_QUEUE, workflowId: `caller/${input.vnfUuid}` },
        args: [{ input, taskQueue }],
      });
      span.end();
      return { told, traceId: span.spanContext().traceId };
    });
  } finally {
    await connection.close();
    await stop();
    await provider.shutdown();
  }
}

interface WorkerParts {
  address: string;
  processor: SimpleSpanProcessor;
  resource: Resource;
}

async function startWorker({ address, processor, resource }: WorkerParts): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address });
  const sinks: InjectedSinks<OpenTelemetrySinks> = {
    exporter: {
      export: { fn: (...[, spans]) => spans.forEach((span) => processor.onEnd(asOfToday(span, resource))) },
    },
  };
  const worker = await Worker.create({
    connection,
    taskQueue: TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('./caller-workflows.ts', import.meta.url)),
    interceptors: { workflowModules: ['@temporalio/interceptors-opentelemetry/lib/workflow-interceptors'] },
    sinks,
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
    await connection.close();
  };
}

/** What comes out of the sandbox has the form of OpenTelemetry 1. */
function asOfToday(span: SerializableSpan, resource: Resource): ReadableSpan {
  const { spanContext: sent, parentSpanId, instrumentationLibrary: instrumentationScope, ...others } = span;
  const context = { traceId: sent.traceId, spanId: sent.spanId, traceFlags: sent.traceFlags };
  const parent =
    parentSpanId === undefined ? {} : { parentSpanContext: { ...context, spanId: parentSpanId } };
  return { ...others, ...parent, spanContext: () => context, resource, instrumentationScope };
}
