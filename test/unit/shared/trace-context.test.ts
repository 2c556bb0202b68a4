import { describe, expect, it } from 'vitest';
import {
  contextOfRun,
  ownTraceId,
  spanContextIn,
  spanIdOf,
  traceparentOf,
  UNDECIDED,
} from '../../../src/shared/trace-context.js';

const RUN = '019af1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

describe('a traceparent', () => {
  it('is read and written', () => {
    expect(spanContextIn({ traceparent: PARENT })).toEqual({
      traceId: TRACE,
      spanId: '00f067aa0ba902b7',
      isSampled: true,
    });
    expect(traceparentOf(spanContextIn({ traceparent: PARENT })!)).toBe(PARENT);
    expect(spanContextIn({ traceparent: PARENT.replace(/01$/, '00') })?.isSampled).toBe(false);
  });

  it.each([
    '',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
  ])('is refused: %s', (traceparent) => {
    expect(spanContextIn({ traceparent })).toBeNull();
  });
});

describe('the span of a run', () => {
  it('is in the trace of its caller, with all that the header has', () => {
    const { context, carrier } = contextOfRun(RUN, { traceparent: PARENT, baggage: 'team=nfv' });
    expect(context).toMatchObject({ traceId: TRACE, isSampled: true });
    expect(carrier).toEqual({ traceparent: traceparentOf(context), baggage: 'team=nfv' });
  });

  it('begins a trace where there is none, which nobody has decided on', () => {
    for (const header of [null, {}, { traceparent: 'nonsense' }]) {
      const { context, carrier } = contextOfRun(RUN, header);
      expect(context.traceId).toBe(RUN.replaceAll('-', ''));
      expect(carrier[UNDECIDED]).toBe('1');
    }
  });

  it('has the same id wherever it is made, also from the header of an activity', () => {
    const run = contextOfRun(RUN, { traceparent: PARENT });
    expect(contextOfRun(RUN, run.carrier).context).toEqual(run.context);
  });
});

describe('ids', () => {
  it('are ids of the specification', () => {
    expect(ownTraceId(RUN)).toMatch(/^[0-9a-f]{32}$/);
    expect(ownTraceId('no uuid')).toMatch(/^[0-9a-f]{32}$/);
    expect(spanIdOf(RUN, 'run')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('differ, of many runs with many calls', () => {
    const ids = new Set<string>();
    for (let run = 0; run < 1_000; run += 1)
      for (let call = 1; call <= 50; call += 1) ids.add(spanIdOf(`${RUN}${String(run)}`, call));
    expect(ids.size).toBe(50_000);
  });
});
