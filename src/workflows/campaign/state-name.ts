/** The state of a campaign, by its name. Pure. */
import type { CampaignResult, CampaignState, ItemCounts } from '../../shared/campaign/views.js';
import type { CampaignFacts, Pausing } from './facts.js';

export interface Standing {
  facts: CampaignFacts;
  counts: ItemCounts;
  pause: { cause: Pausing } | null;
}

export function campaignStateOf(standing: Standing): CampaignState {
  const { facts, counts, pause } = standing;
  if (facts.phase === 'finished') return finalStateOf(standing);
  if (facts.isAborted) return 'DRAINING';
  if (pause !== null) return 'PAUSED';
  if (facts.gateSinceMs !== null) return 'AWAITING_APPROVAL';
  if (facts.phase === 'planning' && counts.RUNNING === 0) return 'PLANNED';
  return 'RUNNING';
}

export function finalStateOf({ facts, counts }: Omit<Standing, 'pause'>): CampaignResult['state'] {
  if (facts.isAborted) return 'ABORTED';
  const isLeft = facts.residual.some(({ kind }) => kind !== 'excluded');
  const isIncomplete = counts.FAILED + counts.UNKNOWN + counts.CANCELLED > 0;
  return isIncomplete || isLeft ? 'COMPLETED_WITH_ERRORS' : 'COMPLETED';
}
