/** Takes the spans that workflows have ended out of their sandbox: where they are exported with those of the process. */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type SpanContext,
} from '@opentelemetry/api';
import { millisToHrTime, hrTimeDuration } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  SamplingDecision,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { InjectedSinks } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import type { SpanContext as OurContext } from '../../shared/trace-context.js';
import type { TracingSinks, WorkflowSpan } from '../../workflows/tracing/spans.js';

interface Way {
  processor: SpanProcessor;
  resource: Resource;
  sampler: Sampler;
}

/** Null: this process has begun no traces. */
let way: Way | null = null;

export function useForWorkflows(used: Way): void {
  way = used;
}

/** What a worker calls with the spans of its workflows, except at a replay. */
export const workflowSinks: InjectedSinks<TracingSinks> = {
  tracing: {
    ended: {
      fn: (info, span) => {
        if (way !== null && isWanted(way.sampler, span)) way.processor.onEnd(readable(span, { info, way }));
      },
    },
  },
};

function isWanted(sampler: Sampler, { name, context, parent, isUndecided }: WorkflowSpan): boolean {
  const asked =
    isUndecided || parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, otelContext(parent));
  const { decision } = sampler.shouldSample(asked, context.traceId, name, SpanKind.INTERNAL, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

function readable(
  { name, context, parent, link, startMs, endMs, errorType }: WorkflowSpan,
  { info, way: { resource } }: { info: WorkflowInfo; way: Way },
): ReadableSpan {
  const startTime = millisToHrTime(startMs);
  const endTime = millisToHrTime(endMs);
  const spanContext = otelContext(context);
  const failure = errorType === null ? {} : { 'error.type': errorType };
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => spanContext,
    ...(parent === null ? {} : { parentSpanContext: otelContext(parent) }),
    ...{ startTime, endTime, duration: hrTimeDuration(startTime, endTime), ended: true },
    status: { code: errorType === null ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
    // The names of Temporal's own interceptors.
    attributes: { temporalWorkflowId: info.workflowId, run_id: info.runId, ...failure },
    links: link === null ? [] : [{ context: otelContext(link) }],
    events: [],
    resource,
    instrumentationScope: { name: 'vnf-migrator workflows' },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

function otelContext({ traceId, spanId, isSampled }: OurContext): SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}
