/** The state that a campaign passes from one run to the next, and the cost of ten thousand items. */
import { randomUUID } from 'node:crypto';
import { needsFromText } from '../../../../src/shared/vim/demand.js';
import { describe, expect, it } from 'vitest';
import { compactUuid, fullUuid } from '../../../../src/shared/compact-uuid.js';
import { pack, unpack } from '../../../../src/workflows/campaign/continue-as-new.js';
import { currentDetailsOf, progressOf, resultOf } from '../../../../src/workflows/campaign/views.js';
import { CampaignState } from '../../../../src/workflows/campaign/state.js';
import { newFacts } from '../../../../src/workflows/campaign/facts.js';
import { newItem } from '../../../../src/workflows/campaign/item.js';
import { campaignOf, ENDINGS, Play, STARTED_AT_MS, uuid, vim } from './play.js';

const MANY = 10_000;
const MOST_BYTES = 1.5 * 1024 * 1024;

describe('a compact UUID', () => {
  it('is the same UUID in 22 characters', () => {
    const all = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
    for (const one of [...all, ...Array.from({ length: 200 }, () => randomUUID())]) {
      expect(compactUuid(one)).toMatch(/^[\w-]{22}$/);
      expect(fullUuid(compactUuid(one))).toBe(one);
    }
  });
});

describe('a campaign that is carried over', () => {
  it('is the same campaign', () => {
    const items = Array.from({ length: 30 }, (_, index) => ({
      service: index % 20,
      source: index % 3 === 0 ? null : 1,
      target: 5 + (index % 2),
      priority: index % 4,
      wave: 1 + (index % 3),
    }));
    const game = new Play(
      campaignOf({
        items,
        canary: { count: 7, pauseAfter: false },
        budget: { maxErrors: '100%', maxConsecutive: 99 },
      }),
    );
    for (const [nth, how] of [...Object.keys(ENDINGS), 'migrated', 'busy', 'failed'].entries()) {
      const running = game.inFlight();
      const item = running[nth % Math.max(running.length, 1)];
      if (item !== undefined) game.end(item, ENDINGS[how]!);
    }
    const [first] = game.inFlight();
    if (first !== undefined) game.state.startRefused(first, game.nowMs);
    game.order('pause');
    game.order('retryFailed');
    game.order('setLimits', { limits: { total: 3 } });
    const before = game.state;
    game.carry();
    const bare = ({ items: all }: CampaignState) => all.map((item) => ({ ...item, isQueued: false }));
    expect(bare(game.state)).toEqual(bare(before));
    expect(game.state.facts).toEqual(before.facts);
    expect(game.state.counts).toEqual(before.counts);
    expect(progressOf(game.state, game.nowMs)).toEqual(progressOf(before, game.nowMs));
    expect(game.state.audit.view()).toEqual(before.audit.view());
    expect(game.state.nextWakeMs()).toBe(before.nextWakeMs());
    expect(game.state.nextOwnerMs()).toBe(before.nextOwnerMs());
  });
});

