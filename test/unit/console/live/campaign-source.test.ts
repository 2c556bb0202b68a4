/** What is read of a campaign: few queries, and at the end every item as it ended. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { CampaignClient } from '../../../../src/client/campaign-client.js';
import { UnreadablePayloadError } from '../../../../src/codec/unreadable-payload.js';
import { CampaignSource } from '../../../../src/console/live/campaign-source.js';
import type {
  CampaignItemView,
  CampaignItemsQuery,
  CampaignProgress,
  CampaignResult,
} from '../../../../src/shared/campaign/views.js';

const item = (index: number, more: Partial<CampaignItemView> = {}): CampaignItemView =>
  ({ index, state: 'WAITING', startedAt: null, finishedAt: null, ...more }) as CampaignItemView;

/** A campaign as its client shows it; its pages have two items. */
class FakeCampaign {
  status = 'RUNNING';
  firstRunId = 'run-1';
  progressNow = { planned: 5, generation: 1, state: 'RUNNING' } as CampaignProgress;
  all = [0, 1, 2, 3, 4].map((index) => item(index));
  itemsInResult = true;
  readonly asked: string[] = [];

  readonly client = {
    describe: () =>
      Promise.resolve({
        ...{ status: { name: this.status }, closeTime: new Date(0) },
        raw: { workflowExecutionInfo: { firstRunId: this.firstRunId } },
      }),
    progress: () => this.note('progress', () => this.progressNow),
    items: (_id: string, { changedSince }: CampaignItemsQuery = {}) =>
      this.note(changedSince === undefined ? 'all' : 'since', () =>
        this.all.filter(
          // As a worker does: what is no time is ignored.
          ({ startedAt, finishedAt }) =>
            changedSince === undefined ||
            Number.isNaN(Date.parse(changedSince)) ||
            [startedAt, finishedAt].some((at) => at !== null && at >= changedSince),
        ),
      ),
    itemsPage: (_id: string, { fromIndex = 0 }: CampaignItemsQuery) =>
      this.note(`page ${fromIndex}`, () => ({
        items: this.all.slice(fromIndex, fromIndex + 2),
        nextIndex: fromIndex + 2 < this.all.length ? fromIndex + 2 : null,
      })),
    ending: () =>
      Promise.resolve({
        kind: 'result',
        result: { state: 'COMPLETED', items: this.itemsInResult ? this.all : null } as CampaignResult,
      }),
  } as unknown as CampaignClient;

  private note<T>(what: string, answer: () => T): Promise<T> {
    this.asked.push(what);
    return Promise.resolve(answer());
  }
}

let campaign: FakeCampaign;
let source: CampaignSource;

beforeEach(() => {
  campaign = new FakeCampaign();
  source = new CampaignSource(campaign.client, 'vnf-campaign/night');
});

const changedIn = ({ events }: Awaited<ReturnType<CampaignSource['read']>>): number[] =>
  events
    .filter(({ name }) => name === 'items')
    .flatMap(({ data }) => (data as { items: CampaignItemView[] }).items.map(({ index }) => index));

