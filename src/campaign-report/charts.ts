/**
 * The drawings of the page: SVG without scripts, styles of its own, or text that could run into other text.
 * Places are percentages, so that a chart takes whatever width it is given, on paper too.
 */
import {
  ITEM_STATES,
  type CampaignItemView,
  type ItemCounts,
  type ItemState,
} from '../shared/campaign/views.js';
import { humanDuration } from '../shared/duration.js';
import { labelled } from '../shared/vim/vim.js';
import { durationMsOf } from './figures.js';
import type { Bar, Gantt, Lane } from './gantt.js';
import { html, type Markup } from './escaped-html.js';
import { vimText } from './vim-names.js';

const WORDS: Record<ItemState, string> = {
  PLANNED: 'planned',
  WAITING: 'waiting',
  RUNNING: 'running',
  MIGRATED: 'migrated',
  ALREADY_THERE: 'already there',
  FAILED: 'failed',
  UNKNOWN: 'unknown',
  SKIPPED: 'skipped',
  CANCELLED: 'cancelled',
};

export function wordOf(state: ItemState): string {
  return WORDS[state];
}

/** A CSS class. */
export function classOf(state: ItemState): string {
  return state.toLowerCase().replaceAll('_', '-');
}

/** From the best to the worst, what is not over yet last. */
const IN_ORDER: ItemState[] = [
  ...(['MIGRATED', 'ALREADY_THERE', 'FAILED', 'UNKNOWN', 'SKIPPED', 'CANCELLED'] as const),
  ...(['RUNNING', 'WAITING', 'PLANNED'] as const),
];

/** All items in one bar, and what its colours mean. */
export function shareBar(counts: ItemCounts): Markup {
  const total = ITEM_STATES.reduce((sum, state) => sum + counts[state], 0);
  const states = IN_ORDER.filter((state) => counts[state] > 0);
  let x = 0;
  const parts = states.map((state) => {
    const width = (100 * counts[state]) / total;
    x += width;
    return html`<rect
      class="${classOf(state)}"
      x="${percent(x - width)}"
      width="${percent(width)}"
      height="100%"
      ><title>${counts[state]} ${wordOf(state)}</title></rect
    >`;
  });
  const words = states.map((state) => `${counts[state]} ${wordOf(state)}`).join(', ');
  const legend = states.map((state) => html`<li>${swatch(state)}${counts[state]} ${wordOf(state)}</li>`);
  return html`<svg class="share" role="img" aria-label="${words}">${parts}</svg>
    <ul class="legend">
      ${legend}
    </ul>`;
}

export function swatch(state: ItemState): Markup {
  return html`<svg class="mark" aria-hidden="true">
    <rect class="${classOf(state)}" width="100%" height="100%" rx="2" />
  </svg>`;
}

export function measure({ share, bad = false }: { share: number; bad?: boolean }): Markup {
  return html`<td class="measure${bad ? ' bad' : ''}">
    <svg aria-hidden="true"><rect width="${percent(100 * share)}" height="100%" rx="2" /></svg>
  </td>`;
}

export interface GanttTexts {
  title: string;
  verb: string;
  /** Names of VIMs by uuid. */
  names: ReadonlyMap<string, string>;
}

export function ganttChart(gantt: Gantt, { title, verb, names }: GanttTexts): Markup {
  return html`<div class="gantt" role="region" aria-label="${title}" tabindex="0">
    <div class="plot">
      <svg class="axis" height="20" aria-hidden="true">
        ${gantt.ticks.map((tick) => tickMark(tick, gantt))}
      </svg>
      ${gantt.lanes.map((lane) => laneOf(lane, { gantt, verb, names }))}
    </div>
  </div>`;
}

/** No label where it would be cut off. */
const LAST_LABEL_AT = 93;

function tickMark({ x, atMs }: Gantt['ticks'][number], gantt: Gantt): Markup {
  const line = html`<line class="grid" x1="${percent(x)}" x2="${percent(x)}" y1="0" y2="100%" />`;
  if (x > LAST_LABEL_AT) return line;
  return html`${line}<text x="${percent(x)}" dx="4" y="14">${clock(atMs, gantt)}</text>`;
}

function clock(atMs: number, { fromMs, toMs, tickStepMs }: Gantt): string {
  const iso = new Date(atMs).toISOString();
  const time = tickStepMs < 60_000 ? iso.slice(11, 19) : iso.slice(11, 16);
  if (tickStepMs < 1_000) return iso.slice(11, 23);
  return toMs - fromMs > 86_400_000 ? `${iso.slice(5, 10)} ${time}` : time;
}

/** The more rows, the lower: hundreds at a time must still fit on a page. */
function rowHeight(rows: number): { height: number; gap: number } {
  if (rows <= 12) return { height: 14, gap: 3 };
  return rows <= 40 ? { height: 9, gap: 2 } : { height: 4, gap: 1 };
}

function laneOf(lane: Lane, { gantt, verb, names }: Omit<GanttTexts, 'title'> & { gantt: Gantt }): Markup {
  const vim = vimText(lane.vimUuid, names);
  const { height, gap } = rowHeight(lane.rows);
  const total = lane.rows * (height + gap) + gap;
  const lines = gantt.ticks.map(
    ({ x }) => html`<line class="grid" x1="${percent(x)}" x2="${percent(x)}" y1="0" y2="100%" />`,
  );
  const bars = lane.bars.map((bar) => barOf(bar, { y: gap + bar.row * (height + gap), height }));
  const words = `${lane.bars.length} ${verb}, at most ${lane.rows} at a time`;
  return html`<section class="lane">
    <h3><span class="id">${vim}</span> <span class="quiet">${words}</span></h3>
    <svg height="${total}" role="img" aria-label="VIM ${vim}: ${words}">${lines}${bars}</svg>
  </section> `;
}

function barOf({ item, x, width }: Bar, { y, height }: { y: number; height: number }): Markup {
  return html`<rect
    class="bar ${classOf(item.state)}"
    x="${percent(x)}"
    y="${y}"
    width="${percent(width)}"
    height="${height}"
    rx="2"
    ><title>${barTitle(item)}</title></rect
  >`;
}

function barTitle(item: CampaignItemView): string {
  const took = durationMsOf(item);
  const { sourceVimUuid, sourceVimName, targetVimUuid, targetVimName } = item;
  const from = sourceVimUuid === null ? '' : ` from ${labelled(sourceVimName, sourceVimUuid)}`;
  return [
    `VNF ${labelled(item.vnfName, item.vnfUuid)}: ${wordOf(item.state)}${took === null ? '' : ` after ${humanDuration(took)}`}`,
    `VIM ${labelled(targetVimName, targetVimUuid ?? '?')}${from}`,
    `${item.startedAt ?? ''} – ${item.finishedAt ?? ''}`,
    ...(item.message === null ? [] : [item.message]),
  ].join('\n');
}

function percent(value: number): string {
  return `${Number(value.toFixed(3))}%`;
}
