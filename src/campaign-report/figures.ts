/**
 * The figures of a report. Pure.
 *
 * Invariant: a duration is that of a migration from the start of its workflow to its end; items that never began
 * have none, those that still run have none yet.
 */
import type { CampaignItemView, WaitReason } from '../shared/campaign/views.js';
import type { CampaignReport } from './report-data.js';

export interface Spread {
  count: number;
  shortestMs: number;
  medianMs: number;
  /** Nine of ten took no longer. */
  p90Ms: number;
  longestMs: number;
}

/** Null of nothing. */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  if (sorted.length === 0) return null;
  const [shortestMs, longestMs] = [at(0), at(1)];
  return { count: sorted.length, shortestMs, medianMs: at(0.5), p90Ms: at(0.9), longestMs };
}

export function durationMsOf({ startedAt, finishedAt }: CampaignItemView): number | null {
  if (startedAt === null || finishedAt === null) return null;
  return Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}

/** Of the items that were moved. */
export function moveDurations(items: readonly CampaignItemView[]): number[] {
  return items
    .filter(({ state }) => state === 'MIGRATED')
    .map(durationMsOf)
    .filter((ms) => ms !== null);
}

/** From the campaign's start to the item's. */
export function waitsBeforeStart({
  items,
  startedAt,
}: Pick<CampaignReport, 'items' | 'startedAt'>): number[] {
  const from = Date.parse(startedAt);
  return items.flatMap((item) =>
    item.startedAt === null ? [] : [Math.max(0, Date.parse(item.startedAt) - from)],
  );
}

export interface WaitFigure {
  reason: WaitReason;
  /** Of all items together. */
  waitedMs: number;
  waitingNow: number;
}

/** What was waited for longest first. */
export function waitFigures({
  waiting,
  waitedMs,
}: Pick<CampaignReport, 'waiting' | 'waitedMs'>): WaitFigure[] {
  const reasons = new Set([...Object.keys(waitedMs), ...Object.keys(waiting)] as WaitReason[]);
  return [...reasons]
    .map((reason) => ({ reason, waitedMs: waitedMs[reason] ?? 0, waitingNow: waiting[reason] ?? 0 }))
    .filter((figure) => figure.waitedMs > 0 || figure.waitingNow > 0)
    .sort((left, right) => right.waitedMs - left.waitedMs || (left.reason < right.reason ? -1 : 1));
}

export interface FailureKind {
  kind: string;
  count: number;
  /** What the first of them said. */
  example: string | null;
}

/** The most frequent first. */
export function failureKinds(items: readonly CampaignItemView[]): FailureKind[] {
  const kinds = new Map<string, FailureKind>();
  for (const { state, failureType, message } of items) {
    if (state !== 'FAILED' && state !== 'UNKNOWN') continue;
    const kind = failureType ?? (state === 'UNKNOWN' ? 'not known' : 'failed');
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { kind, count: 1, example: message });
    else known.count += 1;
  }
  return [...kinds.values()].sort(
    (left, right) => right.count - left.count || (left.kind < right.kind ? -1 : 1),
  );
}

export interface VimFigures {
  vimUuid: string;
  leaving: number;
  left: number;
  arriving: number;
  arrived: number;
  failed: number;
}

/** Every VIM that an item leaves or goes to, those with the most items first. */
export function vimFigures(items: readonly CampaignItemView[]): VimFigures[] {
  const vims = new Map<string, VimFigures>();
  const of = (vimUuid: string): VimFigures => {
    const known = vims.get(vimUuid) ?? { vimUuid, leaving: 0, left: 0, arriving: 0, arrived: 0, failed: 0 };
    vims.set(vimUuid, known);
    return known;
  };
  for (const { sourceVimUuid, targetVimUuid, state } of items) {
    const failed = state === 'FAILED' || state === 'UNKNOWN' ? 1 : 0;
    if (targetVimUuid !== null) {
      const target = of(targetVimUuid);
      target.arriving += 1;
      target.arrived += state === 'MIGRATED' || state === 'ALREADY_THERE' ? 1 : 0;
      target.failed += failed;
    }
    if (sourceVimUuid === null || sourceVimUuid === targetVimUuid) continue;
    const source = of(sourceVimUuid);
    source.leaving += 1;
    source.left += state === 'MIGRATED' ? 1 : 0;
    source.failed += failed;
  }
  const weight = ({ leaving, arriving }: VimFigures): number => leaving + arriving;
  return [...vims.values()].sort(
    (left, right) => weight(right) - weight(left) || (left.vimUuid < right.vimUuid ? -1 : 1),
  );
}

/** How many ran at a time, at most. */
export function peakInFlight({ items, madeAt }: Pick<CampaignReport, 'items' | 'madeAt'>): number {
  const turns = items.flatMap(({ startedAt, finishedAt }) =>
    startedAt === null
      ? []
      : [
          { at: Date.parse(startedAt), step: 1 },
          { at: Date.parse(finishedAt ?? madeAt), step: -1 },
        ],
  );
  turns.sort((left, right) => left.at - right.at || left.step - right.step);
  let [now, peak] = [0, 0];
  for (const { step } of turns) {
    now += step;
    peak = Math.max(peak, now);
  }
  return peak;
}

export interface Bin {
  fromMs: number;
  /** Null: and longer. */
  toMs: number | null;
  count: number;
}

const MAX_BINS = 12;

/** How durations are spread: bins of equal width, the few far outliers in an open last one. */
export function histogram(durations: readonly number[]): Bin[] {
  const spread = spreadOf(durations);
  if (spread === null) return [];
  const usual = Math.min(spread.longestMs, 1.3 * spread.p90Ms) - spread.shortestMs;
  const step = niceStepMs(usual / MAX_BINS);
  const first = Math.floor(spread.shortestMs / step);
  const last = Math.min(Math.floor(spread.longestMs / step), first + MAX_BINS - 1);
  const bins = Array.from({ length: last - first + 1 }, (_, index): Bin => {
    const fromMs = (first + index) * step;
    return { fromMs, toMs: fromMs + step, count: 0 };
  });
  for (const duration of durations) {
    const bin = bins[Math.min(Math.floor(duration / step), last) - first];
    if (bin !== undefined) bin.count += 1;
  }
  const open = bins.at(-1);
  if (open?.toMs != null && spread.longestMs >= open.toMs) open.toMs = null;
  return bins;
}

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const STEPS = [
  ...[100, 200, 500, S, 2 * S, 5 * S, 10 * S, 15 * S, 30 * S, M, 2 * M, 5 * M, 10 * M, 15 * M, 30 * M],
  ...[H, 2 * H, 3 * H, 6 * H, 12 * H, 24 * H, 48 * H, 7 * 24 * H],
];

/** The shortest round span of time that is not shorter. */
export function niceStepMs(atLeastMs: number): number {
  return STEPS.find((step) => step >= atLeastMs) ?? Math.ceil(atLeastMs / (7 * 24 * H)) * 7 * 24 * H;
}
