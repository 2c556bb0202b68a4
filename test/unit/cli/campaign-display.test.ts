/** The output of `campaign watch`: one screen, and lines if there is no terminal. */
import { describe, expect, it } from 'vitest';
import { endingLine } from '../../../src/cli/follow/campaign.js';
import { newsOfCampaign } from '../../../src/cli/output/campaign-progress.js';
import { screenOf } from '../../../src/cli/output/campaign-screen.js';
import { barOf } from '../../../src/cli/output/campaign-text.js';
import { CampaignError } from '../../../src/client/errors.js';
import type { CampaignProgress, CampaignResult, ItemCounts } from '../../../src/shared/campaign/views.js';
import { HOSTILE, uuid } from '../../support/campaign-report.js';

const STARTED_AT = '2026-03-01T22:00:00.000Z';
const at = (seconds: number): string => new Date(Date.parse(STARTED_AT) + seconds * 1_000).toISOString();

const NO_COUNTS: ItemCounts = {
  ...{ PLANNED: 0, WAITING: 0, RUNNING: 0, MIGRATED: 0, ALREADY_THERE: 0 },
  ...{ FAILED: 0, UNKNOWN: 0, SKIPPED: 0, CANCELLED: 0 },
};

function progress(changes: Partial<CampaignProgress> = {}): CampaignProgress {
  return {
    state: 'RUNNING',
    pause: null,
    trouble: null,
    planned: 50,
    counts: { ...NO_COUNTS, MIGRATED: 20, ALREADY_THERE: 3, FAILED: 2, RUNNING: 3, WAITING: 12, PLANNED: 10 },
    waiting: { 'target-limit': 4, 'service-busy': 8, gate: 0 },
    waitedMs: {},
    byVim: [],
    generation: 1,
    limits: { total: 6, perSourceVim: 2, perTargetVim: 3 },
    budget: { maxErrors: '10%', maxConsecutive: 4, action: 'pause', errors: 2, allowed: 5, consecutive: 1 },
    wave: 1,
    waves: 2,
    perMinute: 4.26,
    etaMs: 340_000,
    inFlight: [0, 1, 2].map((index) => ({
      index,
      vnfUuid: uuid(1, index),
      workflowId: `vnf-migration/${uuid(1, index)}`,
      targetVimUuid: uuid(3, 1),
      ...(index === 0 ? { vnfName: 'fw-vnf', targetVimName: 'athens-1' } : {}),
      startedAt: at(60 + index),
      phase: index === 0 ? 'awaiting-final' : null,
    })),
    lastFailures: [failure(7, 100), failure(4, 90)],
    conflicts: [],
    conflictCount: 0,
    residual: [],
    residualCount: 0,
    actor: 'ops',
    reason: 'power work',
    startedAt: STARTED_AT,
    finishedAt: null,
    ...changes,
  };
}

function failure(index: number, seconds: number): CampaignProgress['lastFailures'][number] {
  return {
    index,
    vnfUuid: uuid(1, index),
    state: 'FAILED',
    failureType: 'MigrationFailed',
    message: `no room \u001b[2J ${HOSTILE}`,
    finishedAt: at(seconds),
  };
}

const screen = (shown: CampaignProgress, size = { columns: 120, rows: 40 }, trouble: string | null = null) =>
  screenOf({
    workflowId: 'vnf-campaign/rack-4',
    progress: shown,
    nowMs: Date.parse(at(120)),
    trouble,
    ...size,
  });

describe('the screen', () => {
  it('tells how far it is, what runs for how long, why the rest waits, what failed', () => {
    const text = screen(progress()).join('\n');
    for (const told of [
      'rack-4  RUNNING  2 min 0 s by ops: power work',
      '50% 25 of 50 ended, 4.3 a minute, about 5m 40s left',
      '20 migrated, 3 already there, 2 failed, 3 running, 12 waiting, 10 planned',
      'limits 6 in all, 2 a source VIM, 3 a target VIM; errors 2 of 5, in a row 1 of 4; wave 1 of 2',
      'waiting for: service-busy 8, target-limit 4\n',
      `#0  1m  awaiting-final  fw-vnf (${uuid(1, 0)}) to athens-1 (`,
      `#1  59s  ${uuid(1, 1)} to ${uuid(3, 1)}`,
      `#7 ${uuid(1, 7)} MigrationFailed: no room`,
      'Ctrl-C stops watching; the campaign continues.',
    ])
      expect(text).toContain(told);
    expect(text).not.toContain('\u001b');
  });

  it('says why it waits for a person, and what to do', () => {
    const pause = { cause: 'budget', since: at(60), message: '6 errors are more than 5' } as const;
    const text = screen(progress({ state: 'PAUSED', pause })).join('\n');
    expect(text).toContain('PAUSED');
    expect(text).toContain('since 22:01:00 UTC: 6 errors are more than 5');
    expect(text).toContain('campaign resume rack-4');
    const gate = { ...pause, cause: 'wave' } as const;
    expect(screen(progress({ state: 'AWAITING_APPROVAL', pause: gate })).join('\n')).toContain(
      'campaign approve rack-4',
    );
  });

  it('shows the last answer, and since when there was none', () => {
    expect(screen(progress(), { columns: 120, rows: 40 }, 'no answer for 12s')).toContain(
      'no answer for 12s',
    );
  });

  it.each([
    [120, 40],
    [81, 24],
    [80, 24],
    [40, 12],
    [10, 3],
    [1, 1],
  ])('fits into %i columns and %i rows', (columns, rows) => {
    const [one] = progress().inFlight;
    const many = Array.from({ length: 20 }, () => one!);
    const lines = screen(progress({ inFlight: many, reason: '😀'.repeat(200) }), { columns, rows });
    expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(columns);
      expect(line).not.toMatch(/\p{Surrogate}/u);
    }
  });

  it('a bar is full only at the end', () => {
    expect([0, 0.5, 0.999, 1].map((share) => barOf(share, 10))).toEqual([
      '[..........]   0%',
      '[#####.....]  50%',
      '[##########]  99%',
      '[##########] 100%',
    ]);
  });
});

