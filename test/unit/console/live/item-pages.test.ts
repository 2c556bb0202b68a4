/** Pages of items: made once for all who ask, until an item changes. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { CampaignClient } from '../../../../src/client/campaign-client.js';
import { CampaignSource } from '../../../../src/console/live/campaign-source.js';
import type { CampaignItemView, ItemState } from '../../../../src/shared/campaign/views.js';

const ALL = { from: 0, limit: 1_000, states: undefined };

/** A campaign that runs, as its client tells of it. */
const states: ItemState[] = [];
const items = (): CampaignItemView[] =>
  states.map((state, index) => ({ index, state, startedAt: null, finishedAt: null }) as CampaignItemView);
const campaigns = {
  describe: () => Promise.resolve({ status: { name: 'RUNNING' }, closeTime: undefined, raw: {} }),
  progress: () => Promise.resolve({ planned: states.length, generation: 0 }),
  items: () => Promise.resolve(items()),
  itemsPage: () => Promise.resolve({ items: items(), nextIndex: null }),
} as unknown as CampaignClient;

let source: CampaignSource;

beforeEach(async () => {
  states.splice(0, Infinity, 'MIGRATED', 'RUNNING', 'PLANNED');
  source = new CampaignSource(campaigns, 'vnf-campaign/night');
  await source.read();
});

function pageOf(request: Parameters<CampaignSource['itemsPage']>[0]) {
  const page = JSON.parse(source.itemsPage(request).toString()) as {
    items: CampaignItemView[];
    total: number;
    nextIndex: number | null;
  };
  return { ...page, items: page.items.map(({ index }) => index) };
}

describe('a page of items', () => {
  it('is made once until an item changes', async () => {
    const first = source.itemsPage(ALL);
    await source.read();
    expect(source.itemsPage(ALL)).toBe(first);
    states[1] = 'FAILED';
    await source.read();
    expect(source.itemsPage(ALL).toString()).toContain('FAILED');
  });

  it('has what is asked for, and where the next begins', () => {
    expect(pageOf({ ...ALL, limit: 2 })).toEqual({ items: [0, 1], total: 3, nextIndex: 2 });
    expect(pageOf({ ...ALL, from: 2 })).toEqual({ items: [2], total: 3, nextIndex: null });
    expect(pageOf({ ...ALL, states: ['PLANNED', 'RUNNING'] })).toEqual({
      ...{ items: [1, 2], total: 2, nextIndex: null },
    });
  });
});
