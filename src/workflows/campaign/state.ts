/**
 * A campaign as a whole: its facts, and how each new one changes them.
 *
 * Invariants:
 * S1 Pure: no clock, no randomness, no I/O. Every change comes through a method of this class, with its time.
 * S2 Each item is in one state; it starts at most once at a time, and what has ended begins again by an order only
 *    (`retryFailed`), or because its MANO was deaf, its service busy, or its VNF in another caller's hands: each
 *    of them a bounded number of times.
 * S3 An end that is told twice, or of a migration that is not the present one of its item, changes nothing.
 * S4 Whatever is unended is running, waits for what will be told, or waits for a person. So every campaign ends.
 */
import type { MigrationStanding } from '../../activities/describe-migrations.js';
import type { FoundVnf } from '../../activities/find-present-vnfs.js';
import type { CampaignSpec } from '../../shared/campaign/contract.js';
import type { CampaignConflict, ItemState, WaitReason } from '../../shared/campaign/views.js';
import { stagesOf, type CampaignPlan, type PlannedItem } from '../../shared/campaign/plan.js';
import { isUuid } from '../../shared/compact-uuid.js';
import { AuditTrail } from './audit-trail.js';
import { ItemBook } from './item-store.js';
import { overrun } from './error-budget.js';
import { judge, judgeOwner, provesMano, type Ending } from './child-outcomes.js';
import { canProbe, PAUSES, type CampaignFacts, type Pausing } from './facts.js';
import { hasEnded, isRetryable, newItem, type Item } from './item.js';

/** Of one item: then a busy service, a silent MANO, an owner after the other is a failure. */
const MOST_BUSY_ENDS = 5;
const MOST_SILENT_ENDS = 3;
const MOST_OWNERS = 10;
/** Missing acks in a row that make a MANO deaf. */
const DEAF_AFTER = 3;
const BUSY_BACKOFF = { firstMs: 60_000, longestMs: 900_000 };
const OWNER_BACKOFF = { firstMs: 1_000, longestMs: 60_000 };
/** Of conflicts, and of what is left; all are counted. */
const KEPT_CONFLICTS = 300;
/** Rounds of reading evacuated VIMs again that may add items. */
export const MOST_SWEEPS = 3;
const SHOWN_MESSAGE = 300;

interface By {
  actor: string | null;
  reason: string;
  atMs: number;
}

export class CampaignState extends ItemBook {
  readonly audit: AuditTrail;

  constructor({
    facts,
    items = [],
    audit = new AuditTrail(),
  }: {
    facts: CampaignFacts;
    items?: readonly Item[];
    audit?: AuditTrail;
  }) {
    super(facts);
    this.audit = audit;
    for (const item of items) this.append(item);
  }

  get pause(): { cause: Pausing; sinceMs: number; message: string } | null {
    const cause = PAUSES.find((one) => this.facts.pauses[one] !== undefined);
    const pause = cause && this.facts.pauses[cause];
    return cause === undefined || pause === undefined ? null : { cause, ...pause };
  }

  /** The items of a list, as soon as the campaign is known; where they are is not known yet. */
  list(planned: readonly PlannedItem[], hasOwnTarget: (index: number) => boolean): void {
    const stages = stagesOf(planned, this.facts.spec);
    const places = new Map<number, { stage: number; rank: number }>();
    stages.forEach(({ items }, stage) => {
      for (const index of items) places.set(index, { stage, rank: places.size });
    });
    this.facts.stages = stages.map(({ kind, wave, gate }) => ({ kind, wave, gate, unended: 0 }));
    planned.forEach((one, index) => {
      const place = places.get(index) ?? { stage: 0, rank: index };
      this.append(newItem(one, { index, ...place, hasOwnTarget: hasOwnTarget(index) }));
    });
    this.seq += 1;
  }

  /** What moves where. Of a list only where from, and where to among several VIMs, is new. */
  plan({ items, conflicts }: Pick<CampaignPlan, 'items' | 'conflicts'>, atMs: number): void {
    const { facts } = this;
    if (facts.phase !== 'planning') return;
    if (this.items.length === 0) this.list(items, () => false);
    items.forEach(({ sourceVimUuid, targetVimUuid }, index) => {
      const item = this.items[index];
      if (item !== undefined) Object.assign(item, { source: sourceVimUuid, target: targetVimUuid });
    });
    facts.conflictCount = conflicts.length;
    facts.conflicts = conflicts.slice(0, KEPT_CONFLICTS);
    facts.phase = 'running';
    for (const item of this.items) if (item.state === 'PLANNED') this.enter(item, { state: 'WAITING', atMs });
    this.settle(atMs);
  }

