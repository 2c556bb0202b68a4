/**
 * Estimates the duration of a campaign under the assumption that every migration takes the same time. It runs the
 * campaign's own scheduler and counts rounds instead of waiting. The estimate is a lower bound: it leaves out gates
 * that wait for a person, failures and busy services.
 */
import type { CampaignLimits } from '../../shared/campaign/contract.js';
import type { CampaignPlan } from '../../shared/campaign/plan.js';
import { newItem, type Item } from '../../workflows/campaign/item.js';
import { Scheduler } from '../../workflows/campaign/limit-scheduler.js';

export interface Estimate {
  totalMs: number;
  /** One duration for each stage, in order. */
  stagesMs: number[];
}

export function estimate(
  { items, stages }: Pick<CampaignPlan, 'items' | 'stages'>,
  { limits, assumeMs }: { limits: CampaignLimits; assumeMs: number },
): Estimate {
  const stagesMs = stages.map((stage, nth) => {
    const members = stage.items.flatMap((index, rank): Item[] => {
      const planned = items[index];
      return planned === undefined
        ? []
        : [newItem(planned, { index, stage: nth, rank, hasOwnTarget: false })];
    });
    return roundsOf(members, limits) * assumeMs;
  });
  return { totalMs: stagesMs.reduce((sum, ms) => sum + ms, 0), stagesMs };
}

/** Items that start together also end together, so the duration of a stage is a number of rounds. */
function roundsOf(items: readonly Item[], limits: CampaignLimits): number {
  const scheduler = new Scheduler(() => true);
  for (const item of items) scheduler.offer(item);
  for (let rounds = 0; ; rounds += 1) {
    const started: Item[] = [];
    for (let item = scheduler.take(limits); item !== null; item = scheduler.take(limits)) {
      scheduler.occupy(item);
      started.push(item);
    }
    if (started.length === 0) return rounds;
    for (const item of started) scheduler.release(item);
  }
}
