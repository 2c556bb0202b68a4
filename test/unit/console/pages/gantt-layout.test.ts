/** Where the bars of the Gantt chart lie. */
import { describe, expect, it } from 'vitest';
import { ganttOf } from '../../../../src/console/pages/routes/campaign/gantt-layout.js';
import { item } from './items.js';

const T0 = Date.parse('2026-11-28T10:00:00Z');
const at = (seconds: number): string => new Date(T0 + 1_000 * seconds).toISOString();

const ITEMS = [
  item(0, { state: 'MIGRATED', startedAt: at(0), finishedAt: at(60), targetVimName: 'aveiro' }),
  item(1, { state: 'FAILED', startedAt: at(10), finishedAt: at(50), targetVimName: 'aveiro' }),
  item(2, { state: 'RUNNING', startedAt: at(60), targetVimName: 'aveiro' }),
  item(3, { state: 'MIGRATED', startedAt: at(5), finishedAt: at(20), targetVimUuid: 'ghent' }),
  item(4),
];
const nowMs = T0 + 100_000;

describe('by target VIM', () => {
  const gantt = ganttOf({ items: ITEMS, order: 'target', nowMs });

  it('each VIM has as many rows as items ran there at a time, the fullest first', () => {
    expect(gantt?.rows.map(({ label, bars }) => [label, bars.map((bar) => bar.item.index)])).toEqual([
      ['aveiro', [0, 2]],
      [null, [1]],
      ['ghent', [3]],
    ]);
  });

  it('what runs reaches until now', () => {
    const running = gantt?.rows.flatMap(({ bars }) => bars).find((bar) => bar.item.index === 2);
    expect(running).toMatchObject({ x: 60, width: 40 });
  });
});

it('by start there is a row for each item that has begun', () => {
  const gantt = ganttOf({ items: ITEMS, order: 'start', nowMs });
  expect(gantt?.rows.map(({ label }) => label)).toEqual(['#0 vnf-0', '#3 vnf-3', '#1 vnf-1', '#2 vnf-2']);
});

it('ticks are at round times within the chart', () => {
  const ticks = ganttOf({ items: ITEMS, order: 'start', nowMs })?.ticks ?? [];
  expect(ticks.length).toBeGreaterThan(3);
  for (const { x, atMs } of ticks) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(100);
    expect(atMs % 15_000).toBe(0);
  }
});

it('nothing has begun: there is no chart', () => {
  expect(ganttOf({ items: [item(0)], order: 'target', nowMs })).toBeNull();
});

it('a campaign of months has few ticks', () => {
  const long = [item(0, { state: 'RUNNING', startedAt: at(0) })];
  const gantt = ganttOf({ items: long, order: 'target', nowMs: T0 + 90 * 86_400_000 });
  expect(gantt?.ticks.length).toBeLessThan(12);
});

it('bars of one row never overlap, and 10,000 are laid out in less than two seconds', () => {
  const items = Array.from({ length: 10_000 }, (_, index) =>
    item(index, {
      state: 'MIGRATED',
      startedAt: at(index),
      finishedAt: at(index + 20 + ((index * 7_919) % 90)),
    }),
  );
  const startedAt = performance.now();
  const gantt = ganttOf({ items, order: 'target', nowMs: T0 + 20_000_000 });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  for (const { bars } of gantt?.rows ?? []) {
    bars.forEach((bar, nth) => {
      const before = bars[nth - 1];
      if (before !== undefined) expect(bar.x).toBeGreaterThanOrEqual(before.x + before.width - 1e-9);
    });
  }
});
