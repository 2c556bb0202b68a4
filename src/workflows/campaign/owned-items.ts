/**
 * Items whose workflow id another caller's migration has.
 *
 * Invariant: such an item waits for the result of that migration, a bounded number of times; then it has failed. A
 * migration that an earlier campaign of the same workflow id started is the item's own.
 */
import type { DescribedMigration } from '../../activities/describe-migrations.js';
import { targetVimsOf } from '../../shared/campaign/contract.js';
import { isUuid } from '../../shared/compact-uuid.js';
import { backoffMs } from './backoff.js';
import { judgeOwner } from './child-outcomes.js';
import type { Item } from './item.js';
import { OrderedItems } from './ordered-items.js';

/** How often an item waits for another caller. */
const MOST_OWNERS = 10;
const OWNER_BACKOFF = { firstMs: 1_000, longestMs: 60_000 };

/** What Temporal knows of a migration. */
export interface Description {
  standing: DescribedMigration;
  /** Whether a campaign of this workflow id started it. */
  isOwn?: boolean;
  atMs: number;
}

export class OwnedItems extends OrderedItems {
  /** Its workflow id is taken: another caller moves it, or has moved it. */
  startRefused(item: Item, atMs: number): void {
    if (item.state !== 'RUNNING') return;
    this.keepAway(item, atMs);
    this.settle(atMs);
  }

  /** Another caller has it, or has had it. */
  protected keepAway(item: Item, atMs: number): void {
    item.owners += 1;
    if (item.owners > MOST_OWNERS) {
      item.message = 'whenever it was to start, its workflow id was taken';
      this.enter(item, { state: 'FAILED', atMs });
      this.weigh('FAILED', atMs);
      return;
    }
    this.again(item, { atMs });
    if (item.state !== 'WAITING') return;
    Object.assign(item, { isOwned: true, asked: 0, mayReuseId: false });
    this.askLater(item, atMs);
  }

  private wants(item: Item, vimUuid: string): boolean {
    if (!this.scheduler.isPlaced(item)) return vimUuid === item.target;
    return vimUuid !== item.source && targetVimsOf(this.facts.spec.target).includes(vimUuid);
  }

  protected askLater(item: Item, atMs: number): void {
    item.asked += 1;
    item.notBeforeMs = atMs + backoffMs(OWNER_BACKOFF, item.asked);
    this.queue(item);
  }

  protected describedOwner(item: Item, { standing, isOwn = false, atMs }: Description): void {
    if (isOwn && standing.standing === 'running' && standing.runId !== null) {
      this.takeUpOwn(item, { runId: standing.runId, atMs });
      return;
    }
    const hasRepository = this.facts.settings?.hasRepository === true;
    const newVnfUuid =
      standing.newVnfUuid !== null && isUuid(standing.newVnfUuid) ? standing.newVnfUuid : null;
    const isOurTarget = standing.vimUuid !== null && this.wants(item, standing.vimUuid);
    const judgement = judgeOwner({ ...standing, newVnfUuid }, { isOurTarget, hasRepository });
    switch (judgement.kind) {
      case 'wait':
        this.askLater(item, atMs);
        return;
      case 'there':
        if (judgement.newVnfUuid !== null) this.learnId(item, { newVnf: judgement.newVnfUuid });
        this.arrived(item, {
          state: isOwn && standing.standing === 'migrated' ? 'MIGRATED' : 'ALREADY_THERE',
          atMs,
        });
        return;
      case 'go-on': {
        const { presentVnfUuid: present, mayReuseId } = judgement;
        if (present !== null) this.learnId(item, { present });
        item.mayReuseId = mayReuseId;
        if (present !== null && standing.vimUuid !== null) item.source = standing.vimUuid;
        this.again(item, { atMs, mustLookUp: present === null && !mayReuseId });
        return;
      }
      case 'stuck':
        item.message = judgement.message;
        this.enter(item, { state: judgement.state, atMs });
        this.weigh(judgement.state, atMs);
    }
  }

  private arrived(item: Item, { state, atMs }: { state: 'MIGRATED' | 'ALREADY_THERE'; atMs: number }): void {
    this.enter(item, { state, atMs });
    this.weigh(state, atMs);
  }

  /** A campaign of the same workflow id, which was terminated, started it. It reports its end to this one. */
  private takeUpOwn(item: Item, { runId, atMs }: { runId: string; atMs: number }): void {
    Object.assign(item, {
      hasBegun: true,
      isOwned: false,
      notBeforeMs: 0,
      startedAtMs: atMs,
      heardAtMs: atMs,
    });
    this.enter(item, { state: 'RUNNING', atMs });
    item.runId = runId;
  }
}
