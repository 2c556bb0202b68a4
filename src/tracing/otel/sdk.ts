/**
 * The OpenTelemetry SDK, set up for this process: by its own settings, after its specification.
 *
 * Invariant: an exporter that is away is told once, and never waited for: spans beyond the limits of the queue are dropped.
 */
import { context, propagation, trace, type TextMapPropagator } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { OtlpProtocol, TraceSettings } from '../settings.js';
import type { Tracing } from '../tracing.js';
import { samplerOf } from './sampler.js';
import { TellingExporter } from './telling-exporter.js';
import { DecidingSampler, UndecidedPropagator } from './undecided.js';
import { tracingBy } from './tracing-by.js';
import { useForWorkflows } from './workflow-spans.js';

export interface OpenTelemetryOptions {
  settings: TraceSettings;
  version: string;
  onTrouble: (reason: string | null) => void;
}

export interface OpenTelemetry {
  tracing: Tracing;
  shutdown: () => Promise<void>;
  hasTrouble: () => boolean;
}

const NAME = 'vnf-migrator';

export async function openTelemetry({
  settings,
  version,
  onTrouble,
}: OpenTelemetryOptions): Promise<OpenTelemetry> {
  const exporter = new TellingExporter(await exporterOf(settings.protocol), onTrouble);
  const sampler = new DecidingSampler(samplerOf(settings));
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': NAME, 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }));
  const processor = new BatchSpanProcessor(exporter);
  const provider = new BasicTracerProvider({ resource, sampler, spanProcessors: [processor] });
  const toWorkflows: TextMapPropagator = new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator(), new UndecidedPropagator()],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(toWorkflows);
  trace.setGlobalTracerProvider(provider);
  useForWorkflows({ processor, resource, sampler });
  return {
    tracing: tracingBy({ tracer: provider.getTracer(NAME, version) }),
    shutdown: () => provider.shutdown(),
    hasTrouble: () => exporter.hasTrouble,
  };
}

/** One of them is loaded. Each reads its own settings. */
async function exporterOf(protocol: OtlpProtocol): Promise<SpanExporter> {
  switch (protocol) {
    case 'grpc':
      return new (await import('@opentelemetry/exporter-trace-otlp-grpc')).OTLPTraceExporter();
    case 'http/protobuf':
      return new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter();
    case 'http/json':
      return new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter();
  }
}
