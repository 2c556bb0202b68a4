/** Which items the query `campaignItems` shows. */
import { describe, expect, it } from 'vitest';
import type { CampaignItemsQuery } from '../../../../src/shared/campaign/views.js';
import { itemsPage } from '../../../../src/workflows/campaign/views.js';
import { campaignOf, ENDINGS, Play, STARTED_AT_MS } from './play.js';

const MINUTE_MS = 60_000;
const after = (minutes: number): string => new Date(STARTED_AT_MS + minutes * MINUTE_MS).toISOString();

/** Item 0 began and ended at once; 1 ends after two minutes; 2 begins then; 3 waits. */
function game(): Play {
  const items = [0, 1, 2, 3].map((index) => ({ service: index, source: 1, target: 5 }));
  const limits = { total: 1, perSourceVim: 1, perTargetVim: 1 };
  const one = new Play(campaignOf({ items, limits, budget: { maxErrors: 4 } }));
  one.end(one.item(0), ENDINGS['migrated']!);
  one.pass(2 * MINUTE_MS);
  one.end(one.item(1), ENDINGS['failed']!);
  return one;
}

const shown = (query: CampaignItemsQuery): number[] =>
  itemsPage(game().state, query).items.map(({ index }) => index);

describe('a page of items', () => {
  it('has those that began or ended at a time or after it, also in some states only', () => {
    expect(game().states()).toEqual(['MIGRATED', 'FAILED', 'RUNNING', 'WAITING']);
    expect(shown({})).toEqual([0, 1, 2, 3]);
    expect(shown({ changedSince: after(0) })).toEqual([0, 1, 2]);
    expect(shown({ changedSince: after(1) })).toEqual([1, 2]);
    expect(shown({ changedSince: after(1), states: ['FAILED'] })).toEqual([1]);
    expect(shown({ changedSince: after(3) })).toEqual([]);
    expect(itemsPage(game().state, { changedSince: after(1) })).toMatchObject({ total: 2, nextIndex: null });
  });

  it('reads the time in any form of ISO 8601, and shows all where it is none', () => {
    expect(shown({ changedSince: after(1).replace('.000Z', '+00:00') })).toEqual([1, 2]);
    expect(shown({ changedSince: 'yesterday' })).toEqual([0, 1, 2, 3]);
  });
});
