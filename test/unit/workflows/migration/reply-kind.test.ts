/** The listener drops what repeats a kind: a migration decides the same without it, whatever else it says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replyKind } from '../../../../src/shared/mano/reply-kind.js';
import type { ManoReply } from '../../../../src/shared/mano/reply.js';
import { record, type Fact, type Ledger } from '../../../../src/workflows/migration/attempt-ledger.js';
import { nextStep } from '../../../../src/workflows/migration/next-step.js';
import { fullReply, ledgerOf } from './facts.js';

const ATTEMPT = 'attempt';
const PROBE = 'probe';

const reply: fc.Arbitrary<ManoReply> = fc
  .record({
    nonce: fc.constantFrom(ATTEMPT, PROBE),
    status: fc.constantFrom('MIGRATING' as const, 'READY' as const, 'ERROR' as const),
    error: fc.constantFrom(
      null,
      'Workflow for service still going on, rejected',
      'vnf already deployed on this vim',
      'Missing vim uuid',
      'mano.function.remove',
      'mano.function.start',
      '400',
      '404',
      'nobody has seen this before',
    ),
    errorCode: fc.constantFrom(null, null, 404, 500),
    isFinal: fc.boolean(),
    topic: fc.constantFrom('service.instance.migrate', 'service.instances.create'),
    timestamp: fc.constantFrom(null, 1, 2),
    durationSeconds: fc.constantFrom(null, 3),
  })
  .map(({ nonce, ...fields }) => ({ ...fullReply({}, nonce), ...fields }));

function played(replies: readonly ManoReply[]): Ledger {
  const sent: Fact[] = [
    { kind: 'attempt-started', nonce: ATTEMPT, correlationId: ATTEMPT, reason: 'first' },
    { kind: 'published', nonce: ATTEMPT, sent: 'confirmed' },
    { kind: 'probe-started', nonce: PROBE },
    { kind: 'published', nonce: PROBE, sent: 'confirmed' },
  ];
  const facts: Fact[] = replies.map((told) => {
    const nonce = told.correlationId.endsWith(PROBE) ? PROBE : ATTEMPT;
    return { kind: 'reply', nonce, reply: told };
  });
  return [...sent, ...facts].reduce(
    (ledger, fact) => record(ledger, { fact, atMs: 1_000 }),
    ledgerOf({ hasRepository: false }),
  );
}

function firstOfEachKind(replies: readonly ManoReply[]): ManoReply[] {
  const told = new Set<string>();
  return replies.filter((one) => {
    const kind = `${one.correlationId} ${replyKind(one)}`;
    return !told.has(kind) && told.add(kind);
  });
}

describe('replies of a kind', () => {
  it('lead to the decision that the first of them leads to, at any time', () => {
    const anyTimeMs = fc.constantFrom(1_000, 60_000, 200_000, 2_000_000, 20_000_000);
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 12 }), anyTimeMs, (replies, nowMs) => {
        const [all, first] = [played(replies), played(firstOfEachKind(replies))];
        const step = nextStep(all, nowMs);
        expect(JSON.stringify(nextStep(first, nowMs))).toBe(JSON.stringify(step));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are few', () => {
    fc.assert(
      fc.property(fc.array(reply, { minLength: 200, maxLength: 200 }), (replies) => {
        const ofAttempt = replies.filter(({ correlationId }) => correlationId === replies[0]?.correlationId);
        expect(firstOfEachKind(ofAttempt).length).toBeLessThanOrEqual(20);
      }),
      { numRuns: 50 },
    );
  });
});
