/**
 * Which item may start next, where it goes, and what holds each of the others.
 *
 * Invariants:
 * C1 Pure: no clock, no I/O; the same offers and releases give the same starts.
 * C2 No limit is exceeded: what is in flight is what was occupied and not released.
 * C3 The first item, by rank, whose limits are all free is the next: nothing waits behind what is held.
 * C4 An item is in one queue at most. One that may no longer start is dropped when its turn comes.
 * C5 With a placement, an item without a target of its own starts only where a VIM has room for it, and what starts
 *    is reserved there.
 *
 * Items that leave the same VIM for the same VIM share a lane, so that a full VIM is seen once for all of them; those
 * whose target is chosen later share one with all that leave the same VIM and have the same needs.
 * An item whose service is busy is taken out of its lane until the service is free. So one start costs as much as
 * there are lanes (and, where targets are chosen, target VIMs), however many items wait.
 */
import type { CampaignLimits } from '../../shared/campaign/contract.js';
import type { WaitReason } from '../../shared/campaign/views.js';
import { needsText, type VnfNeeds } from '../../shared/vim/demand.js';
import type { Placement } from '../../shared/vim/placement.js';
import type { Item, StartingItem } from './item.js';
import { MinHeap } from '../runtime/min-heap.js';

/** A VIM, and what leaves it or arrives there. */
interface Place {
  inFlight: number;
}

interface Lane {
  source: string | null;
  /** Null: it is chosen when an item starts. */
  target: string | null;
  /** Of a lane whose target is chosen. */
  needs: VnfNeeds | null;
  /** Null where the source is not known. */
  from: Place | null;
  /** Null where the target is chosen. */
  to: Place | null;
  heap: MinHeap<Item>;
  isActive: boolean;
}

/** Limits of the deployment that are reached, as far as the campaign has been told: VIMs by uuid. */
export interface SharedHolds {
  isTotal: boolean;
  sources: ReadonlySet<string>;
  targets: ReadonlySet<string>;
}

const byRank = (): MinHeap<Item> => new MinHeap<Item>(({ rank }) => rank);

export class Scheduler {
  private readonly lanes = new Map<string, Lane>();
  /** Lanes that hold something, or did a moment ago. */
  private active: Lane[] = [];
  private offers = 0;
  /** By service, of items that its present one keeps from starting. */
  private readonly parked = new Map<string, Map<Lane, MinHeap<Item>>>();
  private total = 0;
  private readonly sources = new Map<string, Place>();
  private readonly targets = new Map<string, Place>();
  private readonly busyServices = new Set<string>();
  /** What holds each lane. Thousands of items of a lane are asked about at a time. */
  private readonly holds = new Map<Lane, WaitReason | null>();
  private holdsOf: CampaignLimits | null = null;
  private shared: SharedHolds = { isTotal: false, sources: new Set(), targets: new Set() };

  /** `mayStart`: whether nothing but limits and room holds the item. */
  constructor(
    private readonly mayStart: (item: Item) => boolean,
    readonly placement: Placement | null = null,
  ) {}

  /** It may start as soon as its limits allow. */
  offer(item: Item): void {
    if (item.isQueued) return;
    item.isQueued = true;
    this.enqueue(this.laneOf(item), item);
  }

  /** The limits of the deployment that are reached. */
  hold(shared: SharedHolds): void {
    this.shared = shared;
    this.holds.clear();
  }

  isBusy(service: string): boolean {
    return this.busyServices.has(service);
  }

  /** Whether the limits hold with an item that is counted already. */
  isWithin({ source, target }: Item, limits: CampaignLimits): boolean {
    const [from, to] = [this.sources.get(source ?? ''), this.targets.get(target ?? '')];
    return (
      this.total <= limits.total &&
      (from?.inFlight ?? 0) <= limits.perSourceVim &&
      (to?.inFlight ?? 0) <= limits.perTargetVim
    );
  }

  /** Takes every item out of its queue; what is in flight stays. */
  clearQueues(items: Iterable<Item>): void {
    this.lanes.clear();
    this.holds.clear();
    this.parked.clear();
    this.active = [];
    for (const item of items) item.isQueued = false;
  }

  /** Whether the target of the item is chosen when it starts. */
  isPlaced(item: Item): boolean {
    if (this.placement === null || item.hasOwnTarget) return false;
    // One that has arrived stays, whatever was reported of its migration.
    return item.target === null || item.source !== item.target;
  }

  /** The next item, which is in no queue any more, with its target; null: none may start now. */
  take(limits: CampaignLimits): StartingItem | null {
    if (this.total >= limits.total || this.shared.isTotal) return null;
    // What is dropped on the way may let others of its service into lanes that were passed already.
    let { offers } = this;
    let best = this.bestOf(limits);
    for (; offers !== this.offers; best = this.bestOf(limits)) offers = this.offers;
    if (best === null) return null;
    const lane = this.laneOf(best);
    lane.heap.pop();
    best.isQueued = false;
    const target = lane.target ?? this.chosenFor(lane, limits);
    if (target === null) throw new Error('a lane was free, and no VIM has room');
    return Object.assign(best, { target });
  }

  /** Which VIM the first of a lane would go to; null: none has room, or their limits are reached. */
  private chosenFor({ needs, source }: Lane, limits: CampaignLimits): string | null {
    const isOpen = (vim: string): boolean =>
      placeOf(this.targets, vim).inFlight < limits.perTargetVim && !this.shared.targets.has(vim);
    return this.placement?.choose({ needs, sourceVimUuid: source }, isOpen) ?? null;
  }

