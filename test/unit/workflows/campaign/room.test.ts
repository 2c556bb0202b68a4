/** Campaigns whose items go where room is, played against VIMs that count for themselves. */
import { describe, expect, it } from 'vitest';
import { parseCampaign, type CampaignInput } from '../../../../src/shared/campaign/contract.js';
import { planCampaign, type InventoryVnf } from '../../../../src/shared/campaign/plan.js';
import type { Vim } from '../../../../src/shared/vim/vim.js';
import { pack, unpack, type CarriedCampaign } from '../../../../src/workflows/campaign/continue-as-new.js';
import type { Ending } from '../../../../src/workflows/campaign/child-outcomes.js';
import { newFacts } from '../../../../src/workflows/campaign/facts.js';
import type { Item } from '../../../../src/workflows/campaign/item.js';
import { CampaignState } from '../../../../src/workflows/campaign/state.js';
import { service, STARTED_AT_MS, uuid, vim } from './play.js';

const HEADROOM = 0.1;
const CORES_PER_VNF = 2;
const MEMORY_PER_VNF = 1_024;
const LIMITS = { total: 20, perSourceVim: 50, perTargetVim: 10 };

interface WorldOptions {
  /** Cores of each target VIM. */
  sizes: number[];
  items: number;
  /** Cores that each VNF states; null: none. */
  cores?: (index: number) => number | null;
  more?: Partial<CampaignInput>;
}

/** The VIMs as they are, and a campaign that hears of them now and then. */
class World {
  nowMs = STARTED_AT_MS;
  state: CampaignState;
  private readonly used = new Map<string, number>();
  private readonly needs: (number | null)[];

  constructor(private readonly options: WorldOptions) {
    const { sizes, items, cores = () => CORES_PER_VNF, more } = options;
    this.needs = Array.from({ length: items }, (_, index) => cores(index));
    const parsed = parseCampaign({
      items: this.needs.map((_, index) => ({
        serviceInstanceUuid: service(index),
        vnfUuid: uuid(index + 1),
      })),
      target: { vims: sizes.map((_, index) => vim(index + 1)), strategy: 'most-free', headroom: '10%' },
      limits: LIMITS,
      budget: { maxErrors: '100%', maxConsecutive: 10_000 },
      ...more,
    });
    if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('; '));
    const { items: listed, ...spec } = parsed.spec;
    this.state = new CampaignState({ facts: newFacts(spec, this.nowMs) });
    this.state.facts.settings = { deployment: 'd', hasRepository: true, hasBus: true, searchAttributes: [] };
    this.state.list(planCampaign({ spec: parsed.spec, inventory: null }).items, () => false);
    this.state.plan(
      planCampaign({ spec: { ...spec, items: listed! }, inventory: this.inventory() }),
      this.nowMs,
    );
    this.read();
  }

  /** Starts what may start, and counts it where it goes: the MANO builds the new VNF there at once. */
  startDue(): Item[] {
    this.state.wake(this.nowMs);
    const started: Item[] = [];
    for (
      let item = this.state.startNext(this.nowMs);
      item !== null;
      item = this.state.startNext(this.nowMs)
    ) {
      this.state.began(item, { runId: uuid(0xa0_0000 + item.index), atMs: this.nowMs });
      this.use(item.target, this.needs[item.index] ?? 0);
      started.push(item);
    }
    return started;
  }

  end(item: Item, outcome: Ending['outcome']): void {
    const { target } = item;
    const failureType = outcome === 'failed' ? 'MigrationFailed' : null;
    if (outcome === 'failed' && target !== null) this.use(target, -(this.needs[item.index] ?? 0));
    this.state.ended(item, {
      ending: { outcome, newVnfUuid: null, failureType, message: failureType },
      atMs: this.nowMs,
    });
  }

  /** The campaign reads the list. */
  read(): void {
    const vims = this.options.sizes.map((_, index) => this.vimOf(index));
    const listedAt = new Date(this.nowMs).toISOString();
    this.state.listed({ kind: 'listed', listedAt, vims, total: vims.length, known: [] }, this.nowMs);
  }

  carry(): void {
    this.state = unpack(JSON.parse(JSON.stringify(pack(this.state))) as CarriedCampaign);
  }

  loads(): number[] {
    return this.options.sizes.map((_, index) => this.used.get(vim(index + 1)) ?? 0);
  }

  running(): Item[] {
    return this.state.items.filter(({ state }) => state === 'RUNNING');
  }

  private use(target: string, cores: number): void {
    this.used.set(target, (this.used.get(target) ?? 0) + cores);
  }

  private vimOf(index: number): Vim {
    const total = this.options.sizes[index] ?? 0;
    const used = this.used.get(vim(index + 1)) ?? 0;
    return {
      ...{ uuid: vim(index + 1), name: `vim-${String(index + 1)}`, city: null, type: 'vm' },
      cores: { used, total },
      memoryMb: { used: 0, total: 1_000_000 },
    };
  }

  private inventory(): InventoryVnf[] {
    return this.needs.map((cores, index) => ({
      vnfUuid: uuid(index + 1),
      serviceInstanceUuids: [service(index)],
      vimUuids: [vim(99)],
      status: 'normal operation',
      name: `vnf-${String(index)}`,
      serviceName: null,
      needs: {
        demand: { cores: cores ?? 0, memoryMb: cores === null ? 0 : MEMORY_PER_VNF },
        isStated: cores !== null,
        vimTypes: ['vm'],
      },
    }));
  }
}

