/**
 * The items of a campaign, each in one state, and where each waits.
 *
 * Invariants: pure; an item changes its state through `enter` alone, which keeps the counts, what is in flight and
 * what runs under which VNF id; a WAITING item is in one place: asleep until a time, with another caller, to be
 * looked up, or offered to the scheduler, unless its stage has not begun.
 */
import type { ItemCounts, ItemState } from '../../shared/campaign/views.js';
import { placementOf } from '../../shared/campaign/plan.js';
import type { CampaignFacts } from './facts.js';
import { hasEnded, isError, type Item } from './item.js';
import { Scheduler } from './limit-scheduler.js';
import { ranksOf } from './start-order.js';
import { MinHeap } from '../runtime/min-heap.js';

interface Timed {
  item: Item;
  atMs: number;
}

const byTime = (): MinHeap<Timed> => new MinHeap<Timed>(({ atMs }) => atMs);

export class ItemStore {
  readonly items: Item[] = [];
  readonly counts: ItemCounts = noCounts();
  readonly running = new Set<Item>();
  /** Those whose VNF must be looked up first. */
  readonly lookUps = new Set<Item>();
  /** It changes if and only if something does. */
  seq = 0;
  protected readonly scheduler: Scheduler;
  /** Items of stages that have begun, and have not ended themselves. */
  protected unendedOpen = 0;
  private readonly sleeping = byTime();
  private readonly owned = byTime();
  /** Every id that a VNF of an item has had. */
  private readonly ids = new Map<string, Item>();
  /** By VNF id, what runs. */
  private readonly atWork = new Map<string, Item>();
  private busyFailures = 0;

  constructor(readonly facts: CampaignFacts) {
    this.scheduler = new Scheduler((item) => this.mayStart(item), placementOf(facts.spec.target));
    for (const stage of facts.stages) stage.unended = 0;
  }

  get errors(): number {
    return this.counts.FAILED + this.counts.UNKNOWN - this.busyFailures;
  }

  itemOf(vnfUuid: string): Item | undefined {
    return this.ids.get(vnfUuid);
  }

  /** The migration that runs under this VNF id, if it is one of ours. */
  atWorkOn(vnfUuid: string): Item | undefined {
    return this.atWork.get(vnfUuid);
  }

  /** What is over of waiting by `nowMs`, waits no more. */
  wake(nowMs: number): void {
    for (
      let next = this.sleeping.peek();
      next !== undefined && next.atMs <= nowMs;
      next = this.sleeping.peek()
    ) {
      this.sleeping.pop();
      const { item, atMs } = next;
      if (item.state !== 'WAITING' || item.isOwned || item.notBeforeMs !== atMs) continue;
      item.notBeforeMs = 0;
      this.queue(item);
    }
  }

  /** Items that it is time to ask Temporal about, at most `most`. Each is answered with (un)described. */
  toDescribe(nowMs: number, most: number): Item[] {
    const { silenceTimeout } = this.facts.spec;
    const silent = [...this.running].filter(
      ({ heardAtMs, runId }) => runId !== null && heardAtMs + silenceTimeout <= nowMs,
    );
    const due = silent.slice(0, most);
    for (let next = this.owned.peek(); next !== undefined && next.atMs <= nowMs; next = this.owned.peek()) {
      if (due.length >= most) break;
      this.owned.pop();
      const { item, atMs } = next;
      if (item.state === 'WAITING' && item.isOwned && item.notBeforeMs === atMs) due.push(item);
    }
    return due;
  }

  /** When `wake` has something to do; null: never. */
  nextWakeMs(): number | null {
    return this.sleeping.peek()?.atMs ?? null;
  }

  /** When another caller is to be asked about; null: never. */
  nextOwnerMs(): number | null {
    return this.owned.peek()?.atMs ?? null;
  }

  protected get unended(): number {
    const { PLANNED, WAITING, RUNNING } = this.counts;
    return PLANNED + WAITING + RUNNING;
  }

  private mayStart({ state, isOwned, mustLookUp, notBeforeMs, stage }: Item): boolean {
    return (
      state === 'WAITING' && !isOwned && !mustLookUp && notBeforeMs === 0 && stage <= this.facts.openStage
    );
  }

  /** A new item, in whatever state. */
  append(item: Item): void {
    this.items.push(item);
    this.enlist(item);
  }

  private enlist(item: Item): void {
    this.learnId(item, {});
    this.count(item, 1);
    if (item.state === 'RUNNING') this.takeUp(item);
    this.queue(item);
  }

  protected learnId(item: Item, ids: { present?: string; newVnf?: string }): void {
    Object.assign(item, ids);
    for (const id of [item.vnf, item.present, item.newVnf]) if (id !== null) this.ids.set(id, item);
  }

  protected enter(item: Item, { state, atMs }: { state: ItemState; atMs: number }): void {
    this.count(item, -1);
    if (item.state === 'RUNNING') this.layDown(item);
    this.lookUps.delete(item);
    item.state = state;
    item.finishedAtMs = hasEnded(item) ? atMs : null;
    if (hasEnded(item)) Object.assign(item, { isOwned: false, mustLookUp: false, notBeforeMs: 0 });
    this.count(item, 1);
    if (item.state === 'RUNNING') this.takeUp(item);
    this.seq += 1;
  }

  private count(item: Item, by: 1 | -1): void {
    this.counts[item.state] += by;
    if (item.state === 'FAILED' && !isError(item)) this.busyFailures += by;
    if (hasEnded(item)) return;
    const stage = this.facts.stages[item.stage];
    if (stage !== undefined) stage.unended += by;
    if (item.stage <= this.facts.openStage) this.unendedOpen += by;
  }

  private takeUp(item: Item): void {
    this.running.add(item);
    this.atWork.set(item.present, item);
    this.scheduler.occupy(item);
  }

  private layDown(item: Item): void {
    this.running.delete(item);
    this.atWork.delete(item.present);
    item.runId = null;
    this.scheduler.release(item);
  }

  /** Puts a WAITING item where it waits. */
  protected queue(item: Item): void {
    if (item.state !== 'WAITING') return;
    if (item.isOwned) this.owned.push({ item, atMs: item.notBeforeMs });
    else if (item.mustLookUp) this.lookUps.add(item);
    else if (item.notBeforeMs > 0) this.sleeping.push({ item, atMs: item.notBeforeMs });
    else if (this.mayStart(item)) this.scheduler.offer(item);
  }

  /** After items came, or other priorities. */
  protected rerank(): void {
    for (const [item, rank] of ranksOf(this.items, this.facts)) item.rank = rank;
    this.scheduler.clearQueues(this.items);
    for (const item of this.items) if (this.mayStart(item)) this.scheduler.offer(item);
  }

  protected open(stage: number): void {
    const { facts } = this;
    facts.openStage = stage;
    facts.gateSinceMs = null;
    delete facts.soakUntilMs;
    this.unendedOpen += facts.stages[stage]?.unended ?? 0;
    for (const item of this.items)
      if (item.stage === stage && this.mayStart(item)) this.scheduler.offer(item);
  }
}

function noCounts(): ItemCounts {
  return {
    PLANNED: 0,
    WAITING: 0,
    RUNNING: 0,
    MIGRATED: 0,
    ALREADY_THERE: 0,
    FAILED: 0,
    UNKNOWN: 0,
    SKIPPED: 0,
    CANCELLED: 0,
  };
}
