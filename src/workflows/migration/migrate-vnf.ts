/**
 * One migration: publish the request, await the ack, await the final; what else can happen is decided in
 * next-step.ts.
 *
 * Invariants: whatever arrives, and whenever, becomes a fact of the ledger; the loop below asks what follows
 * from the facts, and does that one thing. Handlers are total and registered before the first await.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  rootCause,
  setCurrentDetails,
  setHandler,
  TimeoutFailure,
  upsertMemo,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { PostOutcome, PostRequestInput } from '../../activities/post-request.js';
import type { WorkerSettings } from '../../activities/read-settings.js';
import {
  correlationIdBytes,
  makeCorrelationId,
  MAX_CORRELATION_ID_BYTES,
  parseCorrelationId,
} from '../../shared/correlation-id.js';
import { manoReplySchema, type ManoReply } from '../../shared/mano/reply.js';
import {
  parseMigrationRequest,
  problemsOf,
  resolutionSchema,
  type MigrationInput,
  type MigrationRequest,
  type MigrationResult,
  type MigrationState,
  type Phase,
  type VerdictView,
} from '../../shared/migration/contract.js';
import { WakeTimer } from '../runtime/wake-timer.js';
import {
  openLedger,
  record,
  snapshotBefore,
  type Fact,
  type Ledger,
  type LookResult,
} from './attempt-ledger.js';
import { nowMs } from '../runtime/clock.js';
import { manoReplySignal, migrationStateQuery, resolveMigrationUpdate } from '../messages.js';
import { currentDetails, invalidState, migrationResult, migrationState, verdictView } from './views.js';
import { GatekeeperRequests } from './gatekeeper-route.js';
import { lastSubject, logEnd, logFact, logWait } from './log.js';
import { recordEnd } from './metrics.js';
import { nextStep, type Step } from './next-step.js';
import { sendOnce } from '../runtime/send-once.js';
import { tellCampaignOfError, tellCampaignOfResult } from './notify-campaign.js';
import type { Failure, Verdict } from './verdict.js';

/** Settings of the worker: instant, and a marker in the history instead of three events. */
const { readSettings } = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 seconds' });

/** Reads may be repeated; what still fails then is reported as unreadable. */
const { readService } = proxyActivities<Activities>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});

/**
 * Migrates one VNF to one VIM.
 * @throws ApplicationFailure whose type is one of `FailureType`; its first detail is the `MigrationState`
 */
