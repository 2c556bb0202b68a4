/**
 * When a campaign's last item will have ended, as far as its pace so far tells it. Pure.
 *
 * Invariants: the pace counts the time in which items might end; what a window or `notBefore` holds does not slow it. The
 * forecast walks through windows, ramp-up and soak; it knows nothing of pauses, approvals and failures to come.
 */
import { FIRST_RAMP, rampedMs, rampLimit } from '../../shared/campaign/ramp-up.js';
import { endOfWorkMs } from '../../shared/campaign/time-gate.js';
import type { CampaignState } from './state.js';

const PACE_WINDOW_MS = 600_000;

/** Ended items a minute, over the last ten minutes before `nowMs`; null before the first end. */
export function paceOf({ items, facts }: CampaignState, nowMs: number): number | null {
  const sinceMs = Math.max(facts.startedAtMs, nowMs - PACE_WINDOW_MS);
  let hasAny = false;
  let ended = 0;
  // A migration, however it ended; what was skipped or cancelled took no time.
  for (const { state, finishedAtMs, hasBegun } of items) {
    if (finishedAtMs === null || !hasBegun || state === 'SKIPPED') continue;
    hasAny = true;
    if (finishedAtMs >= sinceMs) ended += 1;
  }
  if (!hasAny) return null;
  const minutes = Math.max(nowMs - sinceMs, 1) / 60_000;
  return Math.round((ended / minutes) * 100) / 100;
}

/** Milliseconds until then, of the pace now; null: not known, or nothing is left. */
export function etaMsOf(
  state: CampaignState,
  { nowMs, perMinute }: { nowMs: number; perMinute: number | null },
): number | null {
  const { counts, timeRules } = state;
  const left = counts.PLANNED + counts.WAITING + counts.RUNNING;
  const pace = state.timeGate.reason === null ? perMinute : paceBeforeClosing(state);
  if (pace === null || pace === 0 || left === 0) return null;
  const workMs = Math.round(workLeftMs(state, { left, perMs: pace / 60_000 }) + soakLeftMs(state, nowMs));
  if (timeRules === null) return workMs;
  const endMs = endOfWorkMs(timeRules, { fromMs: nowMs, workMs });
  return endMs === null ? null : endMs - nowMs;
}

/** Up to the last end: nothing is to be expected of the time since, if nothing might start. */
function paceBeforeClosing(state: CampaignState): number | null {
  const lastEndMs = state.items.reduce((last, { finishedAtMs }) => Math.max(last, finishedAtMs ?? 0), 0);
  return lastEndMs === 0 ? null : paceOf(state, lastEndMs);
}

/** The share of what might run that does: VIMs and services of the last items may let fewer run. */
const ENOUGH = 0.7;

function workLeftMs(state: CampaignState, { left, perMs }: { left: number; perMs: number }): number {
  const { limits, rampUp } = state.facts.spec;
  const durationMs = state.meanDurationMs;
  const ramp = state.facts.ramp ?? FIRST_RAMP;
  if (rampUp === undefined || durationMs === null) return left / perMs;
  const [allowed, atATime] = [rampLimit(rampUp, ramp), perMs * durationMs];
  if (allowed >= limits.total || atATime < ENOUGH * allowed) return left / perMs;
  const perRound = (limits.total * atATime) / allowed;
  return rampedMs({ items: left, perRound, durationMs }, { rampUp, ramp });
}

function soakLeftMs({ facts }: CampaignState, nowMs: number): number {
  const { soak = 0 } = facts.spec.waves;
  const next = facts.openStage + 1;
  const stagesLeft = facts.stages.slice(next).filter(({ unended }) => unended > 0).length;
  const { soakUntilMs } = facts;
  if (soakUntilMs === undefined) return soak * stagesLeft;
  return Math.max(0, soakUntilMs - nowMs) + soak * Math.max(0, stagesLeft - 1);
}
