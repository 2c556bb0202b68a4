/** What a page knows of a campaign, event by event. */
import { describe, expect, it } from 'vitest';
import type { CampaignView } from '../../../../src/console/pages/api/types.js';
import {
  knownItems,
  NOTHING_KNOWN,
  notLive,
  withBatch,
  withPage,
  withSnapshot,
  type CampaignLive,
} from '../../../../src/console/pages/live/campaign-state.js';
import { item, progress } from './items.js';

const VIEW: CampaignView = {
  workflowId: 'vnf-campaign/evacuate',
  name: 'evacuate',
  status: 'RUNNING',
  isRunning: true,
  closedAt: null,
  progress: progress(),
  result: null,
  failure: null,
  unavailable: null,
};

const SNAPSHOT = withSnapshot(NOTHING_KNOWN, VIEW);

function states(live: CampaignLive): string[] {
  return knownItems(live).map(({ state }) => state);
}

function batchOf(...items: ReturnType<typeof item>[]) {
  return { progress: null, items: new Map(items.map((one) => [one.index, one])) };
}

describe('a page of items', () => {
  it('is taken', () => {
    const live = withPage(SNAPSHOT, { items: [item(0), item(1)], total: 3, isLast: false });
    expect(states(live)).toEqual(['WAITING', 'WAITING']);
    expect(live).toMatchObject({ total: 3, isComplete: false });
  });

  it('sets back no item that an event has told meanwhile', () => {
    const told = withBatch(SNAPSHOT, batchOf(item(1, { state: 'RUNNING' })));
    const live = withPage(told, { items: [item(0), item(1)], total: 2, isLast: true });
    expect(states(live)).toEqual(['WAITING', 'RUNNING']);
    expect(live.isComplete).toBe(true);
  });

  it('after another snapshot is newer than what events told before', () => {
    const told = withBatch(SNAPSHOT, batchOf(item(0, { state: 'RUNNING' })));
    const again = withSnapshot(told, VIEW);
    expect(states(again)).toEqual(['RUNNING']);
    const live = withPage(again, { items: [item(0, { state: 'MIGRATED' })], total: 1, isLast: true });
    expect(states(live)).toEqual(['MIGRATED']);
  });
});

describe('a reading of all items', () => {
  it('leaves none of a campaign of the same name that had more, but those that events told since', () => {
    const larger = withPage(SNAPSHOT, {
      items: [0, 1, 2, 3].map((index) => item(index)),
      total: 4,
      isLast: true,
    });
    const anew = withSnapshot(larger, VIEW);
    const live = withPage(anew, { items: [item(0), item(1)], total: 2, isLast: true });
    expect(live.items).toHaveLength(2);
    expect(live.total).toBe(2);
    const added = withBatch(anew, batchOf(item(2, { state: 'RUNNING' })));
    expect(withPage(added, { items: [item(0), item(1)], total: 2, isLast: true }).items).toHaveLength(3);
  });
});

describe('a batch', () => {
  it('adds items that the campaign did not have', () => {
    const live = withBatch(
      withPage(SNAPSHOT, { items: [item(0)], total: 1, isLast: true }),
      batchOf(item(4)),
    );
    expect(knownItems(live).map(({ index }) => index)).toEqual([0, 4]);
    expect(live.total).toBe(5);
  });

  it('changes no state in place', () => {
    const before = withPage(SNAPSHOT, { items: [item(0)], total: 1, isLast: true });
    withBatch(before, batchOf(item(0, { state: 'FAILED' })));
    expect(states(before)).toEqual(['WAITING']);
  });

  it('without anything is the same state', () => {
    expect(withBatch(SNAPSHOT, batchOf())).toBe(SNAPSHOT);
  });

  it('of progress alone leaves the items as they are', () => {
    const live = withBatch(SNAPSHOT, { progress: progress({ state: 'PAUSED' }), items: new Map() });
    expect(live.items).toBe(SNAPSHOT.items);
    expect(live.progress?.state).toBe('PAUSED');
  });
});

describe('the page is not live', () => {
  it('while the connection is lost', () => {
    const link = { kind: 'lost', sinceMs: 5, reason: null } as const;
    expect(notLive({ link, trouble: null })?.sinceMs).toBe(5);
  });

  it('while the console cannot read the campaign', () => {
    const trouble = { since: '2026-11-28T10:00:00Z', what: 'worker', message: 'no worker answers' } as const;
    expect(notLive({ link: { kind: 'live' }, trouble })).toEqual({
      sinceMs: Date.parse(trouble.since),
      reason: 'no worker answers',
    });
  });

  it('but once it is over, there is nothing to come', () => {
    expect(notLive({ link: { kind: 'over' }, trouble: null })).toBeNull();
    expect(notLive({ link: { kind: 'live' }, trouble: null })).toBeNull();
  });
});

it('10,000 items under a thousand batches take less than three seconds', () => {
  const all = Array.from({ length: 10_000 }, (_, index) => item(index));
  let live = withPage(SNAPSHOT, { items: all, total: all.length, isLast: true });
  const startedAt = performance.now();
  for (let nth = 0; nth < 1_000; nth += 1) live = withBatch(live, batchOf(item(nth, { state: 'RUNNING' })));
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(states(live).filter((state) => state === 'RUNNING')).toHaveLength(1_000);
});
