/** What the orders of operators change. Whether an order makes sense is decided in control-updates.ts. */
import { targetVimsOf, type CampaignItem, type CampaignSpec } from '../../shared/campaign/contract.js';
import type { By } from './budgeted-items.js';
import { PAUSES } from './facts.js';
import { hasEnded, isRetryable, MAX_MESSAGE, type Item } from './item.js';
import { tell } from './outbox.js';
import { PermittedItems } from './permitted-items.js';

export class OrderedItems extends PermittedItems {
  /** Lifts whatever holds it, and resets the count of failures in a row. */
  resume({ actor, reason, atMs }: By): void {
    for (const cause of PAUSES) this.lift(cause);
    this.facts.consecutive = 0;
    this.audit.add({ atMs, actor, action: 'resume', reason });
    tell(this, { type: 'resumed', atMs, actor, reason });
    this.settle(atMs);
  }

  approve({ actor, reason, atMs }: By): void {
    this.audit.add({ atMs, actor, action: 'approve', reason });
    if (this.facts.gateSinceMs !== null) this.open(this.facts.openStage + 1);
    this.settle(atMs);
  }

  skip(items: readonly Item[], { actor, reason, atMs }: By): void {
    for (const item of items) {
      if (hasEnded(item) || item.state === 'RUNNING') continue;
      item.message = `skipped${actor === null ? '' : ` by ${actor}`}: ${reason}`.slice(0, MAX_MESSAGE);
      this.enter(item, { state: 'SKIPPED', atMs });
    }
    const reasonWithCount = `${String(items.length)} items: ${reason}`;
    this.audit.add({ atMs, actor, action: 'skip', reason: reasonWithCount });
    this.settle(atMs);
  }

  setLimits(limits: Partial<CampaignSpec['limits']>, { actor, reason, atMs }: By): void {
    Object.assign(this.facts.spec.limits, limits);
    this.audit.add({ atMs, actor, action: 'setLimits', reason: `${JSON.stringify(limits)}: ${reason}` });
    this.settle(atMs);
  }

  setBudget(budget: Partial<CampaignSpec['budget']>, { actor, reason, atMs }: By): void {
    Object.assign(this.facts.spec.budget, budget);
    this.audit.add({ atMs, actor, action: 'setBudget', reason: `${JSON.stringify(budget)}: ${reason}` });
    this.checkBudget(atMs);
    this.settle(atMs);
  }

  /** They are PLANNED until the repository was read. */
  addItems(items: readonly CampaignItem[], { actor, reason, atMs }: By): void {
    const reasonWithCount = `${String(items.length)} items: ${reason}`;
    this.audit.add({ atMs, actor, action: 'addItems', reason: reasonWithCount });
    this.addPlanned(items, { target: targetVimsOf(this.facts.spec.target)[0] ?? '', atMs });
  }

  reprioritize(items: readonly Item[], { priority, actor, reason, atMs }: By & { priority: number }): void {
    for (const item of items) item.priority = priority;
    const reasonWithCount = `${String(items.length)} items to priority ${String(priority)}: ${reason}`;
    this.audit.add({ atMs, actor, action: 'reprioritize', reason: reasonWithCount });
    this.rerank();
    this.settle(atMs);
  }

  /** A new generation of what did not move; it takes an abort back. */
  retryFailed({ actor, reason, atMs }: By): void {
    const { facts } = this;
    facts.generation += 1;
    Object.assign(facts, { isAborted: false, consecutive: 0, silent: [] });
    if (facts.outbox !== undefined) facts.outbox.isEndTold = false;
    const { generation } = facts;
    const again = this.items.filter(isRetryable);
    const message = `${String(again.length)} items, generation ${String(generation)}: ${reason}`;
    this.audit.add({ atMs, actor, action: 'retryFailed', reason: message });
    for (const item of again) {
      Object.assign(item, { generation, busyEnds: 0, silentEnds: 0, owners: 0 });
      this.again(item, { atMs, mustLookUp: item.hasBegun });
    }
    this.settle(atMs);
  }
}