const room = (size: number): number => size * (1 - HEADROOM);

describe('a campaign whose items go where room is', () => {
  it('gives each VIM what it has room for, the emptiest share first', () => {
    const world = new World({ sizes: [100, 20, 40], items: 20 });
    world.startDue();
    expect(world.running()).toHaveLength(20);
    const [large = 0, small = 0, middle = 0] = world.loads();
    expect(large).toBeGreaterThan(middle);
    expect(middle).toBeGreaterThan(small);
  });

  it('reserves from the start: what started a moment ago counts before any list shows it', () => {
    const world = new World({ sizes: [10, 10], items: 20 });
    world.startDue();
    expect(world.loads()).toEqual([8, 8]);
    expect(world.state.waitReasonOf(world.state.items[19]!)).toBe('capacity');
  });

  it('keeps what has ended reserved until a list that was queried after its end', () => {
    const world = new World({ sizes: [10], items: 5 });
    for (const item of world.startDue()) world.end(item, 'failed');
    expect(world.startDue()).toEqual([]);
    world.nowMs += 60_000;
    world.read();
    expect(world.startDue()).toHaveLength(1);
  });

  it('uses no list that is older than five minutes, such as after a long pause', () => {
    const world = new World({ sizes: [100], items: 2 });
    const { state } = world;
    state.pauseFor('operator', { actor: 'ops', reason: 'lunch', atMs: world.nowMs });
    expect(state.roomDueMs(world.nowMs + 60_000)).toBeNull();
    world.nowMs += 300_001;
    state.resume({ actor: 'ops', reason: 'back', atMs: world.nowMs });
    expect(world.startDue()).toEqual([]);
    expect(state.waitReasonOf(state.items[0]!)).toBe('capacity');
    expect(state.roomDueMs(world.nowMs)).toBe(world.nowMs);
    world.read();
    expect(world.startDue()).toHaveLength(2);
  });

  it('lets a small VNF go before a large one that has no room', () => {
    const world = new World({ sizes: [10], items: 2, cores: (index) => (index === 0 ? 9 : 1) });
    const [first] = world.startDue();
    expect(first?.index).toBe(0);
    expect(world.state.waitReasonOf(world.state.items[1]!)).toBe('capacity');
    const other = new World({ sizes: [10], items: 3, cores: (index) => [5, 5, 1][index] ?? 1 });
    expect(other.startDue().map(({ index }) => index)).toEqual([0, 2]);
  });

  it('fails what fits on no VIM, not even on an empty one, and says what it needs', () => {
    const world = new World({ sizes: [10, 20], items: 2, cores: (index) => (index === 0 ? 19 : 2) });
    expect(world.state.items[0]).toMatchObject({
      state: 'FAILED',
      message: expect.stringMatching(
        /needs 19 cores and 1024 MB, type vm: it would fit on no target VIM/,
      ) as string,
    });
    expect(world.state.items[1]?.state).toBe('WAITING');
  });

  it('lets what states no needs go anywhere', () => {
    const world = new World({ sizes: [0], items: 3, cores: () => null });
    expect(world.startDue()).toHaveLength(3);
  });

  it('reads the list every minute, sooner while something waits for room, and never when nothing waits', () => {
    const world = new World({ sizes: [1_000], items: 21 });
    const { state } = world;
    const dueInMs = (): number | null => {
      const dueMs = state.roomDueMs(world.nowMs);
      return dueMs === null ? null : dueMs - world.nowMs;
    };
    expect(dueInMs()).toBe(60_000);
    const started = world.startDue();
    expect(started).toHaveLength(10);
    expect(state.waitReasonOf(state.items[20]!)).toBe('target-limit');
    for (const item of started) world.end(item, 'migrated');
    for (const item of world.startDue()) world.end(item, 'migrated');
    for (const item of world.startDue()) world.end(item, 'migrated');
    expect(dueInMs()).toBeNull();
  });

  it('never fills a VIM above its room less the headroom, whatever ends how, when the list is read and the run changes', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const chance = chances(seed);
      const sizes = [30, 60, 120].map((size) => Math.round(size * (1 + chance())));
      const cores = (index: number): number => 1 + ((index * seed) % 4);
      const world = new World({ sizes, items: 80, cores });
      for (let step = 0; step < 400; step += 1) {
        world.startDue();
        world.loads().forEach((load, index) => {
          expect(load, `seed ${String(seed)}, step ${String(step)}`).toBeLessThanOrEqual(
            room(sizes[index] ?? 0),
          );
        });
        world.nowMs += Math.round(chance() * 8_000);
        const [first] = world.running();
        if (first !== undefined && chance() < 0.6) world.end(first, outcomeBy(chance()));
        if (chance() < 0.1) world.read();
        if (chance() < 0.05) world.carry();
      }
      for (const item of world.state.items) {
        if (item.state === 'WAITING') expect(world.state.waitReasonOf(item)).not.toBeNull();
      }
    }
  });
});

function outcomeBy(luck: number): Ending['outcome'] {
  if (luck < 0.1) return 'failed';
  return luck < 0.15 ? 'lost' : 'migrated';
}

/** The generator mulberry32. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
