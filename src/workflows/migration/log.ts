/**
 * The log lines of one migration: one for each fact, where it becomes known, and one for its end. The SDK adds
 * the workflow's id and run, and is silent while a history is replayed.
 *
 * Invariants: only what is new is logged; a line about a request or a probe has the number of the request and its
 * own correlation id; records, which are large, are never in a line.
 */
import { log } from '@temporalio/workflow';
import type { ManoReply } from '../../shared/mano/reply.js';
import type { MigrationState, Sent } from '../../shared/migration/contract.js';
import { lastAttempt, lastLook, type Fact, type Ledger } from './attempt-ledger.js';
import { isoTime } from '../runtime/clock.js';
import { lookText, SHOWN_ERROR } from './views.js';
import type { Step } from './step.js';

/** Apart from the SDK's own fields; the logger puts it beside them. */
interface Subject {
  attempt?: number;
  correlationId?: string;
}

export interface FactContext {
  before: Ledger;
  after: Ledger;
  correlationIdOf: (nonce: string) => string;
}

export function logFact(fact: Fact, { before, after, correlationIdOf }: FactContext): void {
  if (after === before) return;
  const about = (nonce: string): { migration: Subject } => ({
    migration: { ...numberFor(after, nonce), correlationId: correlationIdOf(nonce) },
  });
  switch (fact.kind) {
    case 'attempt-started':
      log.info('sending a request', { ...about(fact.nonce), reason: fact.reason });
      return;
    case 'probe-started':
      log.info('sending a probe', about(fact.nonce));
      return;
    case 'published': {
      const fields = { ...about(fact.nonce), sent: fact.sent, reason: fact.reason ?? null };
      const what = isProbe(after, fact.nonce) ? 'probe' : 'request';
      if (fact.sent === 'confirmed') log.info(`the ${what} was sent`, fields);
      else log.warn(`the ${what} was ${SENT_TEXT[fact.sent]}`, fields);
      return;
    }
    case 'reply':
      logReply(fact.reply, { after, nonce: fact.nonce, fields: about(fact.nonce) });
      return;
    case 'look-started':
      return;
    case 'looked': {
      const look = lastLook(after);
      const found = look === undefined ? null : lookText(after, look);
      log.info('read the repository', { migration: lastSubject(after), found });
      return;
    }
    case 'vims-listed': {
      const { vims } = fact;
      if (vims.kind === 'listed') log.info('read the list of VIMs', { total: vims.total });
      else log.warn('no list of VIMs; the target is not verified', { reason: vims.reason });
      return;
    }
    case 'permit-asked':
    case 'permit-news':
      return;
    case 'permit-told': {
      const { reading } = fact;
      if (reading.kind === 'held') log.info('the limits of the deployment allow the request');
      else log.info('waiting for the limits of the deployment', { reason: reading.reason });
      return;
    }
    case 'resolved': {
      const { outcome, newVnfUuid, actor, reason } = fact;
      const fields = { migration: lastSubject(after), outcome, newVnfUuid, actor, reason };
      log.info('an operator resolved the migration', fields);
      return;
    }
  }
}

const SENT_TEXT: Record<Exclude<Sent, 'publishing' | 'confirmed'>, string> = {
  perhaps: 'perhaps sent',
  'not-sent': 'not sent',
};

function logReply(
  { status, error, isFinal, topic }: ManoReply,
  { after, nonce, fields }: { after: Ledger; nonce: string; fields: { migration: Subject } },
): void {
  const reply = { ...fields, status, error: error?.slice(0, SHOWN_ERROR) ?? null, isFinal, topic };
  const probe = after.probes.find((one) => one.nonce === nonce);
  if (probe !== undefined) {
    log.info('the MANO answered the probe', { ...reply, says: probe.answer?.says ?? null });
    return;
  }
  const attempt = after.attempts.find((one) => one.nonce === nonce);
  if (attempt === undefined) log.info('received a reply to a request of an earlier run', reply);
  else if (status === 'MIGRATING') log.info('the MANO accepted the request', reply);
  else if (status === 'READY') log.info('the MANO reported READY', reply);
  else if (isFinal) log.warn('the MANO reported a failure', reply);
  else log.info('the MANO refused the request', { ...reply, class: attempt.rejection?.class ?? null });
}

/** A new wait. Any other step is logged by the fact that follows from it. */
export function logWait({ phase, untilMs }: Extract<Step, { kind: 'wait' }>, ledger: Ledger): void {
  const fields = { migration: lastSubject(ledger), phase, until: isoTime(untilMs) };
  if (phase === 'awaiting-operator') log.warn('waiting for an operator', fields);
  else if (phase === 'busy' || phase === 'publishing') log.info('the request will be sent again', fields);
  else log.debug('waiting', fields);
}

/** However it ended. */
export function logEnd({ verdict, attempts, mayBeRunning }: MigrationState): void {
  if (verdict === null) return;
  const last = attempts.at(-1);
  const migration: Subject =
    last === undefined ? {} : { attempt: last.number, correlationId: last.correlationId };
  const fields = { migration, ...verdict, mayBeRunning };
  if (verdict.outcome === 'failed') log.warn('the migration ended', fields);
  else log.info('the migration ended', fields);
}

/** The last request: what a look or a wait is about. Empty before there was one. */
export function lastSubject(ledger: Ledger): Subject {
  const last = lastAttempt(ledger);
  return last === undefined ? {} : { attempt: last.number, correlationId: last.correlationId };
}

/** A probe asks about the request that was sent last before it. */
export function numberFor(ledger: Ledger, nonce: string): Subject {
  const own = ledger.attempts.find((attempt) => attempt.nonce === nonce);
  const probe = ledger.probes.find((one) => one.nonce === nonce);
  const before = ledger.attempts.findLast(
    ({ started }) => probe !== undefined && started.seq < probe.started.seq,
  );
  const number = (own ?? before)?.number;
  return number === undefined ? {} : { attempt: number };
}

function isProbe(ledger: Ledger, nonce: string): boolean {
  return ledger.probes.some((probe) => probe.nonce === nonce);
}
