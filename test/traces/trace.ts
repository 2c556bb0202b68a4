/** One trace, and what is asked of it. Each complaint is a sentence. */
import { KINDS, type Kind } from './kinds.js';
import type { AttributeValue, ReceivedSpan } from './collector.js';

export interface Wanted {
  /** A prefix of its name. */
  name: string;
  kind: Kind;
  /** A prefix of the name of its parent; null: it begins the trace. */
  below: string | null;
  attributes?: Record<string, AttributeValue | RegExp>;
  /** Default: at least one. */
  count?: number;
}

export class Trace {
  private readonly byId: ReadonlyMap<string, ReceivedSpan>;

  constructor(readonly spans: readonly ReceivedSpan[]) {
    this.byId = new Map(spans.map((span) => [span.spanId, span]));
  }

  /** Of all that was received, the trace that a span belongs to. */
  static of(all: readonly ReceivedSpan[], traceId: string): Trace {
    return new Trace(all.filter((span) => span.traceId === traceId));
  }

  lacks(wanted: readonly Wanted[]): string[] {
    return wanted.flatMap((each) => this.lacksOne(each));
  }

  private lacksOne({ name, kind, below, attributes = {}, count }: Wanted): string[] {
    const named = this.spans.filter((span) => span.name.startsWith(name));
    if (named.length === 0) return [`there is no span ${name}`];
    const complaints = named.flatMap((span) => [
      ...(span.kind === KINDS[kind] ? [] : [`${name} is of kind ${String(span.kind)}, not ${kind}`]),
      ...this.wrongParent(span, below),
      ...wrongAttributes(span, attributes),
    ]);
    // A workflow task that the server refuses is carried out again, and ends the same span.
    const found = new Set(named.map(({ spanId }) => spanId)).size;
    const isCounted = count === undefined || count === found;
    return [...complaints, ...(isCounted ? [] : [`${found} spans ${name}, not ${String(count)}`])];
  }

  private wrongParent({ name, parentSpanId }: ReceivedSpan, below: string | null): string[] {
    if (below === null) return parentSpanId === '' ? [] : [`${name} does not begin the trace`];
    const parent = this.byId.get(parentSpanId);
    if (parent === undefined) return [`the parent of ${name} is not in the trace`];
    return parent.name.startsWith(below) ? [] : [`${name} is below ${parent.name}, not below ${below}`];
  }
}

function wrongAttributes(span: ReceivedSpan, wanted: Required<Wanted>['attributes']): string[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    const given = span.attributes[key];
    const fits = value instanceof RegExp ? value.test(String(given)) : given === value;
    return fits ? [] : [`${span.name}: ${key} is ${String(given)}, not ${String(value)}`];
  });
}
