/**
 * The migrations of a campaign: started as children, followed as long as this run lives.
 *
 * Invariants: a child outlives the campaign, whatever ends it (ABANDON, and nothing of ours cancels it); its end
 * is reported by its close event within the run that started it, by its own signal in every run, and whichever comes
 * second changes nothing.
 */
import { WorkflowExecutionAlreadyStartedError, type SearchAttributePair } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowCancellationType,
  ChildWorkflowFailure,
  ParentClosePolicy,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { type MigrationEnded } from '../../shared/campaign/contract.js';
import { CAMPAIGN_MEMO } from '../../shared/names.js';
import type { MigrationResult } from '../../shared/migration/contract.js';
import type { Ending } from './child-outcomes.js';
import type { Item, StartingItem } from './item.js';
import type { CampaignState } from './state.js';
import { workflowIdOf } from './views.js';
import { nowMs } from '../runtime/clock.js';
import type { migrateVnf } from '../migration/migrate-vnf.js';

/** Starts under way at a time: what a run that is about to end has to wait for. */
const MOST_STARTING = 100;

export class CampaignChildren {
  private starting = 0;

  constructor(private readonly state: CampaignState) {}

  get isStarting(): boolean {
    return this.starting > 0;
  }

  /** Starts whatever may start now. */
  startDue(): void {
    while (this.starting < MOST_STARTING) {
      const item = this.state.startNext(nowMs());
      if (item === null) return;
      void this.start(item);
    }
  }

  /** A migration reports its result. One of another run than ours is described instead. */
  told(end: MigrationEnded): void {
    const item = this.state.atWorkOn(end.workflowId.slice(workflowIdOf({ present: '' }).length));
    if (item === undefined || workflowIdOf(item) !== end.workflowId) return;
    if (item.runId !== null && item.runId !== end.runId) {
      this.state.doubt(item, nowMs());
      return;
    }
    const { outcome, newVnfUuid, failureType, message, mayBeRunning: inDoubt = false } = end;
    this.state.ended(item, {
      ending: { outcome, newVnfUuid, failureType, message, inDoubt },
      atMs: nowMs(),
    });
  }

  private async start(item: StartingItem): Promise<void> {
    this.starting += 1;
    try {
      const child = await CancellationScope.nonCancellable(() => startMigration(item, this.state));
      this.state.began(item, { runId: child.firstExecutionRunId, atMs: nowMs() });
      this.follow(item, child);
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) this.state.startRefused(item, nowMs());
      else this.state.ended(item, { ending: endingOfError(error), atMs: nowMs() });
    } finally {
      this.starting -= 1;
      this.state.seq += 1;
    }
  }

  private follow(item: Item, child: ChildWorkflowHandle<typeof migrateVnf>): void {
    const runId = child.firstExecutionRunId;
    const closed = (ending: Ending): void => {
      if (item.runId === runId) this.state.ended(item, { ending, atMs: nowMs() });
    };
    child.result().then(
      (result) => closed(endingOfResult(result)),
      (error: unknown) => closed(endingOfError(error)),
    );
  }
}

async function startMigration(
  item: StartingItem,
  { facts }: CampaignState,
): Promise<ChildWorkflowHandle<typeof migrateVnf>> {
  const { service: serviceInstanceUuid, present: vnfUuid, target: vimUuid } = item;
  return await startChild<typeof migrateVnf>('migrateVnf', {
    workflowId: workflowIdOf(item),
    args: [{ serviceInstanceUuid, vnfUuid, vimUuid, policy: facts.spec.policy }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    workflowIdReusePolicy: reusePolicyOf(item),
    memo: { [CAMPAIGN_MEMO]: workflowInfo().workflowId },
    typedSearchAttributes: searchAttributesOf(item, facts.settings?.searchAttributes ?? []),
    staticSummary: `VNF ${vnfUuid} to VIM ${vimUuid}`,
  });
}

/** What ran before under its id, and is not the campaign's own, is looked at before anything is sent. */
function reusePolicyOf({
  mayReuseId,
  owners,
  busyEnds,
  silentEnds,
  generation,
}: Item): WorkflowIdReusePolicy {
  if (mayReuseId) return WorkflowIdReusePolicy.ALLOW_DUPLICATE;
  const isFirst = owners + busyEnds + silentEnds === 0 && generation === 1;
  return isFirst ? WorkflowIdReusePolicy.REJECT_DUPLICATE : WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY;
}

/** What a migration of a campaign is found by; each a Keyword. */
export const SEARCH_ATTRIBUTES_OF_ITEMS = [
  'VnfUuid',
  'VnfServiceUuid',
  'VnfSourceVim',
  'VnfTargetVim',
  'VnfCampaign',
] as const;

function searchAttributesOf(item: Item, registered: readonly string[]): SearchAttributePair[] {
  const values: Record<(typeof SEARCH_ATTRIBUTES_OF_ITEMS)[number], string | null> = {
    VnfUuid: item.present,
    VnfServiceUuid: item.service,
    VnfSourceVim: item.source,
    VnfTargetVim: item.target,
    VnfCampaign: workflowInfo().workflowId,
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value !== null && registered.includes(name) ? [{ key: { name, type: 'KEYWORD' as const }, value }] : [],
  );
}

function endingOfResult({ outcome, newVnfUuid }: MigrationResult): Ending {
  return { outcome, newVnfUuid, failureType: null, message: null };
}

function endingOfError(error: unknown): Ending {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const ending = { newVnfUuid: null, failureType: null, message };
  if (cause instanceof ApplicationFailure) {
    return { ...ending, outcome: 'failed', failureType: cause.type ?? null };
  }
  return { ...ending, outcome: cause instanceof CancelledFailure ? 'cancelled' : 'lost' };
}
