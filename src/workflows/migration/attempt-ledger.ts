/**
 * What is known of one migration: facts, in whatever order they came.
 *
 * Invariants:
 * L1 Pure: no clock, no randomness, no I/O; a ledger is never changed, `record` returns the next one.
 * L2 Facts are never taken back and the first of a kind wins: a second ack, READY or final ERROR of the same
 *    request changes nothing. Where answers to one message contradict each other (two MANOs, a message taken
 *    twice) the graver one stands, whatever their order.
 * L3 Nothing is gated by a phase: a reply may come before its publish has ended, after its request was given
 *    up, or for a request that this run never sent.
 * L4 Bounded: exact repetitions are not kept.
 *
 * What to do about it all is decided in next-step.ts.
 */
import type { PermitWait } from '../../shared/limits/contract.js';
import type { ManoReply } from '../../shared/mano/reply.js';
import type { AttemptReason, MigrationRequest, Sent } from '../../shared/migration/contract.js';
import type { ServiceSnapshot } from '../../shared/migration/reconciliation.js';
import type { VimListing } from '../../shared/vim/answer.js';
import {
  classifyRejection,
  readProbeAnswer,
  REMOVAL_FAILED_ERROR,
  type ProbeAnswer,
  type RejectionClass,
} from '../../shared/mano/rejection.js';

/** When something became known. `seq` orders facts that share a millisecond. */
export interface Moment {
  seq: number;
  atMs: number;
}

export interface Rejection extends Moment {
  class: RejectionClass;
  error: string;
}

export interface FinalError extends Moment {
  error: string;
}

/** One request on the bus, one correlation id. */
export interface Attempt {
  number: number;
  nonce: string;
  reason: AttemptReason;
  started: Moment;
  sent: Sent;
  /** Why it is not confirmed, as the publisher reports it; null if it is, or if the publisher died. */
  sentReason: string | null;
  /** When the publish ended, one way or the other. */
  published: Moment | null;
  correlationId: string;
  ack: Moment | null;
  ready: (Moment & { reply: ManoReply }) | null;
  finalError: FinalError | null;
  /** The gravest ERROR that was no final: a rejection, unless the request was acked as well. */
  rejection: Rejection | null;
  /** When the latest of the later requests was started: by then this one was judged to be over. */
  superseded: Moment | null;
  /** Without records. */
  replies: ManoReply[];
}

/** A request that holds only the service id, which the MANO answers without touching anything. */
export interface Probe {
  nonce: string;
  started: Moment;
  sent: Sent;
  published: Moment | null;
  answer: (Moment & { says: ProbeAnswer }) | null;
}

/**
 * One read of the MANO's repository. Its `seq` is that of its start, because a reply that arrives while the records
 * are read may be newer than they are; `atMs` is when it ended.
 */
export interface Look extends Moment {
  seen: LookResult;
}

export type LookResult =
  | { kind: 'service'; snapshot: ServiceSnapshot }
  | { kind: 'no-such-service' }
  | { kind: 'unreadable'; reason: string };

export interface Resolution extends Moment {
  outcome: 'migrated' | 'not-migrated';
  newVnfUuid: string | null;
  actor: string;
  reason: string;
}

/** What was asked of the limits of the deployment, and what they said. */
export interface Permit {
  /** When the limits were asked last. */
  asked: Moment;
  /** Null: asked, and not answered. */
  answer: PermitReading | null;
  /** The first answer that it has to wait; null: it never waited. */
  waiting: Moment | null;
  /** When it was granted. */
  held: Moment | null;
  /** The limits said that there is news, after they were asked last. */
  isNews: boolean;
}

export type PermitReading =
  { kind: 'held' } | { kind: 'waiting'; reason: PermitWait } | { kind: 'unknown'; reason: string };

