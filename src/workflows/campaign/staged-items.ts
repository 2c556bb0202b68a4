/**
 * The items of a campaign in their stages: what is planned, which stage is open, and when nothing is left to do.
 *
 * Invariant: a stage opens when every item of the stages before it has ended, and its gate was approved where it has one.
 */
import type { CampaignItem, CampaignLimits } from '../../shared/campaign/contract.js';
import type { CampaignConflict, WaitReason } from '../../shared/campaign/views.js';
import { stagesOf, type CampaignPlan, type PlannedItem } from '../../shared/campaign/plan.js';
import { AuditTrail } from './audit-trail.js';
import { PAUSES, type CampaignFacts, type Pausing, type Stage } from './facts.js';
import { newItem, type Item } from './item.js';
import { ItemStore } from './item-store.js';
import { outboxOf, receiversOf, tell, tellStageEnd } from './outbox.js';
import { finalStateOf } from './state-name.js';

/** The most conflicts, and the most of the residual, that are kept. All are counted. */
const KEPT_CONFLICTS = 300;

export abstract class StagedItems extends ItemStore {
  readonly audit: AuditTrail;

  constructor({ facts, audit = new AuditTrail() }: { facts: CampaignFacts; audit?: AuditTrail }) {
    super(facts);
    this.audit = audit;
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
    items.forEach((planned, index) => {
      const item = this.items[index];
      if (item !== undefined) learnPlan(item, planned);
    });
    facts.conflictCount = conflicts.length;
    facts.conflicts = conflicts.slice(0, KEPT_CONFLICTS);
    facts.phase = 'running';
    const { actor = null, reason = null } = facts.spec;
    tell(this, { type: 'started', atMs, actor, reason });
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

  /** Items of an order: in the stage of their wave, or of the next one, or in a new one after all others. */
  protected addPlanned(
    items: readonly CampaignItem[],
    { target, atMs }: { target: string; atMs: number },
  ): void {
    for (const item of items) {
      const { serviceInstanceUuid, vnfUuid, vimUuid, priority, wave } = item;
      const index = this.items.length;
      const place = { index, stage: this.stageFor(wave), rank: index, hasOwnTarget: vimUuid !== undefined };
      const details = { sourceVimUuid: null, vnfName: null, serviceName: null, needs: null };
      const targetVimUuid = vimUuid ?? target;
      this.append(
        newItem({ serviceInstanceUuid, vnfUuid, targetVimUuid, priority, wave, ...details }, place),
      );
    }
    this.settle(atMs);
  }

  private stageFor(wave: number): number {
    const { stages, spec } = this.facts;
    const found = stages.findIndex((stage) => stage.kind === 'wave' && stage.wave >= wave);
    if (found !== -1) return found;
    const gate = stages.length > 0 ? spec.waves.gate : 'none';
    return stages.push({ kind: 'wave', wave, gate, unended: 0 }) - 1;
  }

  /** What the repository says of items of an order. */
  joinPlanned(
    items: readonly Item[],
    { plan, atMs }: { plan: Pick<CampaignPlan, 'items' | 'conflicts'>; atMs: number },
  ): void {
    const { facts } = this;
    items.forEach((item, nth) => {
      const planned = plan.items[nth];
      if (planned === undefined || item.state !== 'PLANNED') return;
      learnPlan(item, planned);
      this.enter(item, { state: 'WAITING', atMs });
    });
    facts.conflictCount += plan.conflicts.length;
    facts.conflicts = [...facts.conflicts, ...plan.conflicts].slice(0, KEPT_CONFLICTS);
    this.rerank();
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

  /** The last event. */
  tellEnd(atMs: number, state?: string): void {
    const { startedAtMs, outbox, spec } = this.facts;
    if (outbox?.isEndTold === true || receiversOf(this.facts).length === 0) return;
    const detail = { reason: spec.reason ?? null, durationMs: atMs - startedAtMs };
    tell(this, { type: 'ended', atMs, ...detail, state: state ?? finalStateOf(this) });
    outboxOf(this.facts).isEndTold = true;
  }

  finish(atMs: number): void {
    Object.assign(this.facts, { phase: 'finished', finishedAtMs: atMs, pauses: {}, gateSinceMs: null });
  }

  /** The limits as they are at present. */
  protected abstract get limitsNow(): CampaignLimits;

  /** Why a WAITING item waits; null for any other. */
  waitReasonOf(item: Item): WaitReason | null {
    if (item.state !== 'WAITING') return null;
    if (item.isOwned) return 'owned-by';
    if (item.stage > this.facts.openStage) return 'gate';
    if (item.mustLookUp || item.notBeforeMs > 0) return 'backoff';
    if (this.pause !== null) return 'paused';
    // What no limit holds starts within the same step, or after those that are being started.
    return this.scheduler.heldBy(item, this.limitsNow) ?? 'total-limit';
  }

  /** Opens what may be opened, after whatever has happened. An abort leaves the stages where they are. */
  protected settle(atMs: number): void {
    this.seq += 1;
    const { facts } = this;
    if (facts.phase !== 'running' || facts.isAborted) return;
    if (this.unendedOpen > 0) {
      facts.gateSinceMs = null;
      delete facts.soakUntilMs;
    } else tellStageEnd(this, atMs);
    for (let next = facts.stages[facts.openStage + 1]; next !== undefined && this.unendedOpen === 0;) {
      if (next.unended > 0 && this.mustSoak(atMs)) return;
      if (next.gate === 'manual' && next.unended > 0) {
        this.awaitApproval(next, atMs);
        delete facts.soakUntilMs;
        return;
      }
      this.open(facts.openStage + 1);
      next = facts.stages[facts.openStage + 1];
    }
  }

  private awaitApproval({ wave }: Pick<Stage, 'wave'>, atMs: number): void {
    const { facts } = this;
    if (facts.gateSinceMs !== null) return;
    facts.gateSinceMs = atMs;
    tell(this, { type: 'awaiting-approval', atMs, reason: `approve begins wave ${String(wave)}` });
  }

  /** Between two stages. What waits for approval has soaked. */
  private mustSoak(atMs: number): boolean {
    const { facts } = this;
    const { soak } = facts.spec.waves;
    if (soak === undefined || facts.openStage < 0 || facts.gateSinceMs !== null) return false;
    facts.soakUntilMs ??= atMs + soak;
    return atMs < facts.soakUntilMs;
  }
}

/** Where it is, where it goes, and what the records say of it. */
function learnPlan(item: Item, planned: PlannedItem): void {
  const { sourceVimUuid: source, targetVimUuid: target, vnfName, serviceName, needs } = planned;
  Object.assign(item, { source, target, vnfName, serviceName, needs });
}
