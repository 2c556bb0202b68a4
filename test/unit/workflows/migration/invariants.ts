/**
 * The invariants of every state, computed from the facts alone. They use no result of the deciding code except the
 * step that it returned. Each check throws an Error that names the broken invariant.
 */
import {
  lastLook,
  type Attempt,
  type Ledger,
  type Moment,
} from '../../../../src/workflows/migration/attempt-ledger.js';
import { mayBeRunning, type Step } from '../../../../src/workflows/migration/next-step.js';
import { LOOK } from './facts.js';
import { play, stepOf, type State } from './loop.js';

const SETTLE_MS = 30_000;
const REMOVAL = 'mano.function.remove';

type Publish = Extract<Step, { kind: 'publish' }>;

export function checkState(state: State): void {
  if (state.under !== null) return;
  const step = stepOf(state);
  const { ledger } = state;
  switch (step.kind) {
    case 'wait': {
      waitsForTheFuture(state, step.untilMs);
      return;
    }
    case 'look': {
      check(ledger.hasRepository, 'looks without a repository');
      return;
    }
    case 'list-vims': {
      check(ledger.attempts.length === 0, 'looks for the target after a request');
      return;
    }
    case 'ask-permit': {
      check(ledger.needsPermit && ledger.permit?.held == null, 'asks for a permit that it does not need');
      check(ledger.attempts.length === 0, 'asks for a permit after a request');
      return;
    }
    case 'probe': {
      oneProbeAtATime(state, step.timeoutMs);
      return;
    }
    case 'publish':
      check(step.timeoutMs > 0, 'no time to publish');
      check(!ledger.needsPermit || ledger.permit?.held != null, 'a request without a permit');
      atMostOneOpenAttempt(ledger, step);
      nothingSentAfterTheEnd(ledger, step);
      reasonHasEvidence(ledger, step);
      {
        attemptsAreBounded(ledger, step);
        return;
      }
    case 'close':
      verdictHasGround(ledger, step);
      {
        retryableMeansHarmless(ledger, step);
        return;
      }
  }
}

function check(condition: boolean, broken: string): void {
  if (!condition) throw new Error(broken);
}

// --- (a) at most one open attempt --------------------------------------------------------------------------

export function atMostOneOpenAttempt(ledger: Ledger, { reason }: Publish): void {
  for (const attempt of ledger.attempts) {
    const over = isOver(ledger, attempt) || (reason === 'policy-says-retry' && mayRetryInDoubt(ledger));
    check(over, `request ${String(attempt.number)} may be open while another is sent (${reason})`);
  }
}

const mayRetryInDoubt = ({ request }: Ledger): boolean => request.policy.onUnknownOutcome === 'retry';

/** There is recorded evidence, later than any sign of life of the request. */
function isOver(ledger: Ledger, attempt: Attempt): boolean {
  const { superseded } = attempt;
  const sign = Math.max(attempt.ack?.seq ?? 0, attempt.finalError?.seq ?? 0);
  if (superseded !== null && superseded.seq > sign) return true;
  if (isRefused(attempt) || isCertainlyNotSent(attempt)) return true;
  if (attempt.finalError !== null) return isUntouchedSince(ledger, attempt.finalError);
  return (
    (ledger.hasRepository ? isUntouchedSince(ledger, attempt.ack) : attempt.ack === null) && isFree(ledger)
  );
}

const isRefused = ({ ack, finalError, rejection }: Attempt): boolean =>
  rejection !== null && ack === null && finalError === null;

const isCertainlyNotSent = ({ sent, replies }: Attempt): boolean =>
  sent === 'not-sent' && replies.length === 0;

function isUntouchedSince(ledger: Ledger, moment: Moment | null): boolean {
  const look = lastLook(ledger);
  const before = ledger.looks.find(({ seen }) => seen.kind === 'service');
  // A copy that was there before the first request is none of ours.
  const isUnchanged =
    look?.seen === LOOK.untouched || (look?.seen === LOOK.copy && before?.seen === LOOK.copy);
  return isUnchanged && look.seq > (moment?.seq ?? 0);
}