  /** What holds all of a lane; null: nothing does. */
  private fullOf(lane: Lane, limits: CampaignLimits): WaitReason | null {
    const { from, to, needs, source } = lane;
    if (from !== null && from.inFlight >= limits.perSourceVim) return 'source-limit';
    if (to !== null && to.inFlight >= limits.perTargetVim) return 'target-limit';
    if (this.shared.sources.has(source ?? '')) return 'shared-source-limit';
    if (to !== null) return this.shared.targets.has(lane.target ?? '') ? 'shared-target-limit' : null;
    if (this.chosenFor(lane, limits) !== null) return null;
    const hasRoom = this.placement?.choose({ needs, sourceVimUuid: source }) != null;
    if (!hasRoom) return 'capacity';
    return this.shared.targets.size > 0 ? 'shared-target-limit' : 'target-limit';
  }

  /** There can be hundreds of lanes: most are passed over by a look at the rank of their first. */
  private bestOf(limits: CampaignLimits): Item | null {
    let best: Item | null = null;
    let empty = 0;
    for (const lane of this.active) {
      const first = lane.heap.peek();
      if (first === undefined) empty += 1;
      else if ((best === null || first.rank < best.rank) && this.fullOf(lane, limits) === null) {
        const head = this.headOf(lane);
        if (head !== undefined && (best === null || head.rank < best.rank)) best = head;
      }
    }
    if (2 * empty > this.active.length) this.forgetEmptyLanes();
    return best;
  }

  occupy(item: Item): void {
    this.count(item, 1);
    this.busyServices.add(item.service);
  }

  release(item: Item): void {
    this.count(item, -1);
    this.busyServices.delete(item.service);
    this.unpark(item.service);
  }

  /** Which limit holds an item that nothing else holds; null: it starts next, or after others of a lower rank. */
  heldBy(item: Item, limits: CampaignLimits): WaitReason | null {
    if (this.total >= limits.total) return 'total-limit';
    if (this.shared.isTotal) return 'shared-total-limit';
    if (this.busyServices.has(item.service)) return 'service-busy';
    return this.holdOf(this.laneOf(item), limits);
  }

  /** The load of the target VIMs has changed. */
  roomChanged(): void {
    this.holds.clear();
  }

  private holdOf(lane: Lane, limits: CampaignLimits): WaitReason | null {
    const { perSourceVim, perTargetVim } = this.holdsOf ?? {};
    if (perSourceVim !== limits.perSourceVim || perTargetVim !== limits.perTargetVim) this.holds.clear();
    this.holdsOf = { ...limits };
    const known = this.holds.get(lane);
    if (known !== undefined) return known;
    const hold = this.fullOf(lane, limits);
    this.holds.set(lane, hold);
    return hold;
  }

  private count({ source, target, needs }: Item, by: 1 | -1): void {
    this.total += by;
    this.holds.clear();
    if (source !== null) placeOf(this.sources, source).inFlight += by;
    if (target !== null) placeOf(this.targets, target).inFlight += by;
    if (by === 1 && target !== null && needs !== null) this.placement?.reserve(target, needs);
  }

  private laneOf(item: Item): Lane {
    const { source, needs } = item;
    const target = this.isPlaced(item) ? null : item.target;
    const destination = target ?? `?${needs === null ? '' : needsText(needs)}`;
    const name = `${source ?? ''}>${destination}`;
    const known = this.lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = {
      source,
      target,
      needs: target === null ? needs : null,
      from: source === null ? null : placeOf(this.sources, source),
      to: target === null ? null : placeOf(this.targets, target),
      heap: byRank(),
      isActive: false,
    };
    this.lanes.set(name, lane);
    return lane;
  }

  /** The first of a lane that may start; those before it are parked or dropped. */
  private headOf(lane: Lane): Item | undefined {
    for (let head = lane.heap.peek(); head !== undefined; head = lane.heap.peek()) {
      const isHere = this.laneOf(head) === lane;
      const isBusy = this.busyServices.has(head.service);
      const mayStart = this.mayStart(head);
      if (isHere && mayStart && !isBusy) return head;
      lane.heap.pop();
      if (!mayStart) this.drop(head);
      else if (isBusy) this.park(this.laneOf(head), head);
      else this.enqueue(this.laneOf(head), head);
    }
    return undefined;
  }

  /** Others of its service may have waited behind it. */
  private drop(item: Item): void {
    item.isQueued = false;
    if (!this.busyServices.has(item.service)) this.unpark(item.service);
  }

  private enqueue(lane: Lane, item: Item): void {
    lane.heap.push(item);
    this.offers += 1;
    if (lane.isActive) return;
    lane.isActive = true;
    this.active.push(lane);
  }

  private forgetEmptyLanes(): void {
    for (const lane of this.active) lane.isActive = lane.heap.size > 0;
    this.active = this.active.filter(({ isActive }) => isActive);
  }

  private park(lane: Lane, item: Item): void {
    const byLane = this.parked.get(item.service) ?? new Map<Lane, MinHeap<Item>>();
    const heap = byLane.get(lane) ?? byRank();
    heap.push(item);
    byLane.set(lane, heap);
    this.parked.set(item.service, byLane);
  }

  /** The first of each lane: as only one of them can start, the others may stay where they are. */
  private unpark(service: string): void {
    const byLane = this.parked.get(service);
    for (const [lane, heap] of byLane ?? []) {
      let item = heap.pop();
      while (item !== undefined && !this.mayStart(item)) {
        item.isQueued = false;
        item = heap.pop();
      }
      if (item !== undefined) this.enqueue(lane, item);
      if (heap.size === 0) byLane?.delete(lane);
    }
    if (byLane?.size === 0) this.parked.delete(service);
  }
}

function placeOf(places: Map<string, Place>, vim: string): Place {
  const place = places.get(vim) ?? { inFlight: 0 };
  places.set(vim, place);
  return place;
}
