/**
 * A campaign as people and callers see it: pure views of its state, times as ISO 8601.
 *
 * Invariant: bounded, whatever the state holds; the answer of a query must fit one message.
 */
import { ITEMS_PAGE_SIZE } from '../../shared/campaign/contract.js';
import {
  ITEM_STATES,
  type CampaignItemsPage,
  type CampaignItemsQuery,
  type CampaignItemView,
  type CampaignProgress,
  type CampaignResult,
} from '../../shared/campaign/views.js';
import type { FailureType } from '../../shared/migration/failures.js';
import { nextStartMs } from '../../shared/campaign/time-gate.js';
import { migrationWorkflowId } from '../../shared/names.js';
import { allowedErrors } from './error-budget.js';
import { etaMsOf, paceOf } from './forecast.js';
import type { Item } from './item.js';
import type { CampaignState } from './state.js';
import { campaignStateOf, finalStateOf } from './state-name.js';
import { waitingOf } from './wait-times.js';
import { epochMs, isoTime } from '../runtime/clock.js';

const SHOWN_IN_FLIGHT = 20;
const SHOWN_FAILURES = 10;
/** A page larger than this would not fit a message beside others. */
const MOST_RESULT_ITEMS = 1_048_576;

export function itemView(state: CampaignState, item: Item): CampaignItemView {
  const time = (atMs: number | null): string | null => (atMs === null ? null : isoTime(atMs));
  return {
    index: item.index,
    serviceInstanceUuid: item.service,
    vnfUuid: item.vnf,
    presentVnfUuid: item.present,
    newVnfUuid: item.newVnf,
    sourceVimUuid: item.source,
    targetVimUuid: item.target,
    vnfName: item.vnfName,
    serviceName: item.serviceName,
    sourceVimName: vimNameOf(state, item.source),
    targetVimName: vimNameOf(state, item.target),
    priority: item.priority,
    wave: item.wave,
    generation: item.generation,
    state: item.state,
    waitReason: state.waitReasonOf(item),
    workflowId: item.hasBegun ? workflowIdOf(item) : null,
    failureType: item.failureType as FailureType | null,
    message: item.message,
    startedAt: time(item.startedAtMs),
    finishedAt: time(item.finishedAtMs),
  };
}

function vimNameOf({ facts }: CampaignState, vimUuid: string | null): string | null {
  return vimUuid === null ? null : (facts.vimNames?.[vimUuid] ?? null);
}

/** The one that keeps a VNF from being migrated twice at a time. */
export function workflowIdOf({ present }: Pick<Item, 'present'>): string {
  return migrationWorkflowId(present);
}

export function itemsPage(
  state: CampaignState,
  { fromIndex = 0, states, changedSince }: CampaignItemsQuery = {},
): CampaignItemsPage {
  const { items } = state;
  const sinceMs = changedSince === undefined ? Number.NaN : epochMs(changedSince);
  const isAsked = (item: Item): boolean =>
    (states === undefined || states.includes(item.state)) &&
    (Number.isNaN(sinceMs) || changedAtMs(item) >= sinceMs);
  const total = items.filter(isAsked).length;
  const page: CampaignItemView[] = [];
  let next = Math.max(0, Math.trunc(fromIndex) || 0);
  for (; next < items.length && page.length < ITEMS_PAGE_SIZE; next += 1) {
    const item = items[next];
    if (item !== undefined && isAsked(item)) page.push(itemView(state, item));
  }
  const isMore = items.slice(next).some(isAsked);
  return { items: page, total, nextIndex: isMore ? next : null };
}

function changedAtMs({ startedAtMs, finishedAtMs }: Item): number {
  return Math.max(startedAtMs ?? Number.NEGATIVE_INFINITY, finishedAtMs ?? Number.NEGATIVE_INFINITY);
}

export function progressOf(state: CampaignState, nowMs: number): CampaignProgress {
  const { facts, counts, items } = state;
  const { spec, openStage, stages } = facts;
  const perMinute = paceOf(state, nowMs);
  return {
    state: campaignStateOf(state),
    pause: pauseView(state),
    trouble: facts.trouble,
    planned: items.length,
    counts: { ...counts },
    waiting: waitingOf(state),
    waitedMs: { ...facts.waits?.waitedMs },
    byVim: byVimOf(state),
    generation: facts.generation,
    limits: { ...spec.limits },
    budget: {
      ...spec.budget,
      errors: state.errors,
      allowed: allowedErrors(spec.budget, items.length),
      consecutive: facts.consecutive,
    },
    wave: stages[Math.max(openStage, 0)]?.wave ?? 1,
    waves: Math.max(1, ...new Set(stages.map(({ wave }) => wave))),
    timing: timingView(state, nowMs),
    perMinute,
    etaMs: etaMsOf(state, { nowMs, perMinute }),
    inFlight: inFlightOf(state),
    lastFailures: lastFailuresOf(state),
    conflicts: facts.conflicts,
    conflictCount: facts.conflictCount,
    residual: facts.residual,
    residualCount: facts.residualCount,
    actor: spec.actor ?? null,
    reason: spec.reason ?? null,
    startedAt: isoTime(facts.startedAtMs),
    finishedAt: facts.finishedAtMs === null ? null : isoTime(facts.finishedAtMs),
  };
}

function pauseView({ facts, pause }: CampaignState): CampaignProgress['pause'] {
  if (facts.phase === 'finished' || facts.isAborted) return null;
  if (pause !== null) {
    return { cause: pause.cause, since: isoTime(pause.sinceMs), message: pause.message };
  }
  if (facts.gateSinceMs === null) return null;
  const before = facts.stages[facts.openStage];
  const next = facts.stages[facts.openStage + 1];
  const cause = before?.kind === 'canary' ? 'canary' : 'wave';
  const ended = before?.kind === 'canary' ? 'the canary' : `wave ${String(before?.wave ?? 1)}`;
  const message = `${ended} has ended; approve begins wave ${String(next?.wave ?? 1)}`;
  return { cause, since: isoTime(facts.gateSinceMs), message };
}

