/**
 * A migration in progress: its ledger, and what is reported of it.
 *
 * Invariants: a fact enters the ledger through `note` alone. Replies that arrive before the ledger is open are kept. What
 * is reported follows from the ledger, the phase and the verdict.
 */
import { ApplicationFailure, setCurrentDetails, upsertMemo, uuid4, workflowInfo } from '@temporalio/workflow';
import { makeCorrelationId, parseCorrelationId } from '../../shared/correlation-id.js';
import { manoReplySchema, type ManoReply } from '../../shared/mano/reply.js';
import {
  problemsOf,
  resolutionSchema,
  type MigrationRequest,
  type MigrationState,
  type Phase,
  type VerdictView,
} from '../../shared/migration/contract.js';
import { nowMs } from '../runtime/clock.js';
import { openLedger, record, type Fact, type Ledger } from './attempt-ledger.js';
import type { GatekeeperRequests } from './gatekeeper-route.js';
import { logEnd, logFact, logWait } from './log.js';
import { recordEnd } from './metrics.js';
import type { Step } from './next-step.js';
import { currentDetails, invalidState, migrationState, verdictView } from './views.js';

export class RunningMigration {
  /** Null before the worker's settings are known. */
  deployment: string | null = null;
  /** Null where the request goes over the bus. */
  gatekeeper: GatekeeperRequests | null = null;
  /** The ids of the request, once it was found valid. */
  requested: MigrationState['request'] = null;
  phase: Phase = 'validating';
  readonly startedAtMs = nowMs();
  private ledger: Ledger | null = null;
  /** Replies that came before the ledger was opened. */
  private early: ManoReply[] = [];
  private verdict: VerdictView | null = null;
  private nextStepMs: number | null = null;

  /** Opens the ledger, and records the replies that came before. */
  open(options: {
    request: MigrationRequest;
    hasRepository: boolean;
    verifiesTarget: boolean;
    needsPermit: boolean;
  }): void {
    this.ledger = openLedger({ ...options, startedAtMs: this.startedAtMs });
    const early = this.early;
    this.early = [];
    for (const reply of early) this.onReply(reply);
  }

  get facts(): Ledger {
    if (this.ledger === null) throw ApplicationFailure.nonRetryable('the ledger is not open');
    return this.ledger;
  }

  onReply(signalled: ManoReply): void {
    const { success, data: reply } = manoReplySchema().safeParse(signalled);
    if (!success) return;
    if (this.ledger === null) {
      this.early.push(reply);
      return;
    }
    const nonce = parseCorrelationId(reply.correlationId)?.nonce;
    if (nonce === undefined || this.gatekeeper?.isOurs(reply) === false) return;
    this.note({ kind: 'reply', nonce, reply });
    const isSent = this.ledger.attempts.some((attempt) => attempt.nonce === nonce);
    const { correlationId, requestId } = reply;
    if (isSent && requestId !== undefined) this.gatekeeper?.follow({ correlationId, requestId });
  }

  /** The limits of the deployment have news for those who wait. */
  onPermitNews(): void {
    if (this.ledger !== null) this.note({ kind: 'permit-news' });
  }

  /** Whether the limits of the deployment may hold something for it. */
  get hasAskedForPermit(): boolean {
    return this.ledger !== null && this.ledger.permit !== null;
  }

  note(fact: Fact): void {
    const before = this.facts;
    const after = record(before, { fact, atMs: nowMs() });
    this.ledger = after;
    logFact(fact, { before, after, correlationIdOf: (nonce) => this.correlationId(nonce) });
  }

  checkResolution(resolution: unknown): void {
    const parsed = resolutionSchema().safeParse(resolution);
    if (!parsed.success) throw refusedUpdate(problemsOf(parsed.error).join('; '));
    if (this.ledger?.resolution != null) throw refusedUpdate('another operator has just resolved it');
    if (this.phase !== 'awaiting-operator') {
      throw refusedUpdate(`the migration does not wait for an operator: its phase is ${this.phase}`);
    }
  }

  state(): MigrationState {
    const { ledger, phase, verdict, nextStepMs, startedAtMs } = this;
    return ledger === null
      ? { ...invalidState({ startedAtMs, message: '' }), request: this.requested, phase, verdict }
      : migrationState({ ledger, phase, verdict, nextStepMs });
  }

  /** A request has its nonce before it is sent. */
  nonces(): string[] {
    const { attempts, probes } = this.ledger ?? { attempts: [], probes: [] };
    return [...attempts, ...probes].map(({ nonce }) => nonce);
  }

  /** Reports the step that the migration takes now. */
  show(step: Step): void {
    const before = this.nextStepMs;
    this.phase = phaseOf(step);
    this.nextStepMs = step.kind === 'wait' ? step.untilMs : null;
    if (step.kind === 'close') this.verdict = verdictView(step.verdict);
    setCurrentDetails(currentDetails(this.state()));
    // A fact that changes nothing about what is waited for begins no new wait.
    if (step.kind === 'wait' && step.untilMs !== before) logWait(step, this.facts);
    if (step.kind === 'close') logEnd(this.state());
  }

  /** The end of a cancelled migration: the MANO cannot be stopped, so what may still run stays readable. */
  leaveMemo(): void {
    const message = 'cancelled while waiting';
    this.verdict = { outcome: 'cancelled', evidence: null, failureType: null, message, newVnfUuid: null };
    this.phase = 'closed';
    if (this.ledger !== null) recordEnd(this.ledger, 'cancelled');
    logEnd(this.state());
    upsertMemo({ migrationState: this.state() });
  }

  correlationId(nonce: string): string {
    const { deployment } = this;
    return makeCorrelationId({ deployment: deployment ?? '', workflowId: workflowInfo().workflowId, nonce });
  }
}

function phaseOf(step: Step): Phase {
  switch (step.kind) {
    case 'wait':
    case 'look':
    case 'list-vims':
    case 'ask-permit':
      return step.phase;
    case 'publish':
      return 'publishing';
    case 'probe':
      return 'probing';
    case 'close':
      return 'closed';
  }
}

/** Without ':', which separates the parts of a correlation id, and short: the correlation id has 255 bytes in all. */
export function newNonce(): string {
  return uuid4().replaceAll('-', '').slice(0, 16);
}

function refusedUpdate(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidResolution');
}
