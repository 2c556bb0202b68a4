/**
 * What failures do to a campaign: the error budget, the pauses, and the abort.
 *
 * Invariants: a failure counts once; while it is not known whether the MANO is deaf, its silence uses no budget.
 */
import type { ItemState } from '../../shared/campaign/views.js';
import { overrun } from './error-budget.js';
import type { Pausing } from './facts.js';
import { hasEnded, type Item } from './item.js';
import { tell } from './outbox.js';
import { StagedItems } from './staged-items.js';

/** Who gives an order, why, and when. The actor is null where the campaign decides by itself. */
export interface By {
  actor: string | null;
  reason: string;
  atMs: number;
}

export abstract class BudgetedItems extends StagedItems {
  pauseFor(cause: Pausing, { actor, reason, atMs }: By): void {
    this.facts.pauses[cause] = { sinceMs: atMs, message: reason };
    this.audit.add({ atMs, actor, action: 'pause', reason });
    tell(this, { type: 'paused', atMs, actor, reason });
    this.settle(atMs);
  }

  /** What has not begun is cancelled; what runs ends. */
  abort({ actor, reason, atMs }: By): void {
    const { facts } = this;
    Object.assign(facts, { isAborted: true, gateSinceMs: null, pauses: {}, trouble: null });
    if (facts.phase === 'planning') facts.phase = 'running';
    this.audit.add({ atMs, actor, action: 'abort', reason });
    for (const item of this.items) {
      if (!hasEnded(item) && item.state !== 'RUNNING') this.cancel(item, atMs);
    }
    this.settle(atMs);
  }

  /** Whether it speaks to us or to a migration: it is not deaf any more. */
  manoSpoke(how: string, atMs: number): void {
    if (!this.lift('mano-deaf')) return;
    const reason = `the MANO answers again: ${how}`;
    this.audit.add({ atMs, actor: null, action: 'resume', reason });
    tell(this, { type: 'resumed', atMs, actor: null, reason });
    this.settle(atMs);
  }

  /** Back to WAITING, after whatever it was. */
  protected again(
    item: Item,
    {
      atMs,
      mustLookUp = false,
      notBeforeMs = 0,
    }: { atMs: number; mustLookUp?: boolean; notBeforeMs?: number },
  ): void {
    if (this.facts.isAborted) {
      this.cancel(item, atMs);
      return;
    }
    this.enter(item, { state: 'WAITING', atMs });
    const untold = { failureType: null, message: null, startedAtMs: null };
    Object.assign(item, { ...untold, isOwned: false, notBeforeMs });
    item.mustLookUp = mustLookUp && this.facts.settings?.hasRepository === true;
    this.queue(item);
  }

  protected cancel(item: Item, atMs: number): void {
    item.message = 'the campaign was aborted before it began';
    this.enter(item, { state: 'CANCELLED', atMs });
  }

  protected weigh(state: ItemState, atMs: number): void {
    const isFailure = state === 'FAILED' || state === 'UNKNOWN';
    if (state !== 'CANCELLED') this.breakSilence({ by: isFailure ? 'failure' : 'success', atMs });
  }

  /** Another end than silence: what was met with silence before is a failure of its own. */
  protected breakSilence({ by, atMs }: { by: 'failure' | 'success' | 'busy'; atMs: number }): void {
    const { facts } = this;
    const known = facts.silent.length;
    facts.silent = [];
    // A busy service is no end of an item: it ends no row.
    facts.consecutive = by === 'success' ? 0 : facts.consecutive + known + (by === 'failure' ? 1 : 0);
    if (by === 'failure' || known > 0) this.checkBudget(atMs);
  }

  protected checkBudget(atMs: number): void {
    const { spec, consecutive, isAborted, pauses, silent } = this.facts;
    if (isAborted || pauses.budget !== undefined) return;
    const errors = this.errors - silent.length;
    const why = overrun(spec.budget, { planned: this.items.length, errors, consecutive });
    if (why === null) return;
    const by = { actor: null, reason: `the budget is spent: ${why}`, atMs };
    tell(this, { type: 'budget-tripped', atMs, reason: by.reason });
    if (spec.budget.action === 'abort') this.abort(by);
    else this.pauseFor('budget', by);
  }

  protected lift(cause: Pausing): boolean {
    const { pauses } = this.facts;
    if (pauses[cause] === undefined) return false;
    this.facts.pauses = Object.fromEntries(Object.entries(pauses).filter(([one]) => one !== cause));
    return true;
  }
}
