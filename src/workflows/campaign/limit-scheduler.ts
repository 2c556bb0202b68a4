/**
 * Which item may start next, and what holds each of the others.
 *
 * Invariants:
 * C1 Pure: no clock, no I/O; the same offers and releases give the same starts.
 * C2 No limit is exceeded: what is in flight is what was occupied and not released.
 * C3 The first item, by rank, whose limits are all free is the next: nothing waits behind what is held.
 * C4 An item is in one queue at most. One that may no longer start is dropped when its turn comes.
 *
 * Items that leave the same VIM for the same VIM share a lane, so that a full VIM is seen once for all of them.
 * An item whose service is busy is taken out of its lane until the service is free. So one start costs as much as
 * there are lanes, however many items wait.
 */
import type { CampaignLimits } from '../../shared/campaign/contract.js';
import type { WaitReason } from '../../shared/campaign/views.js';
import type { Item } from './item.js';
import { MinHeap } from '../runtime/min-heap.js';

/** A VIM, and what leaves it or arrives there. */
interface Place {
  inFlight: number;
}

interface Lane {
  source: string | null;
  target: string;
  /** Null where the source is not known. */
  from: Place | null;
  to: Place;
  heap: MinHeap<Item>;
  isActive: boolean;
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

  /** `mayStart`: whether nothing but limits holds the item. */
  constructor(private readonly mayStart: (item: Item) => boolean) {}

  /** It may start as soon as its limits allow. */
  offer(item: Item): void {
    if (item.isQueued) return;
    item.isQueued = true;
    this.enqueue(this.laneOf(item), item);
  }

  /** The next item, which is in no queue any more; null: none may start now. */
  take(limits: CampaignLimits): Item | null {
    if (this.total >= limits.total) return null;
    // What is dropped on the way may let others of its service into lanes that were passed already.
    let { offers } = this;
    let best = this.bestOf(limits);
    for (; offers !== this.offers; best = this.bestOf(limits)) offers = this.offers;
    if (best === null) return null;
    this.laneOf(best).heap.pop();
    best.isQueued = false;
    return best;
  }

  /** There can be hundreds of lanes: most are passed over by a look at the rank of their first. */
  private bestOf(limits: CampaignLimits): Item | null {
    let best: Item | null = null;
    let empty = 0;
    for (const lane of this.active) {
      const first = lane.heap.peek();
      if (first === undefined) empty += 1;
      else if ((best === null || first.rank < best.rank) && fullOf(lane, limits) === null) {
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
    if (this.busyServices.has(item.service)) return 'service-busy';
    return fullOf(this.laneOf(item), limits);
  }

  private count(item: Item, by: 1 | -1): void {
    const { from, to } = this.laneOf(item);
    this.total += by;
    if (from !== null) from.inFlight += by;
    to.inFlight += by;
  }

  private laneOf({ source, target }: Item): Lane {
    const name = `${source ?? ''}>${target}`;
    const known = this.lanes.get(name);
    if (known !== undefined) return known;
    const from = source === null ? null : placeOf(this.sources, source);
    const lane: Lane = {
      source,
      target,
      from,
      to: placeOf(this.targets, target),
      heap: byRank(),
      isActive: false,
    };
    this.lanes.set(name, lane);
    return lane;
  }

  /** The first of a lane that may start; those before it are parked or dropped. */
  private headOf(lane: Lane): Item | undefined {
    for (let head = lane.heap.peek(); head !== undefined; head = lane.heap.peek()) {
      const isHere = head.source === lane.source && head.target === lane.target;
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

function fullOf({ from, to }: Lane, { perSourceVim, perTargetVim }: CampaignLimits): WaitReason | null {
  if (from !== null && from.inFlight >= perSourceVim) return 'source-limit';
  return to.inFlight >= perTargetVim ? 'target-limit' : null;
}

function placeOf(places: Map<string, Place>, vim: string): Place {
  const place = places.get(vim) ?? { inFlight: 0 };
  places.set(vim, place);
  return place;
}