  /** What a round found that is new; it goes into the last stage. */
  join(planned: readonly PlannedItem[], atMs: number): void {
    const { facts, items } = this;
    if (facts.stages.length === 0) facts.stages.push({ kind: 'wave', wave: 1, gate: 'none', unended: 0 });
    const stage = facts.stages.length - 1;
    for (const one of planned) {
      const index = items.length;
      const item = newItem(one, { index, stage, rank: index, hasOwnTarget: false });
      this.append(item);
      this.enter(item, { state: 'WAITING', atMs });
      this.queue(item);
    }
    this.settle(atMs);
  }

  /** The last reading of evacuated VIMs. */
  leave(residual: readonly CampaignConflict[]): void {
    // What was left on purpose must not hide the rest.
    const isOnPurpose = ({ kind }: CampaignConflict): number => Number(kind === 'excluded');
    const ordered = residual.toSorted((left, right) => isOnPurpose(left) - isOnPurpose(right));
    this.facts.residualCount = residual.length;
    this.facts.residual = ordered.slice(0, KEPT_CONFLICTS);
    this.facts.isSwept = true;
    this.seq += 1;
  }

  /** Takes the next item that may start, and has it RUNNING; null: none may now. */
  startNext(atMs: number): Item | null {
    const { phase, isAborted, spec } = this.facts;
    if (phase !== 'running' || isAborted || this.pause !== null) return null;
    for (
      let item = this.scheduler.take(spec.limits);
      item !== null;
      item = this.scheduler.take(spec.limits)
    ) {
      if (this.atWorkOn(item.present) !== undefined) {
        this.keepAway(item, atMs);
        continue;
      }
      Object.assign(item, { hasBegun: true, runId: null, startedAtMs: atMs, heardAtMs: atMs });
      this.enter(item, { state: 'RUNNING', atMs });
      return item;
    }
    return null;
  }

  /** Its migration was started. */
  began(item: Item, { runId, atMs }: { runId: string; atMs: number }): void {
    if (item.state !== 'RUNNING') return;
    Object.assign(item, { runId, heardAtMs: atMs, mayReuseId: false });
    this.seq += 1;
  }

  /** Its workflow id is taken: another caller moves it, or has moved it. */
  startRefused(item: Item, atMs: number): void {
    if (item.state !== 'RUNNING') return;
    this.keepAway(item, atMs);
    this.settle(atMs);
  }

  /** The end of a migration of ours. */
  ended(item: Item, { ending, atMs }: { ending: Ending; atMs: number }): void {
    if (item.state !== 'RUNNING') return;
    if (provesMano(ending)) this.manoSpoke('a migration was answered', atMs);
    const { newVnfUuid, failureType } = ending;
    const message = ending.message?.slice(0, SHOWN_MESSAGE) ?? null;
    Object.assign(item, { failureType, message });
    if (newVnfUuid !== null && isUuid(newVnfUuid)) this.learnId(item, { newVnf: newVnfUuid });
    const judgement = judge(ending);
    if (judgement.kind === 'busy') this.endedBusy(item, atMs);
    else if (judgement.kind === 'silence') this.endedInSilence(item, atMs);
    else {
      this.enter(item, { state: judgement.state, atMs });
      this.weigh(judgement.state, atMs);
    }
    this.settle(atMs);
  }

  /** A RUNNING item that was silent for long, or one that another caller has: what Temporal knows of it. */
  described(item: Item, { standing, atMs }: { standing: MigrationStanding; atMs: number }): void {
    if (item.state === 'WAITING' && item.isOwned) {
      this.describedOwner(item, { standing, atMs });
      this.settle(atMs);
      return;
    }
    if (item.state !== 'RUNNING') return;
    item.heardAtMs = atMs;
    if (standing.runId !== null && standing.runId !== item.runId) {
      // Ours has ended untold, and another caller has begun one since.
      this.startRefused(item, atMs);
      return;
    }
    const { standing: kind, newVnfUuid, failureType, message } = standing;
    if (kind === 'running') return;
    const outcome = kind === 'gone' || kind === 'foreign' ? 'lost' : kind;
    const { inDoubt } = standing;
    this.ended(item, { ending: { outcome, newVnfUuid, failureType, message, inDoubt }, atMs });
  }

  /** Something is told of a run that is not the one known: it is asked about at once. */
  doubt(item: Item, atMs: number): void {
    item.heardAtMs = 1;
    this.facts.silenceCheckMs = atMs;
    this.seq += 1;
  }

  /** Nobody could be asked about it. */
  undescribed(item: Item, atMs: number): void {
    if (item.state === 'RUNNING') item.heardAtMs = atMs;
    else if (item.state === 'WAITING' && item.isOwned) this.askLater(item, atMs);
  }

