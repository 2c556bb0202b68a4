/**
 * A migration as people and callers see it: pure views of the ledger, times as ISO 8601.
 *
 * Invariant: bounded, whatever the ledger holds; a view must fit a failure's details.
 */
import type { ManoReply } from '../../shared/mano/reply.js';
import type {
  AttemptView,
  MigrationResult,
  MigrationState,
  Phase,
  ReplyView,
  VerdictView,
} from '../../shared/migration/contract.js';
import { reconcile } from '../../shared/migration/reconciliation.js';
import {
  lastLook,
  snapshotBefore,
  type Attempt,
  type Ledger,
  type Look,
  type Probe,
} from './attempt-ledger.js';
import { isoTime } from '../runtime/clock.js';
import { deadlineMsOf, mayBeRunning } from './next-step.js';
import { permitWait } from './permit.js';
import { namesOf, targetWarning } from './target-check.js';
import type { Verdict } from './verdict.js';

const SHOWN_ATTEMPTS = 50;
const SHOWN_NOTES = 12;
const SHOWN_REPLIES = 8;
export const SHOWN_ERROR = 300;

export interface Progress {
  ledger: Ledger;
  phase: Phase;
  verdict: VerdictView | null;
  /** When the present phase ends by itself. */
  nextStepMs: number | null;
}

export function migrationState({ ledger, phase, verdict, nextStepMs }: Progress): MigrationState {
  const { serviceInstanceUuid, vnfUuid, vimUuid } = ledger.request;
  return {
    request: { serviceInstanceUuid, vnfUuid, vimUuid },
    ...namesOf(ledger),
    phase,
    attempts: attemptViews(ledger),
    verdict,
    ...permitView(ledger),
    trouble: troubleOf(ledger),
    warning: targetWarning(ledger),
    mayBeRunning: verdict?.outcome !== 'migrated' && mayBeRunning(ledger),
    startedAt: isoTime(ledger.startedAtMs),
    deadlineAt: isoTime(deadlineMsOf(ledger)),
    nextStepAt: nextStepMs === null ? null : isoTime(nextStepMs),
  };
}

/** Nothing where no limits are set. */
function permitView(ledger: Ledger): Pick<MigrationState, 'permit'> {
  const { needsPermit, permit } = ledger;
  if (!needsPermit) return {};
  const state = permit?.held != null ? 'held' : permit === null ? 'needed' : 'waiting';
  const waitingSince = permit?.waiting == null ? null : isoTime(permit.waiting.atMs);
  return { permit: { state, waitingSince, reason: permitWait(ledger)?.reason ?? null } };
}

function troubleOf(ledger: Ledger): string | null {
  const seen = lastLook(ledger)?.seen;
  return seen?.kind === 'unreadable' ? `the repository cannot be read: ${seen.reason}` : null;
}

/** The state of a migration whose input is wrong. */
export function invalidState({
  startedAtMs,
  message,
}: {
  startedAtMs: number;
  message: string;
}): MigrationState {
  return {
    request: null,
    phase: 'closed',
    attempts: [],
    verdict: {
      outcome: 'failed',
      evidence: null,
      failureType: 'InvalidMigrationRequest',
      message,
      newVnfUuid: null,
    },
    trouble: null,
    mayBeRunning: false,
    startedAt: isoTime(startedAtMs),
    deadlineAt: null,
    nextStepAt: null,
  };
}

export function verdictView(verdict: Verdict): VerdictView {
  const { message } = verdict;
  switch (verdict.kind) {
    case 'migrated': {
      const { evidence, newVnfUuid } = verdict;
      return { outcome: 'migrated', evidence, failureType: null, message, newVnfUuid };
    }
    case 'already-there':
      return {
        outcome: 'already-there',
        evidence: verdict.evidence,
        failureType: null,
        message,
        newVnfUuid: null,
      };
    case 'failure':
      return { outcome: 'failed', evidence: null, failureType: verdict.type, message, newVnfUuid: null };
  }
}

/** The most recent attempts; all of them unless there were very many. */
function attemptViews(ledger: Ledger): AttemptView[] {
  return ledger.attempts.slice(-SHOWN_ATTEMPTS).map((attempt) => attemptView(ledger, attempt));
}