/** Null: starts are bound to no time. */
function timingView(state: CampaignState, nowMs: number): CampaignProgress['timing'] {
  const { facts, timeRules, timeGate, cutoffMs, limitsNow } = state;
  const { windows = [], rampUp } = facts.spec;
  const { soakUntilMs, phase } = facts;
  if ((timeRules === null && rampUp === undefined && soakUntilMs === undefined) || phase === 'finished')
    return null;
  const changesMs =
    timeRules !== null && timeGate.reason !== null ? nextStartMs(timeRules, nowMs) : timeGate.untilMs;
  const zoned =
    windows.find(({ kind, timeZone }) => kind === 'allow' && timeZone !== undefined) ?? windows[0];
  return {
    reason: timeGate.reason,
    changesAt: changesMs === null ? null : isoTime(changesMs),
    timeZone: zoned?.timeZone ?? 'UTC',
    cutoffMs: windows.length === 0 ? null : cutoffMs,
    isLifted: facts.timing?.isLifted === true,
    soakUntil: soakUntilMs === undefined ? null : isoTime(soakUntilMs),
    rampLimit: rampUp === undefined ? null : limitsNow.total,
  };
}

function byVimOf(state: CampaignState): CampaignProgress['byVim'] {
  const rows = new Map<string, CampaignProgress['byVim'][number]>();
  const rowOf = (vimUuid: string): CampaignProgress['byVim'][number] => {
    const vimName = vimNameOf(state, vimUuid);
    const none = { vimUuid, vimName, leaving: 0, arriving: 0, left: 0, arrived: 0, failed: 0 };
    const row = rows.get(vimUuid) ?? none;
    rows.set(vimUuid, row);
    return row;
  };
  for (const item of state.items) {
    const source = item.source === null ? null : rowOf(item.source);
    const target = item.target === null ? null : rowOf(item.target);
    if (item.state === 'RUNNING') {
      if (source !== null) source.leaving += 1;
      if (target !== null) target.arriving += 1;
    } else if (item.state === 'MIGRATED') {
      if (source !== null) source.left += 1;
      if (target !== null) target.arrived += 1;
    } else if (item.state === 'FAILED' || item.state === 'UNKNOWN') {
      const row = source ?? target;
      if (row !== null) row.failed += 1;
    }
  }
  return [...rows.values()];
}

function inFlightOf(state: CampaignState): CampaignProgress['inFlight'] {
  return [...state.running]
    .sort((left, right) => (left.startedAtMs ?? 0) - (right.startedAtMs ?? 0))
    .slice(0, SHOWN_IN_FLIGHT)
    .map((item) => ({
      index: item.index,
      vnfUuid: item.vnf,
      vnfName: item.vnfName,
      workflowId: workflowIdOf(item),
      // What runs has a target.
      targetVimUuid: item.target ?? '',
      targetVimName: vimNameOf(state, item.target),
      startedAt: isoTime(item.startedAtMs ?? 0),
    }));
}

function lastFailuresOf(state: CampaignState): CampaignProgress['lastFailures'] {
  return state.items
    .filter((item) => item.state === 'FAILED' || item.state === 'UNKNOWN')
    .sort((left, right) => (right.finishedAtMs ?? 0) - (left.finishedAtMs ?? 0))
    .slice(0, SHOWN_FAILURES)
    .map((item) => {
      const view = itemView(state, item);
      const { index, vnfUuid, vnfName, state: itemState, failureType, message, finishedAt } = view;
      return { index, vnfUuid, vnfName, state: itemState, failureType, message, finishedAt };
    });
}

export function resultOf(state: CampaignState): CampaignResult {
  const { facts, counts, items, audit } = state;
  const views = items.map((item) => itemView(state, item));
  return {
    state: finalStateOf(state),
    counts: { ...counts },
    items: JSON.stringify(views).length > MOST_RESULT_ITEMS ? null : views,
    residual: facts.residual,
    residualCount: facts.residualCount,
    conflicts: facts.conflicts,
    conflictCount: facts.conflictCount,
    audit: audit.view(),
    waitedMs: { ...facts.waits?.waitedMs },
    startedAt: isoTime(facts.startedAtMs),
    finishedAt: isoTime(facts.finishedAtMs ?? facts.startedAtMs),
  };
}

/** For Temporal's own UI. Made at every step, so it looks at no single item. */
export function currentDetailsOf(state: CampaignState): string {
  const { facts, counts, items } = state;
  const pause = pauseView(state);
  const numbers = ITEM_STATES.filter((one) => counts[one] > 0).map((one) => `${String(counts[one])} ${one}`);
  const ended = items.length - counts.PLANNED - counts.WAITING - counts.RUNNING;
  const { reason, untilMs } = state.timeGate;
  const lines = [
    `**${campaignStateOf(state)}**${pause === null ? '' : ` (${pause.cause}): ${pause.message}`}`,
    `${String(ended)} of ${String(items.length)} items have ended: ${numbers.join(', ')}`,
    reason === null || ended === items.length
      ? null
      : `no item starts: ${reason}${untilMs === null ? '' : `, until ${isoTime(untilMs)}`}`,
    facts.trouble,
    facts.spec.reason === undefined ? null : `${facts.spec.actor ?? 'reason'}: ${facts.spec.reason}`,
  ];
  return lines.filter((line) => line !== null).join('\n\n');
}
