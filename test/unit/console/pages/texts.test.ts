/** Words, times, lists and problems as the pages show them. */
import { describe, expect, it } from 'vitest';
import { withFirstPage, withOlderPage } from '../../../../src/console/pages/api/pages-of-rows.js';
import { problemFrom } from '../../../../src/console/pages/api/problem.js';
import { filteredItems } from '../../../../src/console/pages/text/campaign-items.js';
import { evidenceOf } from '../../../../src/console/pages/text/evidence.js';
import { campaignPlace, idOf, migrationPlace } from '../../../../src/console/pages/text/places.js';
import { timeText, tookText } from '../../../../src/console/pages/text/times.js';
import { countsText, endedOf, toneOf } from '../../../../src/console/pages/text/words.js';
import type { MigrationState } from '../../../../src/shared/migration/contract.js';
import { item, NO_ITEMS } from './items.js';

describe('counts', () => {
  const counts = { ...NO_ITEMS, MIGRATED: 28, FAILED: 2, RUNNING: 6 };

  it('are told without states that have no items', () => {
    expect(countsText(counts)).toBe('28 migrated, 2 failed, 6 running');
    expect(countsText(NO_ITEMS)).toBe('no items');
  });

  it('tell what has ended', () => {
    expect(endedOf(counts)).toBe(30);
  });
});

it("a state looks the same, whether it is ours or Temporal's", () => {
  expect(['RUNNING', 'Failed', 'COMPLETED', 'TIMED_OUT', 'whatever'].map(toneOf)).toEqual([
    'going',
    'bad',
    'good',
    'bad',
    'quiet',
  ]);
});

describe('times', () => {
  it('are in the zone', () => {
    expect(timeText('2026-12-24T22:00:05Z', 'Europe/Athens')).toBe('2026-12-25 00:00:05');
    expect(timeText('soon')).toBe('soon');
  });

  it('tell how long something took', () => {
    const startedAt = '2026-11-28T10:00:00Z';
    const nowMs = Date.parse('2026-11-28T10:02:05.700Z');
    expect(tookText({ startedAt, finishedAt: null, nowMs })).toBe('2m 5s');
    expect(tookText({ startedAt: null, finishedAt: null, nowMs })).toBe('');
  });
});

describe('addresses', () => {
  it('of a campaign bear its name, unless another page has it', () => {
    expect(campaignPlace('vnf-campaign/evacuate')).toBe('/campaigns/evacuate');
    expect(campaignPlace('vnf-campaign/new')).toBe('/campaigns/vnf-campaign%2Fnew');
  });

  it('of a migration are read again', () => {
    const place = migrationPlace('vnf-migration/1');
    expect(idOf(place.replace('/migrations/', ''))).toBe('vnf-migration/1');
    expect(idOf('100%')).toBe('100%');
  });
});

describe('items are found', () => {
  const items = [
    item(0, { vnfName: 'Firewall', targetVimName: 'athens' }),
    item(1, { vnfName: 'cache', targetVimName: 'Athens', state: 'FAILED', failureType: 'MigrationFailed' }),
  ];
  const found = (state: 'FAILED' | '', text: string): number[] =>
    filteredItems(items, { state, text }).map(({ index }) => index);

  it('by state, and by words in any case', () => {
    expect(found('', 'ATHENS')).toEqual([0, 1]);
    expect(found('', ' fire athens ')).toEqual([0]);
    expect(found('FAILED', '')).toEqual([1]);
    expect(found('', 'migrationfailed')).toEqual([1]);
    expect(found('', 'vnf-1')).toEqual([1]);
    expect(found('FAILED', 'fire')).toEqual([]);
  });
});

