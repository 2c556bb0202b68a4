/**
 * Estimates the duration of a campaign under the assumption that every migration takes the same time. It runs the
 * campaign's own scheduler and counts rounds instead of waiting, and walks through windows, ramp-up and soak. The
 * estimate is a lower bound: it leaves out gates that wait for a person, failures and busy services.
 */
import type { CampaignSpec } from '../shared/campaign/contract.js';
import { plannedTimeRules, type CampaignPlan } from '../shared/campaign/plan.js';
import { FIRST_RAMP, rampAfterSuccess, rampedLimits, type Ramp } from '../shared/campaign/ramp-up.js';
import { endOfWorkMs } from '../shared/campaign/time-gate.js';
import { newItem, type Item } from '../workflows/campaign/item.js';
import { Scheduler } from '../workflows/campaign/limit-scheduler.js';

export interface Estimate {
  /** From now on, through windows and soak. */
  totalMs: number;
  /** One duration for each stage, in order. */
  stagesMs: number[];
}

export interface EstimateInput {
  spec: Pick<CampaignSpec, 'limits' | 'rampUp' | 'waves' | 'windows' | 'cutoff' | 'notBefore' | 'policy'>;
  /** How long a migration takes. */
  assumeMs: number;
  nowMs: number;
}

export function estimate(
  { items, stages }: Pick<CampaignPlan, 'items' | 'stages'>,
  { spec, assumeMs, nowMs }: EstimateInput,
): Estimate {
  const growth = { ramp: { ...FIRST_RAMP }, spec };
  const stagesMs = stages.map((stage, nth) => {
    const members = stage.items.flatMap((index, rank): Item[] => {
      const planned = items[index];
      return planned === undefined
        ? []
        : [newItem(planned, { index, stage: nth, rank, hasOwnTarget: false })];
    });
    return roundsOf(members, growth) * assumeMs;
  });
  const soakMs = (spec.waves.soak ?? 0) * Math.max(0, stages.length - 1);
  const workMs = stagesMs.reduce((sum, ms) => sum + ms, soakMs);
  const rules = plannedTimeRules(spec);
  const assumed = rules !== null && spec.cutoff === undefined ? { ...rules, cutoffMs: assumeMs } : rules;
  const endMs = assumed === null ? null : endOfWorkMs(assumed, { fromMs: nowMs, workMs });
  return { totalMs: endMs === null ? workMs : endMs - nowMs, stagesMs };
}

interface Growth {
  ramp: Ramp;
  spec: Pick<CampaignSpec, 'limits' | 'rampUp'>;
}

/** Items that start together also end together, so the duration of a stage is a number of rounds. */
function roundsOf(items: readonly Item[], growth: Growth): number {
  const scheduler = new Scheduler(() => true);
  for (const item of items) scheduler.offer(item);
  for (let rounds = 0; ; rounds += 1) {
    const limits = rampedLimits(growth.spec, growth.ramp);
    const started: Item[] = [];
    for (let item = scheduler.take(limits); item !== null; item = scheduler.take(limits)) {
      scheduler.occupy(item);
      started.push(item);
    }
    if (started.length === 0) return rounds;
    for (const item of started) scheduler.release(item);
    grow(growth, started.length);
  }
}

function grow(growth: Growth, successes: number): void {
  const { rampUp, limits } = growth.spec;
  if (rampUp === undefined) return;
  for (let nth = 0; nth < successes; nth += 1) {
    growth.ramp = rampAfterSuccess(growth.ramp, { rampUp, total: limits.total });
  }
}