describe('the news', () => {
  const news = (before: CampaignProgress | null, now: CampaignProgress) => newsOfCampaign({ before, now });

  it('begins with how things stand', () => {
    expect(news(null, progress())).toEqual([
      expect.stringMatching(/^#4 VNF .*: MigrationFailed: no room/),
      expect.stringMatching(/^#7 VNF .*: MigrationFailed: no room/),
      '25 of 50 ended: 20 migrated, 3 already there, 2 failed, 3 running, 12 waiting, 10 planned; about 5m 40s left',
      'running',
      'wave 1 of 2',
    ]);
  });

  it('is silent where only numbers moved by themselves', () => {
    const later = progress({ perMinute: 3, etaMs: 1, waiting: { paused: 2 }, inFlight: [] });
    expect(news(progress(), later)).toEqual([]);
  });

  it('tells each change once', () => {
    const now = progress({
      state: 'PAUSED',
      pause: { cause: 'operator', since: at(100), message: 'ops: a call \u001b[2J' },
      counts: { ...progress().counts, FAILED: 3, RUNNING: 2 },
      lastFailures: [failure(9, 110), ...progress().lastFailures],
      limits: { total: 1, perSourceVim: 1, perTargetVim: 1 },
      budget: { ...progress().budget, maxErrors: 9 },
      generation: 2,
    });
    const lines = news(progress(), now);
    expect(lines).toEqual([
      'generation 2 begins',
      expect.stringContaining('#9 VNF'),
      expect.stringContaining('26 of 50 ended'),
      expect.stringMatching(/^paused: ops: a call/),
      expect.stringContaining('campaign resume <name>'),
      'limits: 1 in all, 1 a source VIM, 1 a target VIM',
      'budget: 9 errors, 4 in a row, then pause',
    ]);
    expect(lines.join()).not.toContain('\u001b');
    expect(news(now, now)).toEqual([]);
  });

  it('stays about a hundred lines, however many items there are', () => {
    let [before, lines]: [CampaignProgress | null, number] = [null, 0];
    for (let ended = 0; ended <= 10_000; ended += 1) {
      const now = progress({
        planned: 10_000,
        counts: { ...NO_COUNTS, MIGRATED: ended, PLANNED: 10_000 - ended },
        lastFailures: [],
      });
      lines += news(before, now).length;
      before = now;
    }
    expect(lines).toBeLessThan(110);
  });
});

describe('the end', () => {
  const result = (changes: Partial<CampaignResult>): CampaignResult => ({
    state: 'COMPLETED',
    counts: { ...NO_COUNTS, MIGRATED: 3 },
    items: [],
    residual: [],
    residualCount: 0,
    conflicts: [],
    conflictCount: 0,
    audit: [],
    waitedMs: {},
    startedAt: STARTED_AT,
    finishedAt: at(90),
    ...changes,
  });
  const failed = { ...NO_COUNTS, MIGRATED: 2, FAILED: 1 };
  const unknown = { ...NO_COUNTS, MIGRATED: 2, UNKNOWN: 1 };

  it.each<[string, Partial<CampaignResult>, number]>([
    ['completed after 1 min 30 s: 3 migrated', {}, 0],
    [
      'completed with errors after 1 min 30 s: 2 migrated, 1 failed',
      { state: 'COMPLETED_WITH_ERRORS', counts: failed },
      1,
    ],
    [
      'completed with errors after 1 min 30 s: 2 migrated, 1 unknown',
      { state: 'COMPLETED_WITH_ERRORS', counts: unknown },
      3,
    ],
    ['aborted after 1 min 30 s: 3 migrated', { state: 'ABORTED' }, 1],
  ])('%s', (line, changes, code) => {
    expect(endingLine({ kind: 'result', result: result(changes) })).toEqual({ line, code });
  });

  it('of one that was ended from outside is not known, and its migrations go on', () => {
    const error = new CampaignError({ type: null, message: 'the campaign was terminated from outside' });
    expect(endingLine({ kind: 'error', error })).toMatchObject({
      code: 3,
      line: expect.stringContaining('the migrations that it started continue') as string,
    });
    const invalid = new CampaignError({ type: 'InvalidCampaign', message: 'no items' });
    expect(endingLine({ kind: 'error', error: invalid })).toEqual({ code: 1, line: 'no items' });
  });
});

describe('a window', () => {
  const closed = {
    ...{ reason: 'window' as const, changesAt: at(10_800), timeZone: 'Europe/Athens', cutoffMs: 600_000 },
    ...{ isLifted: false, soakUntil: null, rampLimit: null },
  };
  const nowMs = Date.parse(STARTED_AT);

  it('is on the screen, and news once', () => {
    const now = progress({ timing: closed });
    const size = { columns: 100, rows: 40, trouble: null };
    const lines = screenOf({ workflowId: 'vnf-campaign/x', progress: now, nowMs, ...size });
    const text = 'window opens 03:00 Europe/Athens, in 3h';
    expect(lines).toContain(text);
    expect(newsOfCampaign({ before: progress(), now, nowMs })).toEqual([text]);
    expect(newsOfCampaign({ before: now, now, nowMs: nowMs + 60_000 })).toEqual([]);
  });
});
