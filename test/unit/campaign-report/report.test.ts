/**
 * What is derived from a report: figures, the positions of bars, CSV and the page. test/browser covers what a
 * browser shows.
 */
import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvReport } from '../../../src/campaign-report/csv.js';
import {
  failureKinds,
  histogram,
  niceStepMs,
  peakInFlight,
  spreadOf,
  vimFigures,
} from '../../../src/campaign-report/figures.js';
import { ganttOf } from '../../../src/campaign-report/gantt.js';
import { htmlReport } from '../../../src/campaign-report/html.js';
import { html } from '../../../src/campaign-report/escaped-html.js';
import { HOSTILE, sampleReport } from '../../support/campaign-report.js';

const report = sampleReport({ items: 20 });

describe('figures', () => {
  it('a spread is of values that were there', () => {
    expect(spreadOf([])).toBeNull();
    expect(spreadOf([7])).toEqual({ count: 1, shortestMs: 7, medianMs: 7, p90Ms: 7, longestMs: 7 });
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({
      count: 5,
      shortestMs: 1,
      medianMs: 3,
      p90Ms: 5,
      longestMs: 5,
    });
  });

  it('a histogram counts every duration once, outliers in an open last bin', () => {
    const durations = [...Array.from({ length: 100 }, (_, index) => 30_000 + index * 500), 3_600_000];
    const bins = histogram(durations);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(101);
    expect(bins.length).toBeLessThanOrEqual(12);
    expect(bins.at(-1)).toMatchObject({ toMs: null });
    expect(bins[0]!.fromMs).toBeLessThanOrEqual(30_000);
    for (const { fromMs, toMs } of bins.slice(0, -1)) expect(toMs).toBeGreaterThan(fromMs);
  });

  it.each([
    [[5], 1],
    [[0, 0, 0], 1],
    [[1_000, 1_001], 1],
  ])('a histogram of %j', (durations, bins) => {
    expect(histogram(durations)).toHaveLength(bins);
  });

  it('round spans of time', () => {
    expect([1, 700, 61_000, 4_000_000, 10 ** 10].map(niceStepMs)).toEqual([
      100, 1_000, 120_000, 7_200_000, 10_281_600_000,
    ]);
  });

  it('failures are counted by kind, the most frequent first', () => {
    const [first] = report.items;
    const failed = (failureType: 'MigrationFailed' | 'ServiceBusy' | null, state: 'FAILED' | 'UNKNOWN') => ({
      ...first!,
      state,
      failureType,
      message: failureType,
    });
    const items = [
      failed('MigrationFailed', 'FAILED'),
      failed(null, 'UNKNOWN'),
      failed('ServiceBusy', 'FAILED'),
      failed('ServiceBusy', 'FAILED'),
    ];
    expect(failureKinds([...items, { ...first!, state: 'MIGRATED' }])).toEqual([
      { kind: 'ServiceBusy', count: 2, example: 'ServiceBusy' },
      { kind: 'MigrationFailed', count: 1, example: 'MigrationFailed' },
      { kind: 'not known', count: 1, example: null },
    ]);
  });

  it('a VIM counts what leaves it and what comes, and the peak is what ran at a time', () => {
    const figures = vimFigures(report.items);
    const [source] = figures;
    expect(source).toMatchObject({ leaving: 20, arriving: 0, left: report.counts.MIGRATED });
    expect(figures.slice(1).reduce((sum, { arriving }) => sum + arriving, 0)).toBe(20);
    expect(peakInFlight(report)).toBe(6);
  });
});

