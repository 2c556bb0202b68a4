/**
 * Spans, for all that makes some: calls and messages go through here, whether there are traces or not.
 *
 * Invariants: nothing of OpenTelemetry is loaded by this module. Until `useTracing` is called, spans are nothing, and
 * what is measured by one runs as if it were not. No text of a body, no credentials and no query are ever attributes.
 */
import type { Headers } from '@temporalio/common';
import type { Carrier } from '../shared/trace-context.js';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanSpec {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
  /** Of whom it is a part; null: of nobody, it begins a trace. Default: of the span that is active. */
  parent?: Carrier | null;
}

export interface Span {
  set: (attributes: Attributes) => void;
  /** `type`: of few values, such as `500`, `ECONNREFUSED` or `perhaps`. */
  fail: (type: string) => void;
}

/** A span that other code ends, such as a hook. */
export interface OpenSpan extends Span {
  /** Runs what belongs to it. */
  run: <T>(work: () => T) => T;
  end: () => void;
}

export interface LogIds {
  trace_id?: string;
  span_id?: string;
  trace_flags?: string;
}

export interface Tracing {
  open: (spec: SpanSpec) => OpenSpan;
  /** The active span, as headers of HTTP. */
  httpHeaders: () => Record<string, string>;
  /** The active span, as headers of a message to a workflow. */
  temporalHeaders: () => Headers;
  logIds: () => LogIds;
  /** The trace of a request, where this process has published it; null: it has not. */
  traceOfRequest: (correlationId: string) => Carrier | null;
}

let inUse: Tracing | null = null;

/** Null: none, which is so at first. */
export function useTracing(tracing: Tracing | null): void {
  inUse = tracing;
}

/** Null: there are no traces. */
export function activeTracing(): Tracing | null {
  return inUse;
}

const NO_SPAN: Span = { set: () => undefined, fail: () => undefined };

/** Measures work by a span. What the work throws fails the span, unless it is part of the job, and is thrown. */
export async function inSpan<T>(spec: SpanSpec, work: (span: Span) => Promise<T>): Promise<T> {
  if (inUse === null) return await work(NO_SPAN);
  const span = inUse.open(spec);
  try {
    return await span.run(() => work(span));
  } catch (error) {
    if (!isBenign(error)) span.fail(errorType(error));
    throw error;
  } finally {
    span.end();
  }
}

/** As Temporal has it: a failure by which an activity says that it has nothing new. */
function isBenign(error: unknown): boolean {
  return error instanceof Error && (error as { category?: unknown }).category === 'BENIGN';
}

/** The type or code of an error, or of what caused it, otherwise its name: a message may hold anything. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { type, code, cause } = error as { type?: unknown; code?: unknown; cause?: unknown };
  if (typeof type === 'string') return type;
  if (typeof code === 'string') return code;
  return cause instanceof Error ? errorType(cause) : error.name;
}
