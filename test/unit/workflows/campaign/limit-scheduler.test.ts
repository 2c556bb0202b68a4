/** Which item starts next, and why the others wait. */
import { describe, expect, it } from 'vitest';
import type { CampaignLimits } from '../../../../src/shared/campaign/contract.js';
import { newItem, type Item } from '../../../../src/workflows/campaign/item.js';
import { Scheduler } from '../../../../src/workflows/campaign/limit-scheduler.js';
import { campaignOf, ENDINGS, Play, service, uuid, vim, type ItemGiven } from './play.js';

const WIDE = { total: 500, perSourceVim: 500, perTargetVim: 500 };

/** Items that start in the order in which they are given. */
function itemsOf(given: ItemGiven[]): Item[] {
  return given.map(({ service: of, source, target }, index) => ({
    ...newItem(
      {
        serviceInstanceUuid: service(of),
        vnfUuid: uuid(index + 1),
        sourceVimUuid: source === null ? null : vim(source),
        targetVimUuid: vim(target),
        priority: 0,
        wave: 1,
        ...{ vnfName: null, serviceName: null, needs: null },
      },
      { index, stage: 0, rank: index, hasOwnTarget: true },
    ),
    state: 'WAITING' as const,
  }));
}

function started(scheduler: Scheduler, limits: CampaignLimits): number[] {
  const indexes: number[] = [];
  for (let item = scheduler.take(limits); item !== null; item = scheduler.take(limits)) {
    item.state = 'RUNNING';
    scheduler.occupy(item);
    indexes.push(item.index);
  }
  return indexes;
}

function scheduling(given: ItemGiven[]) {
  const items = itemsOf(given);
  const scheduler = new Scheduler(({ state }) => state === 'WAITING');
  items.forEach((item) => scheduler.offer(item));
  const end = (index: number): void => {
    items[index]!.state = 'MIGRATED';
    scheduler.release(items[index]!);
  };
  return { items, scheduler, end };
}

describe('the first item whose limits are all free', () => {
  it('starts, whatever waits before it', () => {
    const { scheduler } = scheduling([
      { service: 1, source: 1, target: 5 },
      { service: 2, source: 1, target: 5 },
      { service: 3, source: 2, target: 5 },
      { service: 4, source: 2, target: 6 },
      { service: 1, source: 3, target: 6 },
    ]);
    expect(started(scheduler, { total: 9, perSourceVim: 1, perTargetVim: 2 })).toEqual([0, 2]);
    expect(started(scheduler, { total: 9, perSourceVim: 2, perTargetVim: 2 })).toEqual([3]);
    expect(started(scheduler, WIDE)).toEqual([1]);
  });

  it('is not held by a source that nobody knows', () => {
    const { scheduler } = scheduling([1, 2, 3].map((of) => ({ service: of, source: null, target: 5 })));
    expect(started(scheduler, { total: 9, perSourceVim: 1, perTargetVim: 9 })).toEqual([0, 1, 2]);
  });

  it('waits for its service alone where nothing else is full', () => {
    const { scheduler, end } = scheduling([1, 1, 2, 1].map((of) => ({ service: of, source: 1, target: 5 })));
    expect(started(scheduler, WIDE)).toEqual([0, 2]);
    end(0);
    expect(started(scheduler, WIDE)).toEqual([1]);
    end(1);
    expect(started(scheduler, WIDE)).toEqual([3]);
  });

  it('starts although the one of its service before it was skipped while it waited', () => {
    const { items, scheduler, end } = scheduling(
      [1, 1, 1].map((of) => ({ service: of, source: 1, target: 5 })),
    );
    expect(started(scheduler, WIDE)).toEqual([0]);
    end(0);
    items[1]!.state = 'SKIPPED';
    expect(started(scheduler, WIDE)).toEqual([2]);
  });

  it('is held by where it is now, not by where it was when it began to wait', () => {
    const { items, scheduler } = scheduling([
      { service: 1, source: 1, target: 5 },
      { service: 2, source: 2, target: 5 },
    ]);
    items[1]!.source = vim(1);
    expect(started(scheduler, { total: 9, perSourceVim: 1, perTargetVim: 9 })).toEqual([0]);
  });

  it('is found where it is now', () => {
    const { items, scheduler, end } = scheduling([
      { service: 1, source: 1, target: 5 },
      { service: 2, source: 2, target: 5 },
    ]);
    expect(started(scheduler, { ...WIDE, total: 1 })).toEqual([0]);
    end(0);
    items[1]!.source = vim(1);
    expect(started(scheduler, WIDE)).toEqual([1]);
  });
});