  /** What the repository says of an item whose id may have changed. */
  lookedUp(item: Item, { found, atMs }: { found: FoundVnf; atMs: number }): void {
    if (!this.lookUps.delete(item) || item.state !== 'WAITING') return;
    item.mustLookUp = false;
    const successors = found.candidates.filter(
      ({ vnfUuid }) => isUuid(vnfUuid) && this.itemOf(vnfUuid) === undefined,
    );
    const [only] = successors;
    if (found.isListed) item.source = found.vimUuids[0] ?? null;
    else if (only !== undefined && successors.length === 1 && hasLeft(item, only.vimUuids)) {
      this.learnId(item, { present: only.vnfUuid });
      item.source = only.vimUuids[0] ?? null;
    } else {
      const text = successors.map(({ vnfUuid }) => vnfUuid).join(', ');
      item.message = `its service lists it no more; what became of it may be: ${text === '' ? 'nothing' : text}`;
      this.enter(item, { state: 'FAILED', atMs });
      this.weigh('FAILED', atMs);
    }
    this.queue(item);
    this.settle(atMs);
  }

  /** Whether it speaks to us or to a migration: it is not deaf any more. */
  manoSpoke(how: string, atMs: number): void {
    if (!this.lift('mano-deaf')) return;
    this.audit.add({ atMs, actor: null, action: 'resume', reason: `the MANO answers again: ${how}` });
    this.settle(atMs);
  }

  pauseFor(cause: Pausing, { actor, reason, atMs }: By): void {
    this.facts.pauses[cause] = { sinceMs: atMs, message: reason };
    this.audit.add({ atMs, actor, action: 'pause', reason });
    this.settle(atMs);
  }

  /** Lifts whatever holds it, and begins to count failures in a row anew. */
  resume({ actor, reason, atMs }: By): void {
    for (const cause of PAUSES) this.lift(cause);
    this.facts.consecutive = 0;
    this.audit.add({ atMs, actor, action: 'resume', reason });
    this.settle(atMs);
  }

