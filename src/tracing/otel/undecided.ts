/**
 * Traces that begin with a workflow: no sampler was asked, since the sandbox has no settings. Each process asks its own,
 * as for the first span of a trace. The samplers of the specification decide by the id of the trace, so all decide
 * the same.
 */
import {
  createContextKey,
  trace,
  type Attributes,
  type Context,
  type Link,
  type SpanKind,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import type { Sampler, SamplingResult } from '@opentelemetry/sdk-trace-base';
import { UNDECIDED } from '../../shared/trace-context.js';

const KEY = createContextKey(UNDECIDED);

export function asUndecided(context: Context): Context {
  return context.setValue(KEY, true);
}

/** Hands the mark on, beside the trace. Only between workflows and their callers: HTTP has no place for it. */
export class UndecidedPropagator implements TextMapPropagator {
  inject(context: Context, ...[carrier, setter]: [unknown, TextMapSetter]): void {
    if (context.getValue(KEY) === true) setter.set(carrier, UNDECIDED, '1');
  }

  extract(context: Context, ...[carrier, getter]: [unknown, TextMapGetter]): Context {
    return getter.get(carrier, UNDECIDED) === undefined ? context : asUndecided(context);
  }

  fields(): string[] {
    return [UNDECIDED];
  }
}

export class DecidingSampler implements Sampler {
  constructor(private readonly inner: Sampler) {}

  shouldSample(context: Context, ...others: [string, string, SpanKind, Attributes, Link[]]): SamplingResult {
    const isFirst = context.getValue(KEY) === true && trace.getSpanContext(context)?.isRemote === true;
    return this.inner.shouldSample(isFirst ? trace.deleteSpan(context) : context, ...others);
  }

  toString(): string {
    return this.inner.toString();
  }
}
