/**
 * The Gantt chart of a campaign as it grows. Only the rows in sight are drawn, and the bars of a row with one path for each
 * state. The items table has every bar as text.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useMemo, useRef, useState } from 'react';
import type { CampaignItemView, ItemState } from '../../../../shared/campaign/views.js';
import { stateClass } from '../../components/counts-bar.js';
import { clockText, countText, timeText } from '../../text/times.js';
import { ganttOf, type Bar, type Gantt, type GanttOrder, type GanttRow } from './gantt-layout.js';

const ROW_PX = 20;

interface GanttChartProps {
  items: readonly CampaignItemView[];
  nowMs: number;
}

export const GanttChart = memo(function GanttChart({ items, nowMs }: GanttChartProps) {
  const [order, setOrder] = useState<GanttOrder>('target');
  const gantt = useMemo(() => ganttOf({ items, order, nowMs }), [items, order, nowMs]);
  return (
    <section>
      <div className="filters">
        <h2>Course</h2>
        <label>
          Rows
          <select value={order} onChange={(event) => setOrder(event.target.value as GanttOrder)}>
            <option value="target">by target VIM</option>
            <option value="start">one an item, by start</option>
          </select>
        </label>
      </div>
      {gantt === null ? <p className="quiet">Nothing has begun.</p> : <Rows gantt={gantt} order={order} />}
    </section>
  );
});

function Rows({ gantt, order }: { gantt: Gantt; order: GanttOrder }) {
  const box = useRef<HTMLDivElement>(null);
  const { rows } = gantt;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  const what = order === 'start' ? countText(rows.length, ['item', 'items']) : 'by target VIM';
  const summary = `Gantt chart, ${what}, from ${timeText(new Date(gantt.fromMs).toISOString())} to ${timeText(new Date(gantt.toMs).toISOString())}. The items table has the same as text.`;
  return (
    <div className="gantt" ref={box} role="region" aria-label="Gantt chart" tabIndex={0}>
      <div className="gantt-inner" role="img" aria-label={summary}>
        <Axis gantt={gantt} />
        <div className="gantt-rows" style={{ height: virtual.getTotalSize() }}>
          <GridLines gantt={gantt} />
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            return row === undefined ? null : <Row key={index} row={row} top={start} />;
          })}
        </div>
      </div>
    </div>
  );
}

const DAY_MS = 86_400_000;

function Axis({ gantt: { ticks, fromMs, toMs } }: { gantt: Gantt }) {
  // Of several days a time of the day says too little.
  const textOf = (atMs: number): string =>
    toMs - fromMs > DAY_MS ? timeText(new Date(atMs).toISOString()).slice(5, 16) : clockText(atMs);
  return (
    <div className="gantt-axis">
      <div className="gantt-track">
        {ticks
          .filter(({ x }) => x < 94)
          .map(({ x, atMs }) => (
            <span key={atMs} style={{ left: `${x}%` }}>
              {textOf(atMs)}
            </span>
          ))}
      </div>
    </div>
  );
}

function GridLines({ gantt: { ticks } }: { gantt: Gantt }) {
  return (
    <div className="gantt-track gantt-grid">
      {ticks.map(({ x, atMs }) => (
        <span key={atMs} style={{ left: `${x}%` }} />
      ))}
    </div>
  );
}

/** The units of a path: fine enough for thousands of bars in a row. */
const UNITS = 100;

function Row({ row: { label, bars }, top }: { row: GanttRow; top: number }) {
  return (
    <div
      className={label === null ? 'gantt-row' : 'gantt-row first'}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span className="gantt-label" title={label ?? undefined}>
        {label}
      </span>
      <svg className="gantt-track" viewBox={`0 0 ${100 * UNITS} ${ROW_PX}`} preserveAspectRatio="none">
        {[...pathsOf(bars)].map(([state, path]) => (
          <path key={state} className={`item-${stateClass(state)}`} d={path} />
        ))}
      </svg>
    </div>
  );
}

/** Wide enough to be seen. */
const NARROWEST = 0.15 * UNITS;

function pathsOf(bars: readonly Bar[]): Map<ItemState, string> {
  const paths = new Map<ItemState, string>();
  for (const { item, x, width } of bars) {
    const [left, wide] = [Math.round(x * UNITS), Math.max(NARROWEST, Math.round(width * UNITS))];
    const rectangle = `M${left} 4h${wide}v${ROW_PX - 8}h-${wide}z`;
    paths.set(item.state, `${paths.get(item.state) ?? ''}${rectangle}`);
  }
  return paths;
}
