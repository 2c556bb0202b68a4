/**
 * One migration: publish the request, await the ack, await the final reply. next-step.ts decides what else to do.
 *
 * Invariants: everything that arrives becomes a fact of the ledger. The loop computes the next step from the facts, and
 * takes it. Handlers never throw on bad input, and are registered before the first await.
 */
import {
  allHandlersFinished,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  proxyLocalActivities,
  setHandler,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { WorkerSettings } from '../../activities/read-settings.js';
import { correlationIdBytes, MAX_CORRELATION_ID_BYTES } from '../../shared/correlation-id.js';
import {
  parseMigrationRequest,
  resolutionSchema,
  type MigrationInput,
  type MigrationRequest,
  type MigrationResult,
} from '../../shared/migration/contract.js';
import {
  manoReplySignal,
  migrationNoncesQuery,
  migrationStateQuery,
  permitsGrantedSignal,
  resolveMigrationUpdate,
} from '../messages.js';
import { nowMs } from '../runtime/clock.js';
import { WakeTimer } from '../runtime/wake-timer.js';
import { askForPermit, returnPermit, standsAlone } from './exchange-permit.js';
import { cutShort, failedMigration, invalidRequest } from './failures.js';
import { GatekeeperRequests } from './gatekeeper-route.js';
import { recordEnd } from './metrics.js';
import { nextStep, type Step } from './next-step.js';
import { reportErrorToCampaign, reportResultToCampaign } from './notify-campaign.js';
import { newNonce, RunningMigration } from './running-migration.js';
import { listVimsOf, probe, publish, readRepository } from './take-step.js';
import type { Verdict } from './verdict.js';
import { migrationResult } from './views.js';

/** A local activity: it costs a marker in the history instead of three events. */
const { readSettings } = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 seconds' });

/**
 * Migrates one VNF to one VIM.
 * @throws ApplicationFailure whose type is one of `FailureType`; its first detail is the `MigrationState`
 */
export async function migrateVnf(input: MigrationInput): Promise<MigrationResult> {
  const migration = new RunningMigration();
  setHandler(manoReplySignal, (reply) => migration.onReply(reply));
  setHandler(permitsGrantedSignal, () => migration.onPermitNews());
  setHandler(migrationStateQuery, () => migration.state());
  setHandler(migrationNoncesQuery, () => migration.nonces());
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
    const result = await run(migration, input);
    await reportResultToCampaign(result);
    return result;
  } catch (error) {
    if (isCancellation(error)) migration.leaveMemo();
    await reportErrorToCampaign(error, migration.state().mayBeRunning);
    throw error;
  } finally {
    if (migration.hasAskedForPermit) await returnPermit(migration);
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

async function run(migration: RunningMigration, input: MigrationInput): Promise<MigrationResult> {
  const request = validRequest(migration, input);
  const { serviceInstanceUuid, vnfUuid, vimUuid } = request;
  migration.requested = { serviceInstanceUuid, vnfUuid, vimUuid };
  const settings = await readSettings();
  const { deployment, hasRepository, hasVimList = false, hasLimits = false } = settings;
  migration.deployment = deployment;
  checkCorrelationId(migration);
  const verifiesTarget = hasVimList && request.policy.verifyTarget === 'auto';
  const needsPermit = hasLimits && standsAlone();
  const checked = routed(migration, { request, settings });
  migration.open({ request: checked, hasRepository, verifiesTarget, needsPermit });
  if (!hasRepository && wasCutShort()) throw cutShort(migration);
  const timer = new WakeTimer();
  for (;;) {
    const step = nextStep(migration.facts, nowMs());
    if (isCancelled() && !isSuccess(step)) throw new CancelledFailure('cancelled while publishing');
    migration.show(step);
    if (step.kind === 'close') return close(migration, step.verdict);
    await take(migration, { step, timer });
  }
}

function validRequest(migration: RunningMigration, input: MigrationInput): MigrationRequest {
  const parsed = parseMigrationRequest(input);
  if (parsed.kind === 'invalid') throw invalidRequest(migration, parsed.problems.join('; '));
  return parsed.request;
}

/** The request, with the route that this worker has. Without a bus, the MANO cannot be probed. */
function routed(
  migration: RunningMigration,
  { request, settings }: { request: MigrationRequest; settings: WorkerSettings },
): MigrationRequest {
  const { hasBus = true, hasGatekeeper = false } = settings;
  const { policy } = request;
  if (policy.transport === 'bus') {
    if (!hasBus)
      throw invalidRequest(migration, 'policy.transport is bus, and the worker has none: set AMQP_URL');
    return request;
  }
  if (!hasGatekeeper) {
    throw invalidRequest(
      migration,
      'policy.transport is gatekeeper, and the worker has none: set GATEKEEPER_URL',
    );
  }
  migration.gatekeeper = new GatekeeperRequests({
    deadlineMs: policy.deadline,
    onReply: (reply) => migration.onReply(reply),
  });
  return hasBus ? request : { ...request, policy: { ...policy, probe: 'off' } };
}

function checkCorrelationId(migration: RunningMigration): void {
  const bytes = correlationIdBytes(migration.correlationId(newNonce()));
  if (bytes <= MAX_CORRELATION_ID_BYTES) return;
  const limit = String(MAX_CORRELATION_ID_BYTES);
  throw invalidRequest(
    migration,
    `the workflow id is too long: the correlation id made of it has ${String(bytes)} bytes, more than ${limit}`,
  );
}

async function take(
  migration: RunningMigration,
  { step, timer }: { step: Exclude<Step, { kind: 'close' }>; timer: WakeTimer },
): Promise<void> {
  switch (step.kind) {
    case 'wait': {
      const { seq } = migration.facts;
      await timer.wait({ untilMs: step.untilMs, changed: () => migration.facts.seq !== seq });
      return;
    }
    case 'look':
      // What arrives while records are read may be newer than they are.
      migration.note({ kind: 'look-started' });
      migration.note({ kind: 'looked', seen: await readRepository(migration) });
      return;
    case 'list-vims':
      migration.note({ kind: 'vims-listed', vims: await listVimsOf(migration) });
      return;
    case 'ask-permit':
      migration.note({ kind: 'permit-asked' });
      migration.note({ kind: 'permit-told', reading: await askForPermit(migration) });
      return;
    case 'publish':
      await publish(migration, step);
      return;
    case 'probe':
      await probe(migration, step);
      return;
  }
}

function close(migration: RunningMigration, verdict: Verdict): MigrationResult {
  recordEnd(migration.facts, verdict.kind === 'failure' ? verdict.type : verdict.kind);
  if (verdict.kind === 'failure') throw failedMigration(migration, verdict);
  return migrationResult(migration.facts, { verdict, endedAtMs: nowMs() });
}

/** Cancelled during a publish, which is finished first: only what is known already may still be reported. */
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
