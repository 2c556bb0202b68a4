/** Long random sequences of events. The invariants of the exhaustive test are checked after each event. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { PermitReading } from '../../../../src/workflows/migration/attempt-ledger.js';
import { LOOK_KINDS, ledgerOf, PROBE_ANSWERS, REPLY_KINDS } from './facts.js';
import { checkState, endsInSilence, gist } from './invariants.js';
import { isClosed, play, start, type Move, type State } from './loop.js';

const tookMs = fc.constantFrom(0, 1, 500, 29_999, 60_000);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Move>({ kind: 'go' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('published' as const),
      sent: fc.constantFrom(
        'confirmed' as const,
        'confirmed' as const,
        'perhaps' as const,
        'not-sent' as const,
      ),
      tookMs,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('looked' as const),
      // Mostly what lets a migration go on, so that long ones are met.
      seen: fc.oneof(
        { weight: 9, arbitrary: fc.constant('untouched' as const) },
        { weight: 2, arbitrary: fc.constant('unreadable' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...LOOK_KINDS) },
      ),
      tookMs,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('reply' as const),
      to: fc.nat(12),
      reply: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom('busy' as const, 'transient' as const, 'ack' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...REPLY_KINDS) },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      to: fc.nat(30),
      answer: fc.constantFrom(...PROBE_ANSWERS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('stray' as const), reply: fc.constantFrom(...REPLY_KINDS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('permit' as const),
      says: fc.constantFrom<PermitReading>(
        { kind: 'held' },
        { kind: 'waiting', reason: 'shared-source-limit' },
        { kind: 'unknown', reason: 'silence' },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Move>({ kind: 'permit-news' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('resolve' as const),
      outcome: fc.constantFrom('migrated' as const, 'not-migrated' as const),
    }),
  },
);

const configuration = fc.record({
  hasRepository: fc.boolean(),
  needsPermit: fc.boolean(),
  policy: fc.record({
    ackTimeout: fc.constantFrom(1, 60_000),
    finalTimeout: fc.constantFrom(1, 300_000),
    busyTimeout: fc.constantFrom(1, 120_000, 3_600_000),
    deadline: fc.constantFrom(1, 1_200_000, 3_600_000),
    maxAttempts: fc.integer({ min: 1, max: 6 }),
    initialInterval: fc.constantFrom(5_000, 20_000),
    maximumInterval: fc.constantFrom(20_000, 60_000),
    backoffCoefficient: fc.constantFrom(1, 2),
    probe: fc.constantFrom('auto' as const, 'auto' as const, 'off' as const),
    probeTimeout: fc.constantFrom(1, 30_000),
    maxProbes: fc.integer({ min: 1, max: 5 }),
    onUnknownOutcome: fc.constantFrom('fail' as const, 'retry' as const, 'wait' as const),
  }),
});

/** Replies that share a moment, dealt out in two orders. */
const together = fc
  .array(
    fc.record({
      kind: fc.constant('reply' as const),
      to: fc.nat(3),
      reply: fc.constantFrom(...REPLY_KINDS),
    }),
    { minLength: 2, maxLength: 5 },
  )
  .chain((moves) => fc.tuple(fc.constant(moves), fc.shuffledSubarray(moves, { minLength: moves.length })));

function playAll(state: State, moves: readonly Move[]): State {
  let now = state;
  for (const next of moves) {
    checkState(now);
    if (isClosed(now)) break;
    now = play(now, next);
  }
  return now;
}

const length = { minLength: 1, maxLength: 400, size: 'max' as const };

// Every question is asked at least 5 s after the last, for an hour at most; each is a few moves.
/** The same sequences at every run, so that a failure is a change of the code's; others with LEDGER_SEED. */
const SEED = Number(process.env['LEDGER_SEED'] ?? 1);

describe('long random sequences', () => {
  it('keep every invariant, and end when silence follows', () => {
    fc.assert(
      fc.property(configuration, fc.array(move, length), (given, moves) => {
        const end = playAll(start(ledgerOf(given)), moves);
        endsInSilence(end, 'unreadable');
        endsInSilence(end, 'untouched');
        endsInSilence(end, 'copy');
      }),
      { numRuns: 1_500, seed: SEED, plugins: [fc.interruptAfterTimeLimit(60_000)] },
    );
  });

  it('lead to the same step in whatever order replies come together', () => {
    fc.assert(
      fc.property(
        configuration,
        fc.array(move, { ...length, maxLength: 80 }),
        together,
        (given, moves, [one, other]) => {
          const state = playAll(start(ledgerOf(given)), moves);
          const [left, right] = [one, other].map((replies) =>
            gist(replies.reduce<State>((now, reply) => play(now, reply), state)),
          );
          if (left !== right) throw new Error(`${String(left)}, but ${String(right)} in the other order`);
        },
      ),
      { numRuns: 1_500, seed: SEED, plugins: [fc.interruptAfterTimeLimit(60_000)] },
    );
  });
});
