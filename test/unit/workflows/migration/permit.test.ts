/** A migration under limits of its deployment: what comes before its first request. */
import { describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../../../src/shared/migration/contract.js';
import type { PermitReading } from '../../../../src/workflows/migration/attempt-ledger.js';
import { permitWait } from '../../../../src/workflows/migration/permit.js';
import { migrationState } from '../../../../src/workflows/migration/views.js';
import { ledgerOf } from './facts.js';
import { play, start, stepOf, type Move, type State } from './loop.js';

const MINUTE_MS = 60_000;
const GO: Move = { kind: 'go' };
const HELD: PermitReading = { kind: 'held' };
const WAITS: PermitReading = { kind: 'waiting', reason: 'shared-target-limit' };
const ASKS = { kind: 'ask-permit', phase: 'awaiting-permit' };
const waiting = (untilMs: number) => ({ kind: 'wait', phase: 'awaiting-permit', untilMs });

function begin(
  options: { hasRepository?: boolean; needsPermit?: boolean; policy?: PolicyInput } = {},
): State {
  return start(ledgerOf({ hasRepository: false, needsPermit: true, ...options }));
}

function playAll(state: State, ...moves: Move[]): State {
  return moves.reduce(play, state);
}

function told(state: State, says: PermitReading): State {
  return playAll(state, GO, { kind: 'permit', says });
}

describe('a permit', () => {
  it('is not asked for where no limits are set', () => {
    expect(stepOf(begin({ needsPermit: false }))).toMatchObject({ kind: 'publish', reason: 'first' });
  });

  it('is asked for before the first request, and after it was granted the request is sent', () => {
    const state = begin();
    expect(stepOf(state)).toEqual(ASKS);
    expect(stepOf(told(state, HELD))).toMatchObject({ kind: 'publish', reason: 'first' });
  });

  it('is kept for every further request', () => {
    const sent: Move[] = [GO, { kind: 'published', sent: 'not-sent', tookMs: 0 }];
    const state = playAll(told(begin(), HELD), ...sent, { kind: 'pass', ms: MINUTE_MS });
    expect(stepOf(state)).toMatchObject({ kind: 'publish' });
    const busy = playAll(told(begin(), HELD), GO, { kind: 'published', sent: 'confirmed', tookMs: 0 });
    const refused = playAll(busy, { kind: 'reply', to: 0, reply: 'busy' }, { kind: 'pass', ms: MINUTE_MS });
    expect(stepOf(refused)).toMatchObject({ kind: 'publish', reason: 'service-was-busy' });
  });

  it('is asked for with what the records say of the source', () => {
    const state = begin({ hasRepository: true });
    expect(stepOf(state)).toEqual({ kind: 'look', phase: 'pre-flight' });
    const seen = playAll(state, GO, { kind: 'looked', seen: 'untouched', tookMs: 0 });
    expect(stepOf(seen)).toEqual(ASKS);
    expect(stepOf(told(seen, HELD))).toMatchObject({ kind: 'publish' });
  });
});

describe('a wait for a permit', () => {
  it('is a minute at a time, and longer when it has lasted for long', () => {
    let state = told(begin(), WAITS);
    expect(stepOf(state)).toEqual(waiting(MINUTE_MS));
    let asked = 1;
    for (; stepOf(state).kind !== 'close' && asked < 1_000; asked += 1) {
      state = told(playAll(state, GO), WAITS);
    }
    // Four hours, the default deadline.
    expect(asked).toBeLessThan(60);
  });

  it('ends with news: the limits are asked again', () => {
    const state = playAll(told(begin(), WAITS), { kind: 'permit-news' });
    expect(stepOf(state)).toEqual(ASKS);
    expect(stepOf(told(state, WAITS))).toEqual(waiting(MINUTE_MS));
    expect(stepOf(told(state, HELD))).toMatchObject({ kind: 'publish' });
  });

  it('ends with news that came while the limits were asked', () => {
    const asking = playAll(begin(), GO, { kind: 'permit-news' });
    expect(stepOf(playAll(asking, { kind: 'permit', says: WAITS }))).toEqual(ASKS);
  });

  it('outdates what was read before', () => {
    const seen = playAll(begin({ hasRepository: true }), GO, {
      kind: 'looked',
      seen: 'untouched',
      tookMs: 0,
    });
    const granted = told(playAll(told(seen, WAITS), GO), HELD);
    expect(stepOf(granted)).toEqual({ kind: 'look', phase: 'pre-flight' });
    const moved = playAll(granted, GO, { kind: 'looked', seen: 'on-target', tookMs: 0 });
    expect(stepOf(moved)).toMatchObject({ kind: 'close', verdict: { kind: 'already-there' } });
    const untouched = playAll(granted, GO, { kind: 'looked', seen: 'untouched', tookMs: 5 });
    expect(stepOf(untouched)).toMatchObject({ kind: 'publish', reason: 'first' });
  });

  it('ends with the deadline: nothing was sent, so that it may be run again', () => {
    const state = playAll(told(begin({ policy: { deadline: '30s' } }), WAITS));
    expect(stepOf(state)).toEqual(waiting(30_000));
    expect(stepOf(playAll(state, GO))).toEqual({
      kind: 'close',
      verdict: {
        kind: 'failure',
        type: 'MigrationRejected',
        retryable: true,
        message: 'deadline over; the limits of the deployment gave no permit (shared-target-limit); not sent',
      },
    });
  });

  it('goes on where the limits do not answer', () => {
    const state = told(begin(), { kind: 'unknown', reason: 'the limits do not answer' });
    expect(stepOf(state)).toEqual(waiting(MINUTE_MS));
  });

  it('is shown with its reason and its beginning', () => {
    const permitOf = ({ ledger }: State) =>
      migrationState({ ledger, phase: 'awaiting-permit', verdict: null, nextStepMs: null }).permit;
    const waited = told(playAll(begin(), { kind: 'pass', ms: 1_000 }), WAITS);
    const waitingSince = '1970-01-01T00:00:01.000Z';
    expect(permitOf(begin({ needsPermit: false }))).toBeUndefined();
    expect(permitOf(begin())).toEqual({ state: 'needed', waitingSince: null, reason: null });
    expect(permitOf(waited)).toEqual({ state: 'waiting', waitingSince, reason: 'shared-target-limit' });
    const granted = told(playAll(waited, { kind: 'permit-news' }), HELD);
    expect(permitOf(granted)).toEqual({ state: 'held', waitingSince, reason: null });
    expect(permitWait(granted.ledger)).toBeNull();
  });
});