export interface Ledger {
  request: MigrationRequest;
  /** Whether the MANO's repository can be read. */
  hasRepository: boolean;
  /** Whether the target is looked for on the list of VIMs before the first request. */
  verifiesTarget: boolean;
  /** Whether the limits of the deployment are asked before the first request. */
  needsPermit: boolean;
  startedAtMs: number;
  /** The number of facts so far: it changes if and only if something new is known. */
  seq: number;
  attempts: readonly Attempt[];
  probes: readonly Probe[];
  looks: readonly Look[];
  /** The start of the look that is under way. */
  looking: Moment | null;
  /** Finals of requests that this run never sent: an earlier run's. Evidence to look, no verdict. */
  strays: readonly (Moment & { reply: ManoReply })[];
  resolution: Resolution | null;
  /** The list of VIMs, as far as it is about this migration; null: not queried. */
  vims: VimListing | null;
  /** Null: not asked for. */
  permit: Permit | null;
}

export type Fact =
  | { kind: 'attempt-started'; nonce: string; correlationId: string; reason: AttemptReason }
  | { kind: 'probe-started'; nonce: string }
  | { kind: 'published'; nonce: string; sent: Exclude<Sent, 'publishing'>; reason?: string | null }
  | { kind: 'reply'; nonce: string; reply: ManoReply }
  | { kind: 'look-started' }
  | { kind: 'looked'; seen: LookResult }
  | { kind: 'vims-listed'; vims: VimListing }
  | { kind: 'permit-asked' }
  | { kind: 'permit-told'; reading: PermitReading }
  | { kind: 'permit-news' }
  | {
      kind: 'resolved';
      outcome: Resolution['outcome'];
      newVnfUuid: string | null;
      actor: string;
      reason: string;
    };

const KEPT_REPLIES = 20;
const KEPT_STRAYS = 10;

/** What weighs more where one request got several refusals: the one after which less may be sent. */
const REJECTION_WEIGHT: Record<RejectionClass, number> = {
  busy: 0,
  transient: 1,
  'already-there': 2,
  permanent: 3,
};

/** A MANO that works on the service is not idle, whatever another one says. */
const ANSWER_WEIGHT: Record<ProbeAnswer, number> = { unrecognised: 0, free: 1, busy: 2 };

export function openLedger(options: {
  request: MigrationRequest;
  hasRepository: boolean;
  verifiesTarget?: boolean;
  needsPermit?: boolean;
  startedAtMs: number;
}): Ledger {
  return {
    verifiesTarget: false,
    needsPermit: false,
    ...options,
    seq: 0,
    attempts: [],
    probes: [],
    looks: [],
    looking: null,
    strays: [],
    resolution: null,
    vims: null,
    permit: null,
  };
}

/** The ledger with one more fact; the same object if the fact was known. */
export function record(ledger: Ledger, { fact, atMs }: { fact: Fact; atMs: number }): Ledger {
  const moment: Moment = { seq: ledger.seq + 1, atMs };
  const next = applied(ledger, { fact, moment });
  return next === ledger ? ledger : { ...next, seq: moment.seq };
}

function applied(ledger: Ledger, { fact, moment }: { fact: Fact; moment: Moment }): Ledger {
  switch (fact.kind) {
    case 'attempt-started':
      return startAttempt(ledger, { ...fact, moment });
    case 'probe-started':
      return { ...ledger, probes: [...ledger.probes, newProbe(fact.nonce, moment)] };
    case 'published':
      return endPublish(ledger, { ...fact, moment });
    case 'reply':
      return recordReply(ledger, { ...fact, moment });
    case 'look-started':
      return { ...ledger, looking: moment };
    case 'looked': {
      const look = { seq: (ledger.looking ?? moment).seq, atMs: moment.atMs, seen: fact.seen };
      return { ...ledger, looks: [...ledger.looks, look], looking: null };
    }
    case 'vims-listed':
      return { ...ledger, vims: fact.vims };
    case 'permit-asked':
      return { ...ledger, permit: askedAgain(ledger.permit, moment) };
    case 'permit-told':
      return { ...ledger, permit: withReading(ledger.permit, { reading: fact.reading, moment }) };
    case 'permit-news':
      return withNews(ledger);
    case 'resolved': {
      const { outcome, newVnfUuid, actor, reason } = fact;
      return ledger.resolution === null
        ? { ...ledger, resolution: { ...moment, outcome, newVnfUuid, actor, reason } }
        : ledger;
    }
  }
}

