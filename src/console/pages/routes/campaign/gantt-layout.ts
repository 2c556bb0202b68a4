/**
 * Where the bars of the Gantt chart of a running campaign lie. Pure.
 *
 * Invariants: bars of one row do not overlap; places are shares of the width from 0 to 100; the layout of 10,000 items
 * takes milliseconds, because it is made again while the campaign runs.
 */
import type { CampaignItemView } from '../../../../shared/campaign/views.js';

export interface Bar {
  item: CampaignItemView;
  x: number;
  width: number;
}

export interface GanttRow {
  /** Of the first row of a lane, and of every row that is one item. */
  label: string | null;
  bars: Bar[];
}

export interface Gantt {
  fromMs: number;
  toMs: number;
  ticks: { x: number; atMs: number }[];
  rows: GanttRow[];
}

/** `target`: a lane for each target VIM, as many rows in it as items ran there at a time. `start`: a row for each item. */
export type GanttOrder = 'target' | 'start';

interface GanttInput {
  items: readonly CampaignItemView[];
  order: GanttOrder;
  nowMs: number;
}

interface Span {
  item: CampaignItemView;
  startMs: number;
  endMs: number;
}

const MOST_TICKS = 8;

/** Null: nothing has begun. */
export function ganttOf({ items, order, nowMs }: GanttInput): Gantt | null {
  const spans = items.flatMap((item) => spanOf(item, nowMs)).sort(byStart);
  const [first] = spans;
  if (first === undefined) return null;
  const fromMs = first.startMs;
  const toMs = spans.reduce((latest, { endMs }) => Math.max(latest, endMs), fromMs + 1_000);
  const barOf = ({ item, startMs, endMs }: Span): Bar => ({
    item,
    x: (100 * (startMs - fromMs)) / (toMs - fromMs),
    width: (100 * (endMs - startMs)) / (toMs - fromMs),
  });
  const rows =
    order === 'start'
      ? spans.map((span) => ({ label: labelOf(span.item), bars: [barOf(span)] }))
      : lanesOf(spans).flatMap(({ label, rows: packed }) =>
          packed.map((row, nth) => ({ label: nth === 0 ? label : null, bars: row.map(barOf) })),
        );
  return { fromMs, toMs, ticks: ticksOf(fromMs, toMs), rows };
}

function spanOf(item: CampaignItemView, nowMs: number): Span[] {
  if (item.startedAt === null) return [];
  const startMs = Date.parse(item.startedAt);
  const endMs = item.finishedAt === null ? nowMs : Date.parse(item.finishedAt);
  return [{ item, startMs, endMs: Math.max(startMs, endMs) }];
}

function byStart(left: Span, right: Span): number {
  return left.startMs - right.startMs || left.item.index - right.item.index;
}

function labelOf({ index, vnfName, vnfUuid }: CampaignItemView): string {
  return `#${index} ${vnfName ?? vnfUuid}`;
}

interface Lane {
  label: string;
  rows: Span[][];
  /** When each row is free. */
  ends: number[];
}

/** Each span into the first row that is free when it begins. The fullest lane comes first. */
function lanesOf(spans: readonly Span[]): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const span of spans) {
    const { targetVimUuid, targetVimName } = span.item;
    const key = targetVimUuid ?? '';
    const lane = lanes.get(key) ?? {
      label: targetVimName ?? (key === '' ? 'not known' : key),
      rows: [],
      ends: [],
    };
    lanes.set(key, lane);
    const free = lane.ends.findIndex((endMs) => endMs <= span.startMs);
    const nth = free === -1 ? lane.rows.length : free;
    lane.ends[nth] = span.endMs;
    const row = lane.rows[nth];
    if (row === undefined) lane.rows.push([span]);
    else row.push(span);
  }
  return [...lanes.values()].sort(
    (left, right) => right.rows.length - left.rows.length || (left.label < right.label ? -1 : 1),
  );
}

const STEPS_MS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400,
].map((seconds) => seconds * 1_000);

function ticksOf(fromMs: number, toMs: number): Gantt['ticks'] {
  const wanted = (toMs - fromMs) / MOST_TICKS;
  const days = Math.ceil(wanted / 86_400_000) * 86_400_000;
  const stepMs = STEPS_MS.find((step) => step >= wanted) ?? days;
  const ticks: Gantt['ticks'] = [];
  for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs <= toMs; atMs += stepMs) {
    ticks.push({ atMs, x: (100 * (atMs - fromMs)) / (toMs - fromMs) });
  }
  return ticks;
}
