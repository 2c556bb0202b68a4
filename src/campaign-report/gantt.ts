/**
 * Where the bars of a Gantt chart lie: a lane a VIM, as many rows in it as items ran there at a time. Pure.
 *
 * Invariants: bars of one row do not overlap; a bar lies within its lane, and is never too narrow to be seen;
 * places are shares of the chart's width from 0 to 100, so that it can be drawn in any width.
 */
import type { CampaignItemView } from '../shared/campaign/views.js';
import { niceStepMs, spreadOf } from './figures.js';
import type { CampaignReport } from './report-data.js';

export interface Bar {
  item: CampaignItemView;
  row: number;
  x: number;
  width: number;
}

export interface Lane {
  vimUuid: string;
  rows: number;
  bars: Bar[];
}

export interface Tick {
  x: number;
  atMs: number;
}

export interface Gantt {
  fromMs: number;
  toMs: number;
  /** Of the chart, at least, in CSS pixels; a wider one is scrolled. */
  minWidth: number;
  ticks: Tick[];
  /** Seconds would be the same at every tick. */
  tickStepMs: number;
  lanes: Lane[];
}

export type LaneOf = 'target' | 'source';

const NARROWEST_BAR_PX = 2;
/** Of a bar that is as long as most. */
const USUAL_BAR_PX = 5;
const MIN_WIDTH_PX = 720;
const MAX_WIDTH_PX = 6_000;
const MAX_TICKS = 10;

/** Null: nothing has begun yet, or no VIM is known. */
export function ganttOf(report: CampaignReport, laneOf: LaneOf): Gantt | null {
  const vimOf = (item: CampaignItemView): string | null =>
    laneOf === 'target' ? item.targetVimUuid : item.sourceVimUuid;
  const began = report.items.filter((item) => item.startedAt !== null && vimOf(item) !== null);
  if (began.length === 0) return null;
  const endOf = ({ finishedAt }: CampaignItemView): number => Date.parse(finishedAt ?? report.madeAt);
  const startOf = ({ startedAt }: CampaignItemView): number => Date.parse(startedAt ?? report.startedAt);
  const fromMs = least(began.map(startOf));
  const toMs = Math.max(fromMs + 1, most(began.map(endOf)));
  const usual = spreadOf(began.map((item) => endOf(item) - startOf(item)))?.medianMs ?? 0;
  const minWidth = widthFor({ spanMs: toMs - fromMs, usualMs: usual });
  const placed = began.map((item) => {
    const width = Math.max(share(endOf(item) - startOf(item)), (100 * NARROWEST_BAR_PX) / minWidth);
    return { item, x: Math.min(share(startOf(item) - fromMs), 100 - width), width };
  });
  const byVim = new Map<string, Omit<Bar, 'row'>[]>();
  for (const place of placed) {
    const vimUuid = vimOf(place.item) ?? '';
    const others = byVim.get(vimUuid);
    if (others === undefined) byVim.set(vimUuid, [place]);
    else others.push(place);
  }
  const lanes = [...byVim].map(([vimUuid, bars]) => packed(vimUuid, bars));
  lanes.sort(
    (left, right) => right.bars.length - left.bars.length || (left.vimUuid < right.vimUuid ? -1 : 1),
  );
  return { fromMs, toMs, minWidth, lanes, ...ticksOf(fromMs, toMs) };

  function share(ms: number): number {
    return (100 * ms) / (toMs - fromMs);
  }
}

/** Each bar into the first row that is free when it begins. */
function packed(vimUuid: string, places: readonly Omit<Bar, 'row'>[]): Lane {
  const inOrder = [...places].sort((left, right) => left.x - right.x || left.item.index - right.item.index);
  const ends: number[] = [];
  const bars = inOrder.map((place) => {
    const free = ends.findIndex((end) => end <= place.x);
    const row = free === -1 ? ends.length : free;
    ends[row] = place.x + place.width;
    return { ...place, row };
  });
  return { vimUuid, rows: ends.length, bars };
}

function widthFor({ spanMs, usualMs }: { spanMs: number; usualMs: number }): number {
  const wanted = usualMs <= 0 ? MIN_WIDTH_PX : (USUAL_BAR_PX * spanMs) / usualMs;
  return Math.round(Math.min(MAX_WIDTH_PX, Math.max(MIN_WIDTH_PX, wanted)));
}

function ticksOf(fromMs: number, toMs: number): { ticks: Tick[]; tickStepMs: number } {
  const tickStepMs = niceStepMs((toMs - fromMs) / MAX_TICKS);
  const ticks: Tick[] = [];
  for (let atMs = Math.ceil(fromMs / tickStepMs) * tickStepMs; atMs <= toMs; atMs += tickStepMs) {
    ticks.push({ atMs, x: (100 * (atMs - fromMs)) / (toMs - fromMs) });
  }
  return { ticks, tickStepMs };
}

function least(values: readonly number[]): number {
  return values.reduce((left, right) => Math.min(left, right));
}

function most(values: readonly number[]): number {
  return values.reduce((left, right) => Math.max(left, right));
}