function attemptView(ledger: Ledger, attempt: Attempt): AttemptView {
  const finalAtMs = attempt.ready?.atMs ?? attempt.finalError?.atMs;
  return {
    number: attempt.number,
    correlationId: attempt.correlationId,
    reason: attempt.reason,
    sent: attempt.sent,
    startedAt: isoTime(attempt.started.atMs),
    ackedAt: attempt.ack === null ? null : isoTime(attempt.ack.atMs),
    finalAt: finalAtMs === undefined ? null : isoTime(finalAtMs),
    replies: attempt.replies.slice(0, SHOWN_REPLIES).map(replyView),
    notes: notesOf(ledger, attempt),
  };
}

function replyView({ status, error, isFinal, topic, receivedAt }: ManoReply): ReplyView {
  return { status, error: error?.slice(0, SHOWN_ERROR) ?? null, isFinal, topic, at: receivedAt };
}

/** What was learned between this request and the next, in order. */
function notesOf(ledger: Ledger, attempt: Attempt): string[] {
  const next = ledger.attempts[attempt.number];
  const isOurs = ({ seq }: { seq: number }): boolean =>
    seq > attempt.started.seq && (next === undefined || seq < next.started.seq);
  const { sentReason, published } = attempt;
  const notes = [
    ...(sentReason === null || published === null
      ? []
      : [{ atMs: published.atMs, text: `publish: ${sentReason}` }]),
    ...ledger.probes
      .filter(({ started }) => isOurs(started))
      .map((probe) => ({ atMs: probe.started.atMs, text: `probe: ${probeText(probe)}` })),
    ...ledger.looks
      .filter(isOurs)
      .map((look) => ({ atMs: look.atMs, text: `repository: ${lookText(ledger, look)}` })),
  ];
  return notes
    .sort((left, right) => left.atMs - right.atMs)
    .slice(-SHOWN_NOTES)
    .map(({ atMs, text }) => `${isoTime(atMs)} ${text}`);
}

function probeText({ sent, answer }: Probe): string {
  if (answer !== null) return answer.says === 'unrecognised' ? 'an answer that says nothing' : answer.says;
  return sent === 'not-sent' ? 'not sent' : 'no answer';
}

export function lookText(ledger: Ledger, { seen }: Look): string {
  switch (seen.kind) {
    case 'unreadable':
      return `unreadable: ${seen.reason}`;
    case 'no-such-service':
      return 'knows no such service';
    case 'service': {
      const { vnfUuid, vimUuid } = ledger.request;
      const finding = reconcile({ vnfUuid, vimUuid, now: seen.snapshot, before: snapshotBefore(ledger) });
      return finding.kind === 'unclear' ? `unclear: ${finding.reason}` : finding.kind;
    }
  }
}

export function migrationResult(
  ledger: Ledger,
  { verdict, endedAtMs }: { verdict: Exclude<Verdict, { kind: 'failure' }>; endedAtMs: number },
): MigrationResult {
  const { serviceInstanceUuid, vnfUuid, vimUuid, policy } = ledger.request;
  const ready = verdict.kind === 'migrated' ? verdict.ready : null;
  const records = policy.records === 'full' ? ready : null;
  return {
    outcome: verdict.kind,
    evidence: verdict.evidence,
    serviceInstanceUuid,
    vnfUuid,
    newVnfUuid: verdict.kind === 'migrated' ? verdict.newVnfUuid : null,
    vimUuid,
    ...namesOf(ledger),
    attempts: attemptViews(ledger),
    durationMs: endedAtMs - ledger.startedAtMs,
    manoDurationSeconds: ready?.durationSeconds ?? null,
    nsr: records?.nsr ?? null,
    vnfrs: records?.vnfrs ?? null,
    recordsSummarised: records?.recordsSummarised ?? false,
  };
}

/** For Temporal's own UI: what this migration is, and where it stands. */
export function currentDetails(state: MigrationState): string {
  const { request, phase, attempts, verdict, nextStepAt, permit } = state;
  const last = attempts.at(-1);
  const lines = [
    `**${verdict?.outcome ?? phase}**${verdict === null ? '' : `: ${verdict.message}`}`,
    request === null ? null : `VNF \`${request.vnfUuid}\` to VIM \`${request.vimUuid}\``,
    state.warning ?? null,
    request === null ? null : `of service \`${request.serviceInstanceUuid}\``,
    last === undefined ? null : `request ${String(last.number)} (${last.reason}): ${last.sent}`,
    last?.ackedAt == null ? null : `acked at ${last.ackedAt}`,
    permit?.state === 'waiting' ? `waits for a permit: ${permit.reason ?? 'asking'}` : null,
    nextStepAt === null || verdict !== null ? null : `this phase ends by itself at ${nextStepAt}`,
  ];
  return lines.filter((line) => line !== null).join('\n\n');
}