  approve({ actor, reason, atMs }: By): void {
    this.audit.add({ atMs, actor, action: 'approve', reason });
    if (this.facts.gateSinceMs !== null) this.open(this.facts.openStage + 1);
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

  skip(items: readonly Item[], { actor, reason, atMs }: By): void {
    for (const item of items) {
      if (hasEnded(item) || item.state === 'RUNNING') continue;
      item.message = `skipped${actor === null ? '' : ` by ${actor}`}: ${reason}`.slice(0, SHOWN_MESSAGE);
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

  /** A new generation of what did not move; it takes an abort back. */
  retryFailed({ actor, reason, atMs }: By): void {
    const { facts } = this;
    facts.generation += 1;
    Object.assign(facts, { isAborted: false, consecutive: 0, silent: [] });
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

  /** Evacuated VIMs are to be read again. */
  get wantsSweep(): boolean {
    return (
      !this.facts.isSwept && !this.facts.isAborted && this.facts.phase === 'running' && this.unended === 0
    );
  }

  /** Nothing is left to be done or waited for. */
  get isDone(): boolean {
    const { phase, isSwept, isAborted } = this.facts;
    return phase === 'running' && this.unended === 0 && (isSwept || isAborted);
  }

  finish(atMs: number): void {
    Object.assign(this.facts, { phase: 'finished', finishedAtMs: atMs, pauses: {}, gateSinceMs: null });
  }

  /** Why a WAITING item waits; null for any other. */
  waitReasonOf(item: Item): WaitReason | null {
    if (item.state !== 'WAITING') return null;
    if (item.isOwned) return 'owned-by';
    if (item.stage > this.facts.openStage) return 'gate';
    if (item.mustLookUp || item.notBeforeMs > 0) return 'backoff';
    if (this.pause !== null) return 'paused';
    // What no limit holds starts within the same step, or after those that are being started.
    return this.scheduler.heldBy(item, this.facts.spec.limits) ?? 'total-limit';
  }

  /** Back to WAITING, after whatever it was. */
  private again(
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

  private cancel(item: Item, atMs: number): void {
    item.message = 'the campaign was aborted before it began';
    this.enter(item, { state: 'CANCELLED', atMs });
  }

  private endedBusy(item: Item, atMs: number): void {
    item.busyEnds += 1;
    this.breakSilence({ by: 'busy', atMs });
    if (item.busyEnds > MOST_BUSY_ENDS || this.facts.isAborted) this.enter(item, { state: 'FAILED', atMs });
    else this.again(item, { atMs, notBeforeMs: atMs + backoffMs(BUSY_BACKOFF, item.busyEnds) });
  }

  private endedInSilence(item: Item, atMs: number): void {
    const { facts } = this;
    this.enter(item, { state: 'FAILED', atMs });
    if (facts.isAborted) return;
    if (facts.pauses['mano-deaf'] !== undefined) {
      this.sendBack(item, atMs);
      return;
    }
    facts.silent.push(item.index);
    if (facts.silent.length < DEAF_AFTER) return;
    const silent = facts.silent.map((index) => this.items[index]).filter((one) => one?.state === 'FAILED');
    Object.assign(facts, { silent: [], deafService: item.service, probeMs: null });
    const hint = canProbe(facts) ? '' : ' (nobody can ask the MANO here: resume when it is back)';
    const reason = `${String(DEAF_AFTER)} migrations in a row met with silence${hint}: ${item.message ?? ''}`;
    this.pauseFor('mano-deaf', { actor: null, reason: reason.slice(0, SHOWN_MESSAGE), atMs });
    for (const one of silent) if (one !== undefined) this.sendBack(one, atMs);
    this.checkBudget(atMs);
  }

  /** The silence was the MANO's, not the item's. */
  private sendBack(item: Item, atMs: number): void {
    item.silentEnds += 1;
    if (item.silentEnds <= MOST_SILENT_ENDS) this.again(item, { atMs, mustLookUp: true });
  }

  private weigh(state: ItemState, atMs: number): void {
    const isFailure = state === 'FAILED' || state === 'UNKNOWN';
    if (state !== 'CANCELLED') this.breakSilence({ by: isFailure ? 'failure' : 'success', atMs });
  }

  /** Another end than silence: what was met with silence before is a failure of its own. */
  private breakSilence({ by, atMs }: { by: 'failure' | 'success' | 'busy'; atMs: number }): void {
    const { facts } = this;
    const known = facts.silent.length;
    facts.silent = [];
    // A busy service is no end of an item: it ends no row.
    facts.consecutive = by === 'success' ? 0 : facts.consecutive + known + (by === 'failure' ? 1 : 0);
    if (by === 'failure' || known > 0) this.checkBudget(atMs);
  }

  private checkBudget(atMs: number): void {
    const { spec, consecutive, isAborted, pauses, silent } = this.facts;
    if (isAborted || pauses.budget !== undefined) return;
    const errors = this.errors - silent.length;
    const why = overrun(spec.budget, { planned: this.items.length, errors, consecutive });
    if (why === null) return;
    const by = { actor: null, reason: `the budget is spent: ${why}`, atMs };
    if (spec.budget.action === 'abort') this.abort(by);
    else this.pauseFor('budget', by);
  }

  private lift(cause: Pausing): boolean {
    const { pauses } = this.facts;
    if (pauses[cause] === undefined) return false;
    this.facts.pauses = Object.fromEntries(Object.entries(pauses).filter(([one]) => one !== cause));
    return true;
  }

  /** Another caller has it, or has had it. */
  private keepAway(item: Item, atMs: number): void {
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

  private askLater(item: Item, atMs: number): void {
    item.asked += 1;
    item.notBeforeMs = atMs + backoffMs(OWNER_BACKOFF, item.asked);
    this.queue(item);
  }

  private describedOwner(
    item: Item,
    { standing, atMs }: { standing: MigrationStanding; atMs: number },
  ): void {
    const hasRepository = this.facts.settings?.hasRepository === true;
    const newVnfUuid =
      standing.newVnfUuid !== null && isUuid(standing.newVnfUuid) ? standing.newVnfUuid : null;
    const judgement = judgeOwner({ ...standing, newVnfUuid }, { target: item.target, hasRepository });
    switch (judgement.kind) {
      case 'wait':
        this.askLater(item, atMs);
        return;
      case 'there':
        if (judgement.newVnfUuid !== null) this.learnId(item, { newVnf: judgement.newVnfUuid });
        this.enter(item, { state: 'ALREADY_THERE', atMs });
        this.weigh('ALREADY_THERE', atMs);
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

  /** Opens what may be opened, after whatever has happened. An abort leaves the stages where they are. */
  private settle(atMs: number): void {
    this.seq += 1;
    const { facts } = this;
    if (facts.phase !== 'running' || facts.isAborted) return;
    facts.gateSinceMs = this.unendedOpen > 0 ? null : facts.gateSinceMs;
    for (let next = facts.stages[facts.openStage + 1]; next !== undefined && this.unendedOpen === 0;) {
      if (next.gate === 'manual' && next.unended > 0) {
        facts.gateSinceMs ??= atMs;
        return;
      }
      this.open(facts.openStage + 1);
      next = facts.stages[facts.openStage + 1];
    }
  }
}

/** A sibling of its kind that nobody has moved is where the item was. */
function hasLeft({ source, target }: Item, vimUuids: readonly string[]): boolean {
  if (vimUuids.includes(target)) return true;
  return source !== null && vimUuids.length > 0 && !vimUuids.includes(source);
}

function backoffMs({ firstMs, longestMs }: { firstMs: number; longestMs: number }, times: number): number {
  return Math.min(firstMs * 2 ** (times - 1), longestMs);
}