function askedAgain(permit: Permit | null, asked: Moment): Permit {
  const { waiting = null, held = null } = permit ?? {};
  return { asked, answer: null, waiting, held, isNews: false };
}

function withNews(ledger: Ledger): Ledger {
  const { permit } = ledger;
  if (permit === null || permit.isNews || permit.held !== null) return ledger;
  return { ...ledger, permit: { ...permit, isNews: true } };
}

function withReading(
  permit: Permit | null,
  { reading, moment }: { reading: PermitReading; moment: Moment },
): Permit {
  const known = permit ?? askedAgain(null, moment);
  const { waiting, held } = known;
  return reading.kind === 'held'
    ? { ...known, answer: reading, held: held ?? moment }
    : { ...known, answer: reading, waiting: waiting ?? moment };
}

function startAttempt(
  ledger: Ledger,
  start: { nonce: string; correlationId: string; reason: AttemptReason; moment: Moment },
): Ledger {
  const { nonce, correlationId, reason, moment } = start;
  const over = ledger.attempts.map((attempt) => ({ ...attempt, superseded: moment }));
  const attempt: Attempt = {
    number: ledger.attempts.length + 1,
    nonce,
    reason,
    started: moment,
    sent: 'publishing',
    sentReason: null,
    published: null,
    correlationId,
    ack: null,
    ready: null,
    finalError: null,
    rejection: null,
    superseded: null,
    replies: [],
  };
  return { ...ledger, attempts: [...over, attempt] };
}

function newProbe(nonce: string, moment: Moment): Probe {
  return { nonce, started: moment, sent: 'publishing', published: null, answer: null };
}

function endPublish(
  ledger: Ledger,
  end: { nonce: string; sent: Sent; reason?: string | null; moment: Moment },
): Ledger {
  const { nonce, sent, reason: sentReason = null, moment: published } = end;
  return {
    ...ledger,
    attempts: ledger.attempts.map((attempt) =>
      attempt.nonce === nonce ? { ...attempt, sent, sentReason, published } : attempt,
    ),
    probes: ledger.probes.map((probe) => (probe.nonce === nonce ? { ...probe, sent, published } : probe)),
  };
}

interface Arrival {
  nonce: string;
  reply: ManoReply;
  moment: Moment;
}

function recordReply(ledger: Ledger, arrival: Arrival): Ledger {
  const { nonce } = arrival;
  if (ledger.attempts.some((attempt) => attempt.nonce === nonce)) {
    const attempts = ledger.attempts.map((attempt) => withReply(attempt, arrival));
    return sameItems(attempts, ledger.attempts) ? ledger : { ...ledger, attempts };
  }
  if (ledger.probes.some((probe) => probe.nonce === nonce)) {
    const probes = ledger.probes.map((probe) => answerProbe(probe, arrival));
    return sameItems(probes, ledger.probes) ? ledger : { ...ledger, probes };
  }
  return withStray(ledger, arrival);
}

function sameItems<T>(left: readonly T[], right: readonly T[]): boolean {
  return left.every((item, index) => item === right[index]);
}

/** Only a final says that something has changed. */
function withStray(ledger: Ledger, { reply, moment }: Arrival): Ledger {
  const { strays } = ledger;
  const isKnown = strays.some(
    (known) => known.reply.correlationId === reply.correlationId && sameReply(known.reply, reply),
  );
  if (!reply.isFinal || isKnown || strays.length >= KEPT_STRAYS) return ledger;
  return { ...ledger, strays: [...strays, { ...moment, reply: withoutRecords(reply) }] };
}

