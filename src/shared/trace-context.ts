/**
 * The trace that a workflow belongs to, as it is handed on in a header, and the ids of spans that follow from a run.
 *
 * Invariants: pure. The ids of a run's spans are made of its run id, so that a replay finds the same ones without taking
 * anything from the workflow's random numbers, of which correlation ids are made.
 */

/** A text map, as OpenTelemetry's propagators write it: `traceparent`, `tracestate`, `baggage`. */
export type Carrier = Readonly<Record<string, string>>;

export interface SpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** The header of Temporal's interceptors for OpenTelemetry, in all SDKs. */
export const TRACE_HEADER = '_tracer-data';
/**
 * In the carrier of a trace that begins with a workflow, because its caller had none. Nobody has asked a sampler yet: the
 * sandbox has no settings. Whoever makes spans of the trace asks, as for the first span of a trace.
 */
export const UNDECIDED = 'vnfm-undecided';

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const SAMPLED = 1;

/** Null: there is no valid context in it. */
export function spanContextIn(carrier: Carrier): SpanContext | null {
  // Whoever may signal a workflow writes its headers.
  const traceparent: unknown = carrier['traceparent'];
  const [, traceId, spanId, flags] =
    (typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

export function traceparentOf({ traceId, spanId, isSampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** Of a run whose caller had no trace: its run id without dashes. */
export function ownTraceId(runId: string): string {
  const digits = runId.replaceAll('-', '').toLowerCase();
  return /^(?!0+$)[0-9a-f]{32}$/.test(digits) ? digits : hash64(`${runId} high`) + hash64(`${runId} low`);
}

/** `name`: `run` for the span of the whole run, otherwise the number of a call in it. */
export function spanIdOf(runId: string, name: 'run' | number): string {
  return hash64(`${runId} ${name}`);
}

/**
 * The span of a run, within the trace of whoever started it.
 * @param header what the run was started with; null: no trace
 */
export function contextOfRun(
  runId: string,
  header: Carrier | null,
): { context: SpanContext; carrier: Carrier } {
  const parent = header === null ? null : spanContextIn(header);
  const traceId = parent?.traceId ?? ownTraceId(runId);
  const context = { traceId, spanId: spanIdOf(runId, 'run'), isSampled: parent?.isSampled ?? true };
  const others = parent === null ? { [UNDECIDED]: '1' } : header;
  return { context, carrier: { ...others, traceparent: traceparentOf(context) } };
}

/** 16 hexadecimal digits, well mixed (cyrb53, all of its bits). The sandbox has no hash of Node's. */
function hash64(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  const digits = hex32(low) + hex32(high);
  // All zeros is no id.
  return /^0+$/.test(digits) ? '0000000000000001' : digits;
}

function hex32(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, '0');
}