export async function migrateVnf(input: MigrationInput): Promise<MigrationResult> {
  const migration = new Migration(input);
  setHandler(manoReplySignal, (reply) => migration.onReply(reply));
  setHandler(migrationStateQuery, () => migration.state());
  setHandler(
    resolveMigrationUpdate,
    (resolution) => {
      const { outcome, newVnfUuid, actor, reason } = resolutionSchema().parse(resolution);
      migration.note({ kind: 'resolved', outcome, newVnfUuid: newVnfUuid ?? null, actor, reason });
      return migration.state();
    },
    { validator: (resolution) => migration.checkResolution(resolution) },
  );
  try {
    const result = await migration.run();
    await tellCampaignOfResult(result);
    return result;
  } catch (error) {
    if (isCancellation(error)) migration.leaveMemo();
    await tellCampaignOfError(error, migration.state().mayBeRunning);
    throw error;
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

class Migration {
  private ledger: Ledger | null = null;
  /** Replies that came before the ledger was opened. */
  private early: ManoReply[] = [];
  private phase: Phase = 'validating';
  private verdict: VerdictView | null = null;
  private nextStepMs: number | null = null;
  private deployment = '';
  /** Null on the way over the bus. */
  private gatekeeper: GatekeeperRequests | null = null;
  private requested: MigrationState['request'] = null;
  private readonly startedAtMs = nowMs();
  private readonly alarm = new WakeTimer();

  constructor(private readonly input: MigrationInput) {}

  async run(): Promise<MigrationResult> {
    const request = this.validRequest();
    const { serviceInstanceUuid, vnfUuid, vimUuid } = request;
    this.requested = { serviceInstanceUuid, vnfUuid, vimUuid };
    const settings = await readSettings();
    const { deployment, hasRepository } = settings;
    this.deployment = deployment;
    this.checkCorrelationId();
    this.open(this.routed(request, settings), hasRepository);
    if (!hasRepository && wasCutShort()) throw this.inTheDark();
    for (;;) {
      const step = nextStep(this.opened(), nowMs());
      if (isCancelled() && !isSuccess(step)) throw new CancelledFailure('cancelled while publishing');
      this.show(step);
      if (step.kind === 'close') return this.close(step.verdict);
      await this.take(step);
    }
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

  note(fact: Fact): void {
    const before = this.opened();
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

  /** The end of a cancelled migration: the MANO cannot be stopped, so what may still run stays readable. */
  leaveMemo(): void {
    const message = 'cancelled while waiting';
    this.verdict = { outcome: 'cancelled', evidence: null, failureType: null, message, newVnfUuid: null };
    this.phase = 'closed';
    if (this.ledger !== null) recordEnd(this.ledger, 'cancelled');
    logEnd(this.state());
    upsertMemo({ migrationState: this.state() });
  }

  private validRequest(): MigrationRequest {
    const parsed = parseMigrationRequest(this.input);
    if (parsed.kind === 'invalid') throw this.invalid(parsed.problems.join('; '));
    return parsed.request;
  }

  /** The request as it can be carried out from here: a MANO that we have no bus to is asked nothing. */
  private routed(
    request: MigrationRequest,
    { hasBus = true, hasGatekeeper = false }: WorkerSettings,
  ): MigrationRequest {
    const { policy } = request;
    if (policy.transport === 'bus') {
      if (!hasBus) throw this.invalid('policy.transport is bus, and the worker has none: set AMQP_URL');
      return request;
    }
    if (!hasGatekeeper) {
      throw this.invalid('policy.transport is gatekeeper, and the worker knows none: set GATEKEEPER_URL');
    }
    this.gatekeeper = new GatekeeperRequests({
      deadlineMs: policy.deadline,
      onReply: (reply) => this.onReply(reply),
    });
    return hasBus ? request : { ...request, policy: { ...policy, probe: 'off' } };
  }

  private checkCorrelationId(): void {
    const bytes = correlationIdBytes(this.correlationId(newNonce()));
    if (bytes <= MAX_CORRELATION_ID_BYTES) return;
    const limit = String(MAX_CORRELATION_ID_BYTES);
    throw this.invalid(
      `the workflow id is too long: the correlation id made of it has ${String(bytes)} bytes, more than ${limit}`,
    );
  }

  private open(request: MigrationRequest, hasRepository: boolean): void {
    this.ledger = openLedger({ request, hasRepository, startedAtMs: this.startedAtMs });
    const early = this.early;
    this.early = [];
    for (const reply of early) this.onReply(reply);
  }

  private async take(step: Exclude<Step, { kind: 'close' }>): Promise<void> {
    switch (step.kind) {
      case 'wait': {
        const { seq } = this.opened();
        await this.alarm.wait({ untilMs: step.untilMs, changed: () => this.opened().seq !== seq });
        return;
      }
      case 'look':
        // What arrives while records are read may be newer than they are.
        this.note({ kind: 'look-started' });
        this.note({ kind: 'looked', seen: await this.look() });
        return;
      case 'publish':
        await this.publish(step);
        return;
      case 'probe':
        await this.probe(step);
        return;
    }
  }

  private async publish({ reason, timeoutMs }: Extract<Step, { kind: 'publish' }>): Promise<void> {
    const { serviceInstanceUuid, vnfUuid, vimUuid, policy } = this.opened().request;
    const nonce = newNonce();
    const correlationId = this.correlationId(nonce);
    this.note({ kind: 'attempt-started', nonce, correlationId, reason });
    const message = {
      ...lastSubject(this.opened()),
      correlationId,
      timeoutMs,
      expirationMs: policy.ackTimeout,
    };
    const request = { ...message, serviceInstanceUuid, vnfUuid, vimUuid };
    if (policy.transport === 'gatekeeper') {
      await this.post(nonce, request);
      return;
    }
    const outcome = await sendOnce(timeoutMs, ({ publishRequest }) => publishRequest(request));
    this.note({ kind: 'published', nonce, ...outcome });
  }

  private async post(nonce: string, request: PostRequestInput): Promise<void> {
    const { correlationId } = request;
    const outcome = await sendOnce<PostOutcome>(request.timeoutMs, ({ postRequest }) => postRequest(request));
    this.note({ kind: 'published', nonce, sent: outcome.sent, reason: outcome.reason });
    if (!('requestId' in outcome)) return;
    const { requestId, refusal } = outcome;
    if (requestId !== null) this.gatekeeper?.follow({ correlationId, requestId });
    if (refusal !== null) this.onReply(refusal);
  }

  private async probe({ timeoutMs }: Extract<Step, { kind: 'probe' }>): Promise<void> {
    const { serviceInstanceUuid } = this.opened().request;
    const nonce = newNonce();
    const correlationId = this.correlationId(nonce);
    this.note({ kind: 'probe-started', nonce });
    const message = { ...lastSubject(this.opened()), correlationId, timeoutMs, expirationMs: timeoutMs };
    const outcome = await sendOnce(timeoutMs, ({ publishProbe }) =>
      publishProbe({ ...message, serviceInstanceUuid }),
    );
    this.note({ kind: 'published', nonce, ...outcome });
  }

  private async look(): Promise<LookResult> {
    const { serviceInstanceUuid, vnfUuid, vimUuid } = this.opened().request;
    const descriptorReference = snapshotBefore(this.opened())?.vnf?.descriptorReference ?? null;
    try {
      const question = { serviceInstanceUuid, vnfUuid, vimUuid, descriptorReference };
      const reading = await readService({ ...lastSubject(this.opened()), ...question });
      return reading.kind === 'read'
        ? { kind: 'service', snapshot: reading.snapshot }
        : { kind: reading.kind };
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { kind: 'unreadable', reason: rootCause(error) ?? 'no reason given' };
    }
  }

  private close(verdict: Verdict): MigrationResult {
    recordEnd(this.opened(), verdict.kind === 'failure' ? verdict.type : verdict.kind);
    if (verdict.kind === 'failure') throw this.failed(verdict);
    return migrationResult(this.opened(), { verdict, endedAtMs: nowMs() });
  }

  private failed({ type, message, retryable }: Failure): ApplicationFailure {
    return ApplicationFailure.create({ type, message, nonRetryable: !retryable, details: [this.state()] });
  }

  /** What the run before this one sent is not known here, and no records tell whether it may be sent again. */
  private inTheDark(): ApplicationFailure {
    const type = 'MigrationOutcomeUnknown';
    const message = 'an earlier run was cut short by a time limit of its caller, and may have sent a request';
    this.show({ kind: 'close', verdict: { kind: 'failure', type, retryable: false, message } });
    const state: MigrationState = { ...this.state(), mayBeRunning: true };
    return ApplicationFailure.create({ type, message, nonRetryable: true, details: [state] });
  }

  private invalid(message: string): ApplicationFailure {
    const state = invalidState({ startedAtMs: this.startedAtMs, message });
    logEnd(state);
    const type = 'InvalidMigrationRequest';
    return ApplicationFailure.create({ type, message, nonRetryable: true, details: [state] });
  }

  private show(step: Step): void {
    const before = this.nextStepMs;
    this.phase = phaseOf(step);
    this.nextStepMs = step.kind === 'wait' ? step.untilMs : null;
    if (step.kind === 'close') this.verdict = verdictView(step.verdict);
    setCurrentDetails(currentDetails(this.state()));
    // A fact that changes nothing about what is waited for begins no new wait.
    if (step.kind === 'wait' && step.untilMs !== before) logWait(step, this.opened());
    if (step.kind === 'close') logEnd(this.state());
  }

  private opened(): Ledger {
    if (this.ledger === null) throw ApplicationFailure.nonRetryable('the ledger is not open');
    return this.ledger;
  }

  private correlationId(nonce: string): string {
    return makeCorrelationId({ deployment: this.deployment, workflowId: workflowInfo().workflowId, nonce });
  }
}

function phaseOf(step: Step): Phase {
  switch (step.kind) {
    case 'wait':
    case 'look':
      return step.phase;
    case 'publish':
      return 'publishing';
    case 'probe':
      return 'probing';
    case 'close':
      return 'closed';
  }
}

/** Cancelled during a publish, which is finished first: only what is known already may still be told. */
function isCancelled(): boolean {
  return CancellationScope.current().consideredCancelled;
}

function isSuccess(step: Step): boolean {
  return step.kind === 'close' && step.verdict.kind !== 'failure';
}

/** A caller's retry policy starts a new run even where its own time limit ended the last one. */
function wasCutShort(): boolean {
  return workflowInfo().lastFailure instanceof TimeoutFailure;
}

/** No ':' in it, and short: the correlation id has 255 bytes in all. */
function newNonce(): string {
  return uuid4().replaceAll('-', '').slice(0, 16);
}

function refusedUpdate(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidResolution');
}