function withReply(attempt: Attempt, arrival: Arrival): Attempt {
  const { nonce, reply } = arrival;
  if (attempt.nonce !== nonce) return attempt;
  if (attempt.replies.some((known) => sameReply(known, reply))) return attempt;
  const told = afterReply(attempt, arrival);
  if (attempt.replies.length >= KEPT_REPLIES) return told;
  return { ...told, replies: [...attempt.replies, withoutRecords(reply)] };
}

function afterReply(attempt: Attempt, { reply, moment }: Arrival): Attempt {
  switch (reply.status) {
    case 'MIGRATING':
      return attempt.ack === null ? { ...attempt, ack: moment } : attempt;
    case 'READY':
      return attempt.ready === null ? { ...attempt, ready: { ...moment, reply } } : attempt;
    case 'ERROR': {
      const error = reply.error ?? 'the MANO named no error';
      if (reply.isFinal) return withFinalError(attempt, { ...moment, error });
      return withRejection(attempt, { ...moment, class: classifyRejection(reply), error });
    }
  }
}

/** Of several, a failed removal is the one to remember: it left a copy. */
function withFinalError(attempt: Attempt, finalError: FinalError): Attempt {
  const known = attempt.finalError;
  const isGraver = finalError.error === REMOVAL_FAILED_ERROR && known?.error !== REMOVAL_FAILED_ERROR;
  return known === null || isGraver ? { ...attempt, finalError } : attempt;
}

function withRejection(attempt: Attempt, rejection: Rejection): Attempt {
  const known = attempt.rejection;
  const isGraver = known === null || REJECTION_WEIGHT[rejection.class] > REJECTION_WEIGHT[known.class];
  return isGraver ? { ...attempt, rejection } : attempt;
}

function answerProbe(probe: Probe, { nonce, reply, moment }: Arrival): Probe {
  if (probe.nonce !== nonce) return probe;
  const says = readProbeAnswer(reply.error);
  const isGraver = probe.answer === null || ANSWER_WEIGHT[says] > ANSWER_WEIGHT[probe.answer.says];
  return isGraver ? { ...probe, answer: { ...moment, says } } : probe;
}

/** A redelivered copy differs from the first only in when it was received. */
function sameReply(left: ManoReply, right: ManoReply): boolean {
  return (
    left.status === right.status &&
    left.isFinal === right.isFinal &&
    left.error === right.error &&
    left.errorCode === right.errorCode &&
    left.topic === right.topic &&
    left.timestamp === right.timestamp
  );
}

/** Records are large; only the reply that decides keeps them. */
function withoutRecords(reply: ManoReply): ManoReply {
  return { ...reply, nsr: null, vnfrs: null };
}

/** The request sent last. */
export function lastAttempt(ledger: Ledger): Attempt | undefined {
  return ledger.attempts.at(-1);
}

export function lastLook(ledger: Ledger): Look | undefined {
  return ledger.looks.at(-1);
}

/** The records as this migration first saw them: what later looks are compared with. */
export function snapshotBefore(ledger: Ledger): ServiceSnapshot | null {
  for (const { seen } of ledger.looks) {
    if (seen.kind === 'service') return seen.snapshot;
  }
  return null;
}

/** Requests that spend an attempt: all but those the MANO refused for a while, and those that never left. */
export function spentAttempts(ledger: Ledger): number {
  return ledger.attempts.filter((attempt) => hasLeft(attempt) && !waitsForMano(attempt)).length;
}

/** A reply proves that its request left, whatever the publisher believes. */
export function hasLeft({ sent, replies }: Attempt): boolean {
  return sent !== 'not-sent' || replies.length > 0;
}

/** Refused because the service is busy or the repository failed: asking again is no new attempt. */
export function waitsForMano({ ack, finalError, rejection }: Attempt): boolean {
  if (ack !== null || finalError !== null || rejection === null) return false;
  return rejection.class === 'busy' || rejection.class === 'transient';
}