describe('Gantt', () => {
  it.each([
    [20, 6],
    [2_000, 12],
    [2_000, 300],
    [10_000, 3],
  ])('%i items, %i at once: no bars of a row overlap, none leaves its lane', (items, atOnce) => {
    const gantt = ganttOf(sampleReport({ items, atOnce }), 'target')!;
    expect(gantt.ticks.length).toBeLessThanOrEqual(11);
    for (const { bars, rows } of gantt.lanes) {
      const ends: number[] = [];
      for (const { row, x, width } of bars) {
        if (x < (ends[row] ?? 0) || x < 0 || x + width > 100.0001) expect.fail(`row ${row}: ${x} + ${width}`);
        ends[row] = x + width;
        expect((width * gantt.minWidth) / 100).toBeGreaterThanOrEqual(1.999);
      }
      expect(ends).toHaveLength(rows);
    }
    const drawn = gantt.lanes.reduce((sum, { bars }) => sum + bars.length, 0);
    expect(drawn).toBeGreaterThanOrEqual(0.9 * items);
  });

  it('what takes no time is seen, also at the very end', () => {
    const [first, second] = report.items;
    const at = report.finishedAt;
    const items = [first!, { ...second!, startedAt: at, finishedAt: at }];
    const bars = ganttOf({ ...report, items }, 'source')!.lanes.flatMap((lane) => lane.bars);
    expect(bars.map(({ x, width }) => width > 0 && x + width <= 100)).toEqual([true, true]);
  });

  it('what still runs ends now; what never began is no bar', () => {
    const running = sampleReport({ items: 20, running: true });
    const gantt = ganttOf(running, 'source')!;
    expect(gantt.toMs).toBe(Date.parse(running.madeAt));
    const began = running.items.filter(({ startedAt }) => startedAt !== null);
    expect(gantt.lanes.map(({ bars }) => bars.length)).toEqual([began.length]);
    const unknownSource = running.items.map((item) => ({ ...item, sourceVimUuid: null }));
    expect(ganttOf({ ...running, items: unknownSource }, 'source')).toBeNull();
  });
});

describe('CSV', () => {
  it('is read back as it was, a line an item', () => {
    const rows = parse<Record<string, string>>(csvReport(report), { columns: true });
    expect(rows.map(({ vnfUuid, state, message }) => ({ vnfUuid, state, message }))).toEqual(
      report.items.map(({ vnfUuid, state, message }) => ({ vnfUuid, state, message: message ?? '' })),
    );
  });

  it.each(['=cmd()', '+1', '-1', '@x', '\tx', '\rx'])('%j is no formula to a spreadsheet', (message) => {
    const [first] = report.items;
    const [row] = parse<Record<string, string>>(csvReport({ ...report, items: [{ ...first!, message }] }), {
      columns: true,
    });
    expect(row!['message']).toBe(`'${message}`);
  });
});

describe('the page', () => {
  const page = htmlReport(report);

  it('escapes every text', () => {
    expect(html`<p title="${'"\'<&>'}">${[HOSTILE, null, 3]}</p>`.text).toBe(
      '<p title="&quot;&#39;&lt;&amp;&gt;">&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\ufffd&lt;img src=x onerror=alert(1)&gt;3</p>',
    );
    expect(page).not.toMatch(/<script|<img|onerror="/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    const everywhere = { ...report, workflowId: HOSTILE, note: HOSTILE, actor: HOSTILE, state: null };
    expect(htmlReport(everywhere)).not.toMatch(/<script|<img|\u202e/);
  });

  it('holds all it needs, and a policy that allows nothing else', () => {
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page).toContain(`default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;;`);
    expect(page).not.toMatch(/<[^>]*\s(?:src|href|style)=|url\(|@import/);
  });

  it('shows every item in a table, and as a bar if it began', () => {
    for (const { vnfUuid } of report.items) expect(page).toContain(`<td class="id">${vnfUuid}</td>`);
    const began = report.items.filter(({ startedAt }) => startedAt !== null).length;
    // Once by target and once by source.
    expect(page.match(/<rect\s+class="bar /g)).toHaveLength(2 * began);
  });

  it('tells residuals, conflicts, orders and the failures by kind', () => {
    for (const text of [
      'Still on the VIMs',
      'no service lists it',
      'several vims',
      'the budget is spent',
      'MigrationFailed',
    ])
      expect(page).toContain(text);
    for (const empty of ['Still on the VIMs', 'Conflicts'])
      expect(htmlReport({ ...report, residual: [], conflicts: [] })).not.toContain(empty);
  });

  it('of a campaign without items is a page, too', () => {
    expect(htmlReport({ ...report, items: [] })).toContain('It has no items.');
  });

  it('of 10,000 items is made in time and stays below 20 MB', () => {
    const large = htmlReport(sampleReport({ items: 10_000, atOnce: 50 }));
    expect(large.length).toBeLessThan(20_000_000);
  });
});
