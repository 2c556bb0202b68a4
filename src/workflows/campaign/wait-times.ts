/**
 * For how long the items of a campaign have waited, and for what: item-milliseconds, by reason.
 *
 * Invariants: pure; each count looks at every item, so where many wait counts grow rarer as the campaign grows older,
 * but for one at every turn of it (a pause, a gate, other limits), and whenever nothing runs that would wake it.
 * Between two counts the reasons of the earlier one stand.
 */
import type { WaitReason } from '../../shared/campaign/views.js';
import type { ByReason, CampaignFacts } from './facts.js';
import type { CampaignState } from './state.js';

const LEAST_INTERVAL_MS = 1_000;
/** Of the campaign's age. */
const INTERVAL_SHARE = 0.01;
/** So few waiting items are counted at every step. */
const FEW_ITEMS = 300;

/** Counts, if it is time to. */
export function countWaits(state: CampaignState, nowMs: number): void {
  const { facts } = state;
  const intervalMs = Math.max(LEAST_INTERVAL_MS, INTERVAL_SHARE * (nowMs - facts.startedAtMs));
  const { waits } = facts;
  const turn = turnOf(facts);
  const { WAITING, RUNNING } = state.counts;
  const isCheap = state.items.length <= FEW_ITEMS || (RUNNING === 0 && WAITING > 0);
  const isDue = turn !== waits?.turn || isCheap || nowMs - waits.countedAtMs >= intervalMs;
  if (facts.phase === 'running' && isDue) count(state, { nowMs, turn });
}

/** The last count. */
export function closeWaits(state: CampaignState, nowMs: number): void {
  count(state, { nowMs, turn: turnOf(state.facts) });
}

/** How many items wait at present. */
export function waitingOf(state: CampaignState): ByReason<number> {
  const waiting: ByReason<number> = {};
  for (const item of state.items) {
    const reason = state.waitReasonOf(item);
    if (reason !== null) waiting[reason] = (waiting[reason] ?? 0) + 1;
  }
  return waiting;
}

function count(state: CampaignState, { nowMs, turn }: { nowMs: number; turn: string }): void {
  const { waits } = state.facts;
  const waitedMs = { ...waits?.waitedMs };
  const elapsedMs = waits === undefined ? 0 : nowMs - waits.countedAtMs;
  for (const [reason, items] of Object.entries(waits?.waiting ?? {}) as [WaitReason, number][]) {
    waitedMs[reason] = (waitedMs[reason] ?? 0) + items * elapsedMs;
  }
  state.facts.waits = { countedAtMs: nowMs, turn, waiting: waitingOf(state), waitedMs };
}

function turnOf({ pauses, openStage, isAborted, generation, sweeps, spec, timing }: CampaignFacts): string {
  const { total, perSourceVim, perTargetVim } = spec.limits;
  const limits = [total, perSourceVim, perTargetVim];
  const time = timing?.isOpen === undefined ? [] : [timing.isOpen];
  return [...Object.keys(pauses), openStage, isAborted, generation, sweeps, ...limits, ...time].join(' ');
}
