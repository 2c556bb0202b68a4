/** Running campaigns that work against a planned one, as conflicts of the plan. */
import { oppositeText, type OppositeCampaign } from '../shared/campaign/opposite.js';
import type { CampaignPlan } from '../shared/campaign/plan.js';
import type { CampaignConflict } from '../shared/campaign/views.js';

/** A plan is also made where Temporal is not reached. */
export type OppositesReading =
  { kind: 'looked'; opposites: OppositeCampaign[] } | { kind: 'unavailable'; reason: string };

/** Such a conflict is one of the whole campaign, and so of no VNF. */
export function withOpposites(planned: CampaignPlan, reading: OppositesReading): CampaignPlan {
  if (reading.kind === 'unavailable') return planned;
  const conflicts = reading.opposites.map((opposite): CampaignConflict => ({
    kind: 'opposite-campaign',
    serviceInstanceUuid: null,
    vnfUuid: '',
    vimUuids: [...opposite.emptiedByIt, ...opposite.filledByIt],
    message: oppositeText(opposite),
  }));
  return { ...planned, conflicts: [...planned.conflicts, ...conflicts] };
}
