/**
 * The steps that reach outside of the workflow: a request, a probe, a repository read.
 *
 * Invariant: what a step is about to do is recorded before it is done, and its result after.
 */
import { isCancellation, proxyActivities, proxyLocalActivities, rootCause } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { PostOutcome, PostRequestInput } from '../../activities/post-request.js';
import type { VimListing } from '../../shared/vim/answer.js';
import { sendOnce } from '../runtime/send-once.js';
import { snapshotBefore, type LookResult } from './attempt-ledger.js';
import { lastSubject } from './log.js';
import { sourceVimsOf } from './target-check.js';
import type { Step } from './next-step.js';
import { newNonce, type RunningMigration } from './running-migration.js';

/** Reads may be repeated; what still fails then is reported as unreadable. */
const { readService } = proxyActivities<Activities>({
  startToCloseTimeout: '60 seconds',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});

/**
 * A local activity: it costs a marker in the history, where an activity costs six events. It waits only where its
 * worker has to query the list first.
 */
const { listVims } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '25 seconds',
  retry: { maximumAttempts: 1 },
});

export async function publish(
  migration: RunningMigration,
  { reason, timeoutMs }: Extract<Step, { kind: 'publish' }>,
): Promise<void> {
  const { serviceInstanceUuid, vnfUuid, vimUuid, policy } = migration.facts.request;
  const nonce = newNonce();
  const correlationId = migration.correlationId(nonce);
  migration.note({ kind: 'attempt-started', nonce, correlationId, reason });
  const message = {
    ...lastSubject(migration.facts),
    correlationId,
    timeoutMs,
    expirationMs: policy.ackTimeout,
  };
  const request = { ...message, serviceInstanceUuid, vnfUuid, vimUuid };
  if (policy.transport === 'gatekeeper') {
    await post(migration, { nonce, request });
    return;
  }
  const outcome = await sendOnce(timeoutMs, ({ publishRequest }) => publishRequest(request));
  migration.note({ kind: 'published', nonce, ...outcome });
}

async function post(
  migration: RunningMigration,
  { nonce, request }: { nonce: string; request: PostRequestInput },
): Promise<void> {
  const { correlationId } = request;
  const outcome = await sendOnce<PostOutcome>(request.timeoutMs, ({ postRequest }) => postRequest(request));
  migration.note({ kind: 'published', nonce, sent: outcome.sent, reason: outcome.reason });
  if (!('requestId' in outcome)) return;
  const { requestId, refusal } = outcome;
  if (requestId !== null) migration.gatekeeper?.follow({ correlationId, requestId });
  if (refusal !== null) migration.onReply(refusal);
}

export async function probe(
  migration: RunningMigration,
  { timeoutMs }: Extract<Step, { kind: 'probe' }>,
): Promise<void> {
  const { serviceInstanceUuid } = migration.facts.request;
  const nonce = newNonce();
  const correlationId = migration.correlationId(nonce);
  migration.note({ kind: 'probe-started', nonce });
  const message = { ...lastSubject(migration.facts), correlationId, timeoutMs, expirationMs: timeoutMs };
  const outcome = await sendOnce(timeoutMs, ({ publishProbe }) =>
    publishProbe({ ...message, serviceInstanceUuid }),
  );
  migration.note({ kind: 'published', nonce, ...outcome });
}

export async function readRepository(migration: RunningMigration): Promise<LookResult> {
  const { serviceInstanceUuid, vnfUuid, vimUuid } = migration.facts.request;
  const descriptorReference = snapshotBefore(migration.facts)?.vnf?.descriptorReference ?? null;
  try {
    const subject = { serviceInstanceUuid, vnfUuid, vimUuid, descriptorReference };
    const reading = await readService({ ...lastSubject(migration.facts), ...subject });
    return reading.kind === 'read' ? { kind: 'service', snapshot: reading.snapshot } : { kind: reading.kind };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'unreadable', reason: rootCause(error) ?? 'no reason given' };
  }
}

export async function listVimsOf({ facts }: RunningMigration): Promise<VimListing> {
  try {
    return await listVims({ required: [facts.request.vimUuid], wanted: sourceVimsOf(facts) });
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'unavailable', reason: rootCause(error) ?? 'no reason given' };
  }
}
