/**
 * Campaigns that work against each other: one moves VNFs to a VIM that the other empties.
 *
 * Invariant: only an evacuation empties a VIM. A list takes from a VIM what it names, and may leave the rest.
 */
import { targetVimsOf, type CampaignSpec } from './contract.js';

/** The VIMs that matter to other campaigns. */
export interface CampaignVims {
  empties: string[];
  fills: string[];
}

/** A running campaign that works against a new one. */
export interface OppositeCampaign {
  workflowId: string;
  /** Targets of the new campaign that the running one empties. */
  emptiedByIt: string[];
  /** Targets of the running campaign that the new one empties. */
  filledByIt: string[];
}

export function vimsOfCampaign({ evacuate, items = [], target }: CampaignSpec): CampaignVims {
  const fills = [...targetVimsOf(target), ...items.flatMap(({ vimUuid }) => vimUuid ?? [])];
  return { empties: [...new Set(evacuate?.vims)], fills: [...new Set(fills)] };
}

/** Null: the two do not disturb each other. */
export function oppositeOf(
  own: CampaignVims,
  { workflowId, vims }: { workflowId: string; vims: CampaignVims },
): OppositeCampaign | null {
  const emptiedByIt = bothOf(own.fills, vims.empties);
  const filledByIt = bothOf(own.empties, vims.fills);
  return emptiedByIt.length + filledByIt.length === 0 ? null : { workflowId, emptiedByIt, filledByIt };
}

function bothOf(some: readonly string[], others: readonly string[]): string[] {
  const set = new Set(others);
  return some.filter((one) => set.has(one));
}

/** What the other campaign does, with its workflow id and the VIMs. */
export function oppositeText({ workflowId, emptiedByIt, filledByIt }: OppositeCampaign): string {
  const does = [
    ...(emptiedByIt.length === 0 ? [] : [`empties ${emptiedByIt.join(', ')}, where this one moves VNFs to`]),
    ...(filledByIt.length === 0 ? [] : [`moves VNFs to ${filledByIt.join(', ')}, which this one empties`]),
  ];
  return `${workflowId} runs and ${does.join(', and ')}`;
}
