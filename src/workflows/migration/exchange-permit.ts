/**
 * Asks the limits of the deployment for the permit of one migration, and gives it back.
 *
 * An activity, and no local one: a local one would keep its place among the worker's workflow tasks until the workflow of
 * the limits has answered. As many migrations as the worker has places could then wait for a workflow that gets none.
 *
 * Invariant: a permit that could not be given back costs nobody anything for long: a sweep finds it.
 */
import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyActivities,
  rootCause,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { PermitHolder } from '../../shared/limits/contract.js';
import { CAMPAIGN_MEMO } from '../../shared/names.js';
import type { PermitReading } from './attempt-ledger.js';
import type { RunningMigration } from './running-migration.js';
import { sourceVimsOf } from './target-check.js';

/** Cancelled, it is waited for: what it asks for must not come after what gives it back. */
const { exchangePermits } = proxyActivities<Activities>({
  startToCloseTimeout: '20 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});

/** A worker that is busy elsewhere must not keep a migration from its end. */
const { exchangePermits: giveBack } = proxyActivities<Activities>({
  startToCloseTimeout: '5 seconds',
  scheduleToCloseTimeout: '10 seconds',
  retry: { initialInterval: '1 second' },
});

/** Its campaign asks for what a campaign has started. */
export function standsAlone(): boolean {
  return typeof workflowInfo().memo?.[CAMPAIGN_MEMO] !== 'string';
}

export async function askForPermit({ facts }: RunningMigration): Promise<PermitReading> {
  const { vnfUuid, vimUuid: targetVimUuid } = facts.request;
  const [source, ...others] = sourceVimsOf(facts);
  // A VNF on several VIMs leaves none of them alone.
  const sourceVimUuid = source !== undefined && others.length === 0 ? source : null;
  try {
    const wanted = [{ vnfUuid, sourceVimUuid, targetVimUuid }];
    const answer = await exchangePermits({ holder: holder(), wanted, unwanted: [], released: [] });
    if (answer.kind === 'none') return { kind: 'held' };
    const waiting = answer.waiting.find((one) => one.vnfUuid === vnfUuid);
    return waiting === undefined ? { kind: 'held' } : { kind: 'waiting', reason: waiting.reason };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'unknown', reason: `the limits do not answer: ${rootCause(error) ?? 'no reason given'}` };
  }
}

/** Whether it was granted or not. Never throws. */
export async function returnPermit({ facts }: RunningMigration): Promise<void> {
  const { vnfUuid } = facts.request;
  await CancellationScope.nonCancellable(async () => {
    try {
      await giveBack({ holder: holder(), wanted: [], unwanted: [vnfUuid], released: [vnfUuid] });
    } catch {
      // The sweep takes it back.
    }
  });
}

function holder(): PermitHolder {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { kind: 'migration', workflowId, firstRunId: firstExecutionRunId };
}
