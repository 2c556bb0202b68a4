/**
 * The items of a campaign whose targets are chosen by the room that VIMs have.
 *
 * Invariants: what an item needs is reserved on its target from its start until a list of VIMs that was queried after
 * its end shows the truth; of an UNKNOWN item it stays reserved, because the VNF may be there. An item that no target
 * VIM could take has failed at once.
 */
import { targetVimsOf } from '../../shared/campaign/contract.js';
import type { VimListing } from '../../shared/vim/answer.js';
import { fitsNowhereText } from '../../shared/campaign/plan.js';
import { BudgetedItems } from './budgeted-items.js';
import { hasEnded, type Item } from './item.js';
import { epochMs } from '../runtime/clock.js';

/** The clocks of the worker that queried the list and of Temporal differ by less. */
const CLOCK_MARGIN_MS = 5_000;
const RENEW_EVERY_MS = 60_000;
/** While items wait for room that the end of others may have made. */
const RENEW_SOON_MS = 10_000;
/** An older list is not used: what others have placed since is not known. */
const LIST_VALID_MS = 300_000;

export abstract class RoomItems extends BudgetedItems {
  /** When the list of VIMs is to be read again; null: no item waits for a target. */
  roomDueMs(nowMs: number): number | null {
    const { room } = this.facts;
    const isHeld = this.isBlocked || this.unendedOpen === 0;
    if (this.scheduler.placement === null || isHeld || this.counts.WAITING === 0) return null;
    if (room === undefined) return nowMs;
    return room.listedAtMs + (this.waitsForRoom() ? RENEW_SOON_MS : RENEW_EVERY_MS);
  }

  /** What a list says of names, and of the room on the target VIMs. */
  listed({ vims, listedAt }: VimListing & { kind: 'listed' }, atMs: number): void {
    const { facts } = this;
    const names = vims.flatMap(({ uuid, name }) => (name === null ? [] : [[uuid, name] as const]));
    facts.vimNames = { ...facts.vimNames, ...Object.fromEntries(names) };
    if (this.scheduler.placement === null) return;
    const targets = targetVimsOf(facts.spec.target);
    facts.room = { listedAtMs: epochMs(listedAt), vims: vims.filter(({ uuid }) => targets.includes(uuid)) };
    this.takeStock();
    this.failUnplaceable(atMs);
    this.settle(atMs);
  }

  /** Reads load and reservations anew, from the last list and the items. */
  protected takeStock(): void {
    const { placement } = this.scheduler;
    const { room } = this.facts;
    if (placement === null || room === undefined) return;
    placement.renew(room.vims);
    placement.releaseAll();
    for (const item of this.items) {
      const { target, needs } = item;
      if (target !== null && needs !== null && holdsRoom(item, room.listedAtMs))
        placement.reserve(target, needs);
    }
    this.scheduler.roomChanged();
  }

  /** Nothing may start at present. */
  protected abstract get isBlocked(): boolean;

  /** Until the next list no VIM has room. What is reserved stays reserved. */
  protected forgetOldRoom(nowMs: number): void {
    const { facts, scheduler } = this;
    if (facts.room === undefined || nowMs - facts.room.listedAtMs <= LIST_VALID_MS) return;
    delete facts.room;
    scheduler.placement?.renew([]);
    scheduler.roomChanged();
  }

  /** By the last count of what waits: to ask every item at every step would cost too much. */
  private waitsForRoom(): boolean {
    return (this.facts.waits?.waiting.capacity ?? 0) > 0;
  }

  private failUnplaceable(atMs: number): void {
    const { placement } = this.scheduler;
    for (const item of this.items) {
      if (item.state !== 'WAITING' || item.isOwned || !this.scheduler.isPlaced(item)) continue;
      if (placement?.fitsNowhere({ needs: item.needs, sourceVimUuid: item.source }) !== true) continue;
      item.message = fitsNowhereText(item.needs);
      this.enter(item, { state: 'FAILED', atMs });
      this.weigh('FAILED', atMs);
    }
  }
}

function holdsRoom(item: Item, listedAtMs: number): boolean {
  if (item.state === 'RUNNING' || item.state === 'UNKNOWN' || item.isAsked) return true;
  const endedAtMs = hasEnded(item) && item.startedAtMs !== null ? item.finishedAtMs : null;
  return endedAtMs !== null && endedAtMs + CLOCK_MARGIN_MS > listedAtMs;
}