/** Whatever has become of them: new ids, failures each with a text of its own, runs that are known. */
function worstOf(count: number): CampaignState {
  const { facts } = campaignOf({ items: [{ service: 1, source: 1, target: 5 }] });
  const state = new CampaignState({
    facts: { ...newFacts(facts.spec, STARTED_AT_MS), ...facts, stages: facts.stages },
  });
  for (let index = 0; index < count; index += 1) {
    const item = newItem(
      {
        serviceInstanceUuid: randomUUID(),
        vnfUuid: randomUUID(),
        sourceVimUuid: vim(index % 50),
        targetVimUuid: vim(60 + (index % 50)),
        priority: index % 3,
        wave: 1,
        vnfName: `vnf-of-a-tenant-${String(index % 500)}`,
        serviceName: `service-of-a-tenant-${String(index % 2_000)}`,
        needs: needsFromText(`${String(1 + (index % 8))}/${String(1_024 * (1 + (index % 4)))}/vm`),
      },
      { index, stage: 0, rank: index, hasOwnTarget: true },
    );
    const isMigrated = index % 3 > 0;
    state.append({
      ...item,
      hasBegun: true,
      state: isMigrated ? 'MIGRATED' : 'FAILED',
      newVnf: isMigrated ? randomUUID() : null,
      failureType: isMigrated ? null : 'MigrationFailed',
      message: isMigrated ? null : `the MANO said no to ${randomUUID()}`.padEnd(300, '.'),
      startedAtMs: STARTED_AT_MS + index * 60_123,
      finishedAtMs: STARTED_AT_MS + index * 60_123 + 90_000,
    });
  }
  for (let nth = 0; nth < 2_000; nth += 1) {
    state.audit.add({ atMs: STARTED_AT_MS, actor: 'ada', action: 'setLimits', reason: 'r'.repeat(2_000) });
  }
  return state;
}

describe('ten thousand items', () => {
  it('are carried in less than 1.5 MiB, and taken up at once', () => {
    const state = worstOf(MANY);
    const text = JSON.stringify(pack(state));
    expect(text.length).toBeLessThan(MOST_BYTES);
    const sinceMs = performance.now();
    const again = unpack(JSON.parse(text) as ReturnType<typeof pack>);
    expect(performance.now() - sinceMs).toBeLessThan(2_000);
    expect(again.items).toHaveLength(MANY);
    expect(again.items[5]).toMatchObject({ newVnf: state.items[5]?.newVnf, failureType: null });
    expect(again.items[9_999]).toMatchObject({
      state: 'FAILED',
      failureType: 'MigrationFailed',
      message: null,
    });
  });

  it('have a progress, details and a result that fit a message', () => {
    const state = worstOf(MANY);
    expect(JSON.stringify(progressOf(state, STARTED_AT_MS)).length).toBeLessThan(200_000);
    expect(currentDetailsOf(state).length).toBeLessThan(1_000);
    const result = resultOf(state);
    expect(result.items).toBeNull();
    expect(JSON.stringify(result).length).toBeLessThan(1_000_000);
  });

  it.each([
    [
      'of services and VIMs of their own',
      (index: number) => ({ service: index, source: index % 500, target: 600 + (index % 500) }),
    ],
    ['that leave one VIM', (index: number) => ({ service: index, source: 1, target: 5 })],
    [
      'of ten services',
      (index: number) => ({ service: index % 10, source: index % 7, target: 10 + (index % 5) }),
    ],
  ])('%s cost a few seconds of scheduling in all, and no step more than one', (_, place) => {
    const sinceMs = performance.now();
    const state = campaignOf({
      items: Array.from({ length: MANY }, (__, index) => place(index)),
      limits: { total: 20, perSourceVim: 10, perTargetVim: 10 },
    });
    const running = new Set<NonNullable<ReturnType<CampaignState['startNext']>>>();
    let [slowestMs, ended, nowMs] = [0, 0, STARTED_AT_MS];
    while (!state.isDone) {
      const stepMs = performance.now();
      for (let item = state.startNext(nowMs); item !== null; item = state.startNext(nowMs)) running.add(item);
      const [first] = running;
      if (first !== undefined) {
        running.delete(first);
        state.ended(first, {
          ending: { ...ENDINGS['migrated']!, newVnfUuid: uuid(0xe0_0000 + ended) },
          atMs: nowMs,
        });
      }
      currentDetailsOf(state);
      [ended, nowMs] = [ended + 1, nowMs + 100];
      slowestMs = Math.max(slowestMs, performance.now() - stepMs);
    }
    expect(state.counts.MIGRATED).toBe(MANY);
    expect(performance.now() - sinceMs).toBeLessThan(20_000);
    expect(slowestMs).toBeLessThan(1_000);
  });
});
