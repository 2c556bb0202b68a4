/**
 * A migration reports its result to the campaign that started it.
 *
 * Invariants: without a campaign in its memo a migration does nothing of it; a campaign that is gone changes
 * nothing about the migration's end.
 */
import {
  ApplicationFailure,
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { type MigrationEnded } from '../../shared/campaign/contract.js';
import { CAMPAIGN_MEMO } from '../../shared/names.js';
import type { MigrationResult } from '../../shared/migration/contract.js';
import { migrationEndedSignal } from '../messages.js';

type End = Omit<MigrationEnded, 'workflowId' | 'runId'>;

const MOST_TEXT = 300;

export async function reportResultToCampaign({ outcome, newVnfUuid }: MigrationResult): Promise<void> {
  await tell({ outcome, newVnfUuid, failureType: null, message: null });
}

/** An error that does not end the migration, such as a fault in its code, is not reported. */
export async function reportErrorToCampaign(error: unknown, mayBeRunning: boolean): Promise<void> {
  if (!(error instanceof TemporalFailure)) return;
  const message = error.message.slice(0, MOST_TEXT);
  const failureType = error instanceof ApplicationFailure ? (error.type ?? null) : null;
  const outcome = isCancellation(error) ? 'cancelled' : 'failed';
  await tell({ outcome, newVnfUuid: null, failureType, message, mayBeRunning });
}

async function tell(end: End): Promise<void> {
  const { memo, workflowId, runId } = workflowInfo();
  const campaign = memo?.[CAMPAIGN_MEMO];
  if (typeof campaign !== 'string') return;
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(campaign).signal(migrationEndedSignal, { workflowId, runId, ...end });
    } catch {
      // It is closed, or never existed: there is no receiver.
    }
  });
}