/** The probe that was asked last among the answered ones says free, and it could tell of every request. */
function isFree(ledger: Ledger): boolean {
  const told = ledger.probes.findLast(({ answer }) => answer !== null && answer.says !== 'unrecognised');
  if (told?.answer?.says !== 'free') return false;
  return ledger.attempts.every((attempt) => {
    const { started, ack, sent, published } = attempt;
    const isKnown = sent === 'confirmed' || attempt.replies.some(({ status }) => status !== 'READY');
    const settledMs = (published ?? started).atMs + (isKnown ? 0 : SETTLE_MS);
    return told.started.seq > (ack ?? started).seq && told.started.atMs >= settledMs;
  });
}

// --- (b) nothing is sent after the end ---------------------------------------------------------------------

export function nothingSentAfterTheEnd(ledger: Ledger, { reason }: Publish): void {
  const look = lastLook(ledger);
  for (const { ready, finalError } of ledger.attempts) {
    check(ready === null || isContradicted(ledger, ready), 'a request after READY');
    check(finalError?.error !== REMOVAL, 'a request after a failed removal');
  }
  const last = ledger.attempts.at(-1);
  const refused = last !== undefined && isRefused(last) ? last.rejection?.class : undefined;
  check(refused !== 'permanent' && refused !== 'already-there', 'a request after a permanent refusal');
  if (!ledger.hasRepository) return;
  const isHarmless =
    look?.seen === LOOK.untouched || (look?.seen === LOOK.copy && isKnownCopy(ledger, reason));
  check(isHarmless, 'a request although the latest look does not show the VNF alive at home');
  check(look !== undefined && look.seq > lastReply(ledger), 'a request without a look at what was heard');
}

/** The copy was there before anything was sent, or the policy says that it does not matter. */
const isKnownCopy = (ledger: Ledger, reason: string): boolean =>
  reason === 'policy-says-retry' || firstReadable(ledger) === LOOK.copy;

const firstReadable = ({ looks }: Ledger) => looks.find(({ seen }) => seen.kind === 'service')?.seen;

function isContradicted({ looks, hasRepository }: Ledger, ready: Moment): boolean {
  const lists = ([LOOK.untouched, LOOK.copy, LOOK['on-target']] as unknown[]).includes.bind([
    LOOK.untouched,
    LOOK.copy,
    LOOK['on-target'],
  ]);
  const readable = looks.findLast(({ seq, seen }) => seq > ready.seq && seen.kind !== 'unreadable');
  return hasRepository && readable !== undefined && lists(readable.seen);
}

function lastReply({ attempts, strays }: Ledger): number {
  const heard = attempts.flatMap(({ ack, ready, finalError, rejection }) => [
    ack,
    ready,
    finalError,
    rejection,
  ]);
  return Math.max(0, ...[...heard, ...strays].map((moment) => moment?.seq ?? 0));
}

// --- (f) the reason of a request has its evidence ----------------------------------------------------------

export function reasonHasEvidence(ledger: Ledger, { reason }: Publish): void {
  // A request that never left is tried again for the reason that it had.
  const last = ledger.attempts.findLast((attempt) => !isCertainlyNotSent(attempt));
  switch (reason) {
    case 'first': {
      check(last === undefined, 'a first request that is not the first');
      return;
    }
    case 'service-was-busy': {
      check(last?.rejection?.class === 'busy', 'nobody said busy');
      return;
    }
    case 'mano-failed-to-read-its-repository': {
      check(last?.rejection?.class === 'transient', 'no transient refusal');
      return;
    }
    case 'probe-says-not-taken':
      check(!ledger.hasRepository, 'the repository was not asked');
      check(last?.ack === null, 'it was acked');
      {
        check(isFree(ledger), 'no probe says free');
        return;
      }
    case 'repository-says-untouched': {
      check(isUntouchedSince(ledger, { seq: lastReply(ledger), atMs: 0 }), 'no look says untouched');
      return;
    }
    case 'policy-says-retry': {
      check(mayRetryInDoubt(ledger), 'the policy does not say retry');
      return;
    }
  }
}

export function attemptsAreBounded(ledger: Ledger, { reason }: Publish): void {
  if (reason === 'service-was-busy' || reason === 'mano-failed-to-read-its-repository') return;
  const spent = ledger.attempts.filter(
    (attempt) =>
      !isCertainlyNotSent(attempt) &&
      !(isRefused(attempt) && ['busy', 'transient'].includes(attempt.rejection?.class ?? '')),
  );
  check(spent.length < ledger.request.policy.maxAttempts, 'more requests than maxAttempts');
}

// --- verdicts ----------------------------------------------------------------------------------------------