describe('a list that grows at its head', () => {
  const row = (id: string, startedAt: string, closedAt: string | null = null) => ({
    workflowId: id,
    startedAt,
    closedAt,
  });
  const ids = ({ rows }: { rows: readonly { workflowId: string }[] }): string[] =>
    rows.map(({ workflowId }) => workflowId);

  it('keeps rows that newer ones have moved off the first page', () => {
    const before = { rows: [row('b', '2026-01-02'), row('a', '2026-01-01')], nextCursor: 'x' };
    const after = withFirstPage(before, {
      rows: [row('c', '2026-01-03'), row('b', '2026-01-02')],
      nextCursor: 'y',
    });
    expect(ids(after)).toEqual(['c', 'b', 'a']);
    expect(after.nextCursor).toBe('x');
  });

  it('adds older pages, and ends with the last', () => {
    const before = { rows: [row('b', '2026-01-02')], nextCursor: 'x' };
    const after = withOlderPage(before, { rows: [row('a', '2026-01-01')], nextCursor: null });
    expect([ids(after), after.nextCursor]).toEqual([['b', 'a'], null]);
  });

  it('shows an open run once, and each closed run of the same id', () => {
    const before = {
      rows: [row('a', '2026-01-02'), row('a', '2026-01-01', '2026-01-01')],
      nextCursor: null,
    };
    const after = withFirstPage(before, {
      rows: [row('a', '2026-01-02T00:00:01', '2026-01-03')],
      nextCursor: null,
    });
    expect(after.rows.map(({ closedAt }) => closedAt)).toEqual(['2026-01-03', '2026-01-01']);
  });
});

describe('a problem of the API', () => {
  it('is read as RFC 9457 has it', () => {
    const body = {
      type: 'urn:vnf-migrator:problem:invalid',
      status: 422,
      detail: 'the campaign is wrong',
      problems: [{ pointer: '/campaign/limits/total', detail: 'too big' }, { detail: 'no pointer' }, 7],
    };
    const problem = problemFrom({ status: 422, body });
    expect(problem).toMatchObject({ code: 'invalid', message: 'the campaign is wrong', isPassing: false });
    expect(problem.problems).toEqual([
      { pointer: '/campaign/limits/total', detail: 'too big' },
      { detail: 'no pointer' },
    ]);
  });

  it('may come from a proxy, which knows nothing of that', () => {
    expect(problemFrom({ status: 502, body: null })).toMatchObject({ code: 'unavailable', isPassing: true });
    expect(problemFrom({ status: 500, body: 'oops' })).toMatchObject({ code: 'internal' });
  });
});

it('evidence is told in the order of time', () => {
  const state: MigrationState = {
    request: { serviceInstanceUuid: 's', vnfUuid: 'v', vimUuid: 'x' },
    phase: 'closed',
    attempts: [
      {
        number: 1,
        correlationId: 'vnfm:lab:1',
        reason: 'first',
        sent: 'confirmed',
        startedAt: '2026-11-28T10:00:00Z',
        ackedAt: '2026-11-28T10:00:01Z',
        finalAt: '2026-11-28T10:00:09Z',
        replies: [
          { status: 'MIGRATING', error: null, isFinal: false, topic: 't', at: '2026-11-28T10:00:01Z' },
          { status: 'ERROR', error: 'quota', isFinal: true, topic: 't', at: '2026-11-28T10:00:09Z' },
        ],
        notes: ['2026-11-28T10:00:05Z probe: busy', 'no time'],
      },
    ],
    verdict: {
      outcome: 'failed',
      evidence: 'reply',
      failureType: 'MigrationFailed',
      message: 'quota',
      newVnfUuid: null,
    },
    permit: { state: 'held', waitingSince: '2026-11-28T09:59:00Z', reason: null },
    trouble: null,
    mayBeRunning: false,
    startedAt: '2026-11-28T09:59:00Z',
    deadlineAt: null,
    nextStepAt: null,
  };
  expect(evidenceOf(state).map(({ title, text }) => [title, text])).toEqual([
    ['Started', null],
    ['Waits for a permit', null],
    ['Request 1: first', 'published; the broker confirmed it'],
    ['First reply: MIGRATING', null],
    ['Note', 'probe: busy'],
    ['Final reply: ERROR', 'quota'],
    ['Note', 'no time'],
    ['Verdict: failed', 'quota'],
  ]);
});