describe('a campaign', () => {
  it('is read whole once, and then by what has begun or ended and one page in turn', async () => {
    expect(changedIn(await source.read())).toEqual([0, 1, 2, 3, 4]);
    campaign.all[4] = item(4, { state: 'RUNNING', startedAt: '2026-11-28T10:00:00.000Z' });
    campaign.all[1] = item(1, { waitReason: 'window' });
    expect(changedIn(await source.read())).toEqual([4, 1]);
    campaign.all[2] = item(2, { waitReason: 'window' });
    await source.read();
    await source.read();
    await source.read();
    expect(campaign.asked).toEqual([
      ...['progress', 'all', 'progress', 'since', 'page 0', 'progress', 'since', 'page 2'],
      ...['progress', 'since', 'page 4', 'progress', 'since', 'page 0'],
    ]);
  });

  it('is read whole again when items were added, or another generation began', async () => {
    await source.read();
    campaign.all.push(item(5));
    campaign.progressNow = { ...campaign.progressNow, planned: 6 };
    expect(changedIn(await source.read())).toEqual([5]);
    campaign.progressNow = { ...campaign.progressNow, generation: 2 };
    await source.read();
    expect(campaign.asked.filter((what) => what === 'all')).toHaveLength(3);
  });

  it('that has ended tells each item as it ended, before the end', async () => {
    await source.read();
    campaign.status = 'COMPLETED';
    campaign.all[3] = item(3, { state: 'MIGRATED', finishedAt: '2026-11-28T10:01:00.000Z' });
    const end = await source.read();
    expect(end.isOver).toBe(true);
    expect(changedIn(end)).toEqual([3]);
    expect(source.snapshot()).toMatchObject({
      isRunning: false,
      result: { state: 'COMPLETED', items: null },
    });
  });

  it('of which nothing has begun is not read whole again and again', async () => {
    await source.read();
    let told = 0;
    const items = campaign.client.items.bind(campaign.client);
    campaign.client.items = async (...asked) => {
      const answer = await items(...asked);
      told += answer.length;
      return answer;
    };
    await source.read();
    expect(told).toBe(0);
  });

  it('that was started anew under its name is another: nothing of the first is mixed with it', async () => {
    await source.read();
    campaign.firstRunId = 'run-2';
    const failure = await source.read().catch((error: unknown) => error);
    expect(source.isGone(failure)).toBe(true);
  });

  it('whose items no worker has told does not say that it has none', async () => {
    campaign.status = 'COMPLETED';
    campaign.itemsInResult = false;
    campaign.client.items = () => Promise.reject(new Error('deadline exceeded'));
    expect((await source.read()).isOver).toBe(true);
    expect(source.knowsItems).toBe(false);
  });

  it('keeps what was told when Temporal or the worker goes away', async () => {
    await source.read();
    const known = source.snapshot();
    campaign.client.progress = () => Promise.reject(new Error('deadline exceeded'));
    const failure = await source.read().catch((error: unknown) => error);
    expect(source.troubleOf(failure)).toMatchObject({ what: 'worker' });
    expect(source.snapshot()).toEqual(known);
    campaign.client.progress = () => Promise.reject(new UnreadablePayloadError('no key k-1'));
    const unreadable = await source.read().catch((error: unknown) => error);
    expect(source.troubleOf(unreadable)).toMatchObject({ message: 'no key k-1' });
    campaign.client.describe = () => Promise.reject(new Error('no connection'));
    const outage = await source.read().catch((error: unknown) => error);
    expect(source.troubleOf(outage)).toMatchObject({ what: 'temporal' });
  });
});

describe('a page of its items', () => {
  const ALL = { from: 0, limit: 1_000, states: undefined };

  function pageOf(request: Parameters<CampaignSource['itemsPage']>[0]) {
    const { items, ...more } = JSON.parse(source.itemsPage(request).toString()) as {
      items: CampaignItemView[];
    };
    return { ...more, indexes: items.map(({ index }) => index) };
  }

  it('is made once until an item changes', async () => {
    await source.read();
    const first = source.itemsPage(ALL);
    await source.read();
    expect(source.itemsPage(ALL)).toBe(first);
    campaign.all[3] = item(3, { state: 'FAILED', startedAt: '2026-11-28T10:00:00.000Z' });
    await source.read();
    expect(source.itemsPage(ALL).toString()).toContain('FAILED');
  });

  it('has what is asked for, and where the next begins', async () => {
    campaign.all[3] = item(3, { state: 'FAILED' });
    await source.read();
    expect(pageOf({ ...ALL, limit: 2 })).toEqual({ indexes: [0, 1], total: 5, nextIndex: 2 });
    expect(pageOf({ ...ALL, from: 4 })).toEqual({ indexes: [4], total: 5, nextIndex: null });
    expect(pageOf({ ...ALL, states: ['FAILED'] })).toEqual({ indexes: [3], total: 1, nextIndex: null });
  });
});
