/** The order in which items start. Pure. */
import type { CampaignFacts } from './facts.js';
import type { Item } from './item.js';

/** A canary may have items of several waves. */
const CANARY_OR_FIRST = 0;

/** Of each item its rank, no two alike. It follows from the items; what came later comes last among equals. */
export function ranksOf(items: readonly Item[], { spec }: Pick<CampaignFacts, 'spec'>): Map<Item, number> {
  const byPriority = spec.order === 'priority';
  const ranks = new Map<Item, number>();
  [...items]
    .sort(
      (left, right) =>
        left.stage - right.stage ||
        (left.stage === CANARY_OR_FIRST ? left.wave - right.wave : 0) ||
        (byPriority ? right.priority - left.priority : 0) ||
        left.index - right.index,
    )
    .forEach((item, rank) => ranks.set(item, rank));
  return ranks;
}