describe('the order of starts', () => {
  const all = (given: ItemGiven[], more = {}): number[] => {
    const game = new Play(
      campaignOf({ items: given, limits: { total: 1, perSourceVim: 1, perTargetVim: 1 }, ...more }),
    );
    const order: number[] = [];
    for (let [item] = game.inFlight(); item !== undefined; [item] = game.inFlight()) {
      order.push(item.index);
      game.end(item, ENDINGS['migrated']!);
    }
    return order;
  };
  const given = [0, 5, 0, 5, -1].map((priority, index) => ({
    service: index,
    source: 1,
    target: 5,
    priority,
  }));

  it('is by priority, then as given', () => {
    expect(all(given)).toEqual([1, 3, 0, 2, 4]);
  });

  it('is as given where the campaign says so', () => {
    expect(all(given, { order: 'input' })).toEqual([0, 1, 2, 3, 4]);
  });

  it('has earlier waves before later ones, whatever their priority', () => {
    const waves = given.map((item, index) => ({ ...item, wave: index === 1 ? 2 : 1 }));
    expect(all(waves)).toEqual([3, 0, 2, 4, 1]);
  });
});

describe('stages', () => {
  const items = [1, 1, 2, 2].map((wave, index) => ({ service: index, source: 1, target: 5, wave }));
  const endAll = (game: Play): void => {
    for (const item of game.inFlight()) game.end(item, ENDINGS['migrated']!);
  };

  it('begin when every item before them has ended, and no sooner', () => {
    const game = new Play(campaignOf({ items, limits: WIDE }));
    expect(game.states()).toEqual(['RUNNING', 'RUNNING', 'WAITING', 'WAITING']);
    expect(game.state.waitReasonOf(game.item(2))).toBe('gate');
    game.end(game.item(0), ENDINGS['failed']!);
    expect(game.states()[2]).toBe('WAITING');
    game.order('resume');
    game.end(game.item(1), ENDINGS['migrated']!);
    expect(game.states().slice(2)).toEqual(['RUNNING', 'RUNNING']);
  });

  it('wait for approval where their gate is manual, and only then take it', () => {
    const game = new Play(campaignOf({ items, limits: WIDE, waves: { gate: 'manual' } }));
    expect(game.order('approve')).toBe(false);
    endAll(game);
    expect(game.states().slice(2)).toEqual(['WAITING', 'WAITING']);
    expect(game.order('approve')).toBe(true);
    expect(game.states().slice(2)).toEqual(['RUNNING', 'RUNNING']);
    expect(game.order('approve')).toBe(false);
  });

  it('begin with the canary, which is approved before the rest of its wave', () => {
    const game = new Play(campaignOf({ items, limits: WIDE, canary: { count: 1, pauseAfter: true } }));
    expect(game.states()).toEqual(['RUNNING', 'WAITING', 'WAITING', 'WAITING']);
    endAll(game);
    expect(game.state.facts.gateSinceMs).not.toBeNull();
    game.order('approve');
    expect(game.states()).toEqual(['MIGRATED', 'RUNNING', 'WAITING', 'WAITING']);
    endAll(game);
    expect(game.states().slice(2)).toEqual(['RUNNING', 'RUNNING']);
  });

  it('ask for one approval where the canary is the whole first wave', () => {
    const given = {
      items,
      limits: WIDE,
      canary: { count: 2, pauseAfter: true },
      waves: { gate: 'manual' as const },
    };
    const game = new Play(campaignOf(given));
    endAll(game);
    game.order('approve');
    expect(game.states().slice(2)).toEqual(['RUNNING', 'RUNNING']);
  });

  it('are passed without approval when nothing is left in them', () => {
    const game = new Play(campaignOf({ items, limits: WIDE, waves: { gate: 'manual' } }));
    game.order('skip', { vnfUuids: [uuid(3), uuid(4)] });
    endAll(game);
    expect(game.state.isDone).toBe(true);
  });
});
