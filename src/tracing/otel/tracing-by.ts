/** Spans of this process, by a tracer of OpenTelemetry. */
import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  type Context,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { defaultPayloadConverter } from '@temporalio/common';
import { TRACE_HEADER, type Carrier } from '../../shared/trace-context.js';
import type { Attributes, LogIds, OpenSpan, SpanKind, SpanSpec, Tracing } from '../tracing.js';
import { traceOfRequest } from './requests.js';

const KINDS: Record<SpanKind, OtelKind> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

/** HTTP knows nothing of traces that nobody has decided on: by then they are. */
const toHttp = new W3CTraceContextPropagator();

export function tracingBy({ tracer }: { tracer: Tracer }): Tracing {
  return {
    open: (spec) => openSpan(tracer, { spec, parent: parentOf(spec) }),
    httpHeaders: () => injected((carrier) => toHttp.inject(context.active(), carrier, defaultTextMapSetter)),
    temporalHeaders: () => {
      const carrier = injected((to) => propagation.inject(context.active(), to));
      return { [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) };
    },
    logIds,
    traceOfRequest,
  };
}

function parentOf({ parent }: SpanSpec): Context {
  if (parent === undefined) return context.active();
  return parent === null ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, parent, defaultTextMapGetter);
}

function openSpan(tracer: Tracer, { spec, parent }: { spec: SpanSpec; parent: Context }): OpenSpan {
  const { name, kind, attributes } = spec;
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent);
  const within = trace.setSpan(parent, span);
  return {
    run: (work) => context.with(within, work),
    set: (more: Attributes) => void span.setAttributes(more),
    fail: (type) => {
      span.setAttribute('error.type', type);
      span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: () => span.end(),
  };
}

function injected(inject: (carrier: Record<string, string>) => void): Carrier & Record<string, string> {
  const carrier: Record<string, string> = {};
  inject(carrier);
  return carrier;
}

function logIds(): LogIds {
  const active = trace.getActiveSpan()?.spanContext();
  if (active === undefined || !trace.isSpanContextValid(active)) return {};
  const { traceId, spanId, traceFlags } = active;
  return { trace_id: traceId, span_id: spanId, trace_flags: traceFlags.toString(16).padStart(2, '0') };
}