export function verdictHasGround(ledger: Ledger, { verdict }: Extract<Step, { kind: 'close' }>): void {
  const seen = lastLook(ledger)?.seen;
  if (ledger.resolution !== null) return;
  const believed = ledger.attempts.some(({ ready }) => ready !== null && !isContradicted(ledger, ready));
  switch (verdict.kind) {
    case 'migrated': {
      check(believed || seen === LOOK.moved, 'migrated out of thin air');
      return;
    }
    case 'already-there': {
      const told = ledger.attempts.at(-1)?.rejection?.class === 'already-there' && !ledger.hasRepository;
      check(told || seen === LOOK['on-target'], 'already-there out of thin air');
      return;
    }
    case 'failure': {
      check(!believed, 'a failure with a READY in hand');
      return;
    }
  }
}

/** (e) */
export function retryableMeansHarmless(ledger: Ledger, { verdict }: Extract<Step, { kind: 'close' }>): void {
  if (verdict.kind !== 'failure' || !verdict.retryable) return;
  check(!mayBeRunning(ledger), `${verdict.type} is retryable while something may be running`);
  for (const attempt of ledger.attempts) {
    check(attempt.finalError?.error !== REMOVAL, 'retryable after a failed removal');
    const over = isOver(ledger, attempt) && !wasGivenUpInDoubt(ledger, attempt);
    check(over, `${verdict.type} is retryable, and request ${String(attempt.number)} may run`);
  }
}

/** It was followed by a request that only the policy justifies, and nothing has cleared it since. */
function wasGivenUpInDoubt(ledger: Ledger, attempt: Attempt): boolean {
  const next = ledger.attempts[attempt.number];
  if (next?.reason !== 'policy-says-retry') return false;
  const cleared = ledger.attempts.slice(attempt.number + 1);
  const hasClearedSince = cleared.some(({ reason }) => reason === 'repository-says-untouched');
  return !hasClearedSince && !isUntouchedSince(ledger, { seq: lastReply(ledger), atMs: 0 });
}

// --- (d) time ----------------------------------------------------------------------------------------------

export function waitsForTheFuture({ ledger, nowMs }: State, untilMs: number): void {
  const deadlineMs = ledger.startedAtMs + ledger.request.policy.deadline;
  check(untilMs > nowMs, 'waits for the past');
  check(untilMs <= deadlineMs, 'waits beyond the deadline');
}

export function oneProbeAtATime({ ledger, nowMs }: State, timeoutMs: number): void {
  check(timeoutMs > 0, 'no time to probe');
  check(ledger.request.policy.probe === 'auto', 'probes although it must not');
  const last = ledger.probes.at(-1);
  if (last === undefined || last.sent === 'not-sent' || last.answer !== null) return;
  const overMs = (last.published ?? last.started).atMs + ledger.request.policy.probeTimeout;
  check(nowMs >= overMs, 'two probes at a time');
}

/** (d) Nothing ever answers, and every look is `look`: it ends, and never turns on the spot. */
export function endsInSilence(state: State, look: 'unreadable' | 'untouched' | 'copy'): void {
  let now = state;
  let onTheSpot = 0;
  for (let count = 0; count < 4_000; count += 1) {
    const next = silentMove(now, look);
    if (next === now) return;
    onTheSpot = next.nowMs === now.nowMs ? onTheSpot + 1 : 0;
    check(onTheSpot < 12, `turns on the spot: ${JSON.stringify(stepOf(now))}`);
    checkState(next);
    now = next;
  }
  throw new Error('it never ends');
}

function silentMove(state: State, look: 'unreadable' | 'untouched' | 'copy'): State {
  if (state.under === 'look') return play(state, { kind: 'looked', seen: look, tookMs: 0 });
  if (state.under === 'publish') return play(state, { kind: 'published', sent: 'confirmed', tookMs: 0 });
  if (state.under === 'permit') {
    return play(state, { kind: 'permit', says: { kind: 'waiting', reason: 'shared-total-limit' } });
  }
  return play(state, { kind: 'go' });
}

// --- (c) the order of replies that came together -----------------------------------------------------------

/** What a step amounts to, without its words. */
export function gist(state: State): string {
  const step = state.under === null ? stepOf(state) : null;
  if (step?.kind !== 'close') return JSON.stringify(step);
  const { verdict } = step;
  return verdict.kind === 'failure'
    ? `${verdict.type} ${String(verdict.retryable)}`
    : `${verdict.kind} ${verdict.evidence}`;
}
