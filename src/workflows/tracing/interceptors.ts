/**
 * Spans of workflows, and the trace that their activities, children and signals go on with. In bundles of their own, for
 * workers with traces.
 *
 * Temporal's own interceptors for OpenTelemetry are not used in the sandbox. They take the ids of spans from the
 * workflow's random numbers, of which our correlation ids are made: a worker with traces would know another correlation
 * id than the one that a worker without them has published.
 *
 * Invariants: the workflow decides the same with and without this module. It takes no random number, adds no turn to any
 * promise, and no command. The ids of spans follow from the run and the order of its calls, so a replay makes the
 * same ones. Spans leave by a sink, which the SDK does not call at a replay.
 * @module
 */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  ContinueAsNew,
  isCancellation,
  proxySinks,
  workflowInfo,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';
import { LIMITS_WORKFLOW_TYPE } from '../../shared/limits/contract.js';
import {
  contextOfRun,
  spanContextIn,
  spanIdOf,
  TRACE_HEADER,
  traceparentOf,
  UNDECIDED,
  type Carrier,
  type SpanContext,
} from '../../shared/trace-context.js';
import { nowMs } from '../runtime/clock.js';
import type { TracingSinks, WorkflowSpan } from './spans.js';

/** It serves everybody for as long as there are limits: a trace of its own, not that of its first caller. */
const OF_NOBODY = new Set<string>([LIMITS_WORKFLOW_TYPE]) as ReadonlySet<string>;

interface Begun {
  name: string;
  context: SpanContext;
  parent: SpanContext | null;
  link: SpanContext | null;
  startMs: number;
}

class RunTrace {
  private readonly sinks = proxySinks<TracingSinks>();
  private readonly info = workflowInfo();
  private readonly header: Carrier | null;
  private readonly own: ReturnType<typeof contextOfRun>;
  private readonly run: Begun;
  /** Calls that are not over. What is left of them ends with the run, or others would be below what never came. */
  private readonly open = new Set<Begun>();
  private calls = 0;

  constructor(headers: Headers) {
    const { runId, workflowType, runStartTime } = this.info;
    this.header = OF_NOBODY.has(workflowType) ? null : carrierIn(headers);
    this.own = contextOfRun(runId, this.header);
    this.run = {
      name: `RunWorkflow:${workflowType}`,
      context: this.own.context,
      parent: this.header === null ? null : spanContextIn(this.header),
      link: null,
      startMs: runStartTime.getTime(),
    };
  }

  /** A call that goes on with the trace: its span ends with the promise that it gives. */
  call<Input extends { headers: Headers }, Result>(
    name: string,
    { input, next }: { input: Input; next: (input: Input) => Promise<Result> },
  ): Promise<Result> {
    const span = this.begin(name, this.own.context);
    const carrier = { ...this.own.carrier, traceparent: traceparentOf(span.context) };
    return this.endWith(span, next({ ...input, headers: withCarrier(input.headers, carrier) }));
  }

  /** A message that has come: in our trace below its sender's span; of another trace, with a link to it. */
  handle<Result>(
    name: string,
    { headers, next }: { headers: Headers; next: () => Promise<Result> },
  ): Promise<Result> {
    const sender = spanContextIn(carrierIn(headers) ?? {});
    const isOurs = sender?.traceId === this.own.context.traceId;
    const span = this.begin(name, isOurs ? sender : this.own.context);
    return this.endWith(isOurs ? span : { ...span, link: sender }, next());
  }

  wholeRun(next: () => Promise<unknown>): Promise<unknown> {
    return this.endWith(this.run, next());
  }

  /** The next run is of the same trace, beside this one. */
  forNextRun(headers: Headers): Headers {
    return withCarrier(headers, this.header ?? this.own.carrier);
  }

  logAttributes(): Record<string, string> {
    const { traceId, spanId, isSampled } = this.own.context;
    return { trace_id: traceId, span_id: spanId, trace_flags: isSampled ? '01' : '00' };
  }

  private begin(name: string, parent: SpanContext): Begun {
    this.calls += 1;
    const context = { ...this.own.context, spanId: spanIdOf(this.info.runId, this.calls) };
    return { name, context, parent, link: null, startMs: nowMs() };
  }

  /** Gives back the very promise: one that waits for it would settle later, and with it the workflow's next step. */
  private endWith<Result>(span: Begun, result: Promise<Result>): Promise<Result> {
    this.open.add(span);
    result.then(
      () => this.end(span, null),
      (error: unknown) => this.end(span, errorTypeOf(error)),
    );
    return result;
  }

  private end(span: Begun, errorType: string | null): void {
    if (!this.open.delete(span)) return;
    if (span === this.run) for (const left of this.open) this.end(left, null);
    if (!span.context.isSampled) return;
    const isUndecided = this.own.carrier[UNDECIDED] !== undefined;
    const ended: WorkflowSpan = { ...span, isUndecided, endMs: nowMs(), errorType };
    this.sinks.tracing.ended(ended);
  }
}

/** Null: none, or none that can be read. */
function carrierIn(headers: Headers): Carrier | null {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return null;
  try {
    return defaultPayloadConverter.fromPayload<Carrier | null>(payload);
  } catch {
    return null;
  }
}

function withCarrier(headers: Headers, carrier: Carrier): Headers {
  return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) };
}

/** Null where it is how a workflow ends or waits. */
function errorTypeOf(error: unknown): string | null {
  if (error instanceof ContinueAsNew || isCancellation(error)) return null;
  if (!(error instanceof Error)) return 'unknown';
  const { type, cause } = error as { type?: unknown; cause?: unknown };
  if (typeof type === 'string') return type;
  return cause instanceof Error ? (errorTypeOf(cause) ?? error.name) : error.name;
}

/** Workflow interceptors for a worker with traces. Spans leave by the sink `tracing`. */
export const interceptors: WorkflowInterceptorsFactory = () => {
  // Nothing runs in a workflow before its `execute`.
  let trace: RunTrace | null = null;
  return {
    inbound: [
      {
        execute: (input, next) => {
          trace = new RunTrace(input.headers);
          return trace.wholeRun(() => next(input));
        },
        handleSignal: (input, next) =>
          trace?.handle(`HandleSignal:${input.signalName}`, { ...input, next: () => next(input) }) ??
          next(input),
        handleUpdate: (input, next) =>
          trace?.handle(`HandleUpdate:${input.name}`, { ...input, next: () => next(input) }) ?? next(input),
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) =>
          trace?.call(`StartActivity:${input.activityType}`, { input, next }) ?? next(input),
        scheduleLocalActivity: (input, next) =>
          trace?.call(`StartActivity:${input.activityType}`, { input, next }) ?? next(input),
        startChildWorkflowExecution: (input, next) =>
          trace?.call(`StartChildWorkflow:${input.workflowType}`, { input, next }) ?? next(input),
        signalWorkflow: (input, next) =>
          trace?.call(`SignalWorkflow:${input.signalName}`, { input, next }) ?? next(input),
        continueAsNew: (input, next) =>
          next(trace === null ? input : { ...input, headers: trace.forNextRun(input.headers) }),
        getLogAttributes: (attributes, next) =>
          next(trace === null ? attributes : { ...trace.logAttributes(), ...attributes }),
      },
    ],
  };
};
