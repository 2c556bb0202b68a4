/**
 * The items of a campaign that start at their time: windows, `notBefore`, ramp-up and soak.
 *
 * Invariants: only starts are gated; what runs goes on. The gate is decided before each start, and in `wake`;
 * `nextWakeMs` is never later than its change. Without any of these nothing is decided or noted.
 */
import {
  OPEN_GATE,
  liftedUntil,
  timeGateAt,
  type TimeGate,
  type TimeRules,
} from '../../shared/campaign/time-gate.js';
import type { CampaignLimits, CampaignSpec } from '../../shared/campaign/contract.js';
import {
  FIRST_RAMP,
  rampAfterFailure,
  rampAfterSuccess,
  rampedLimits,
} from '../../shared/campaign/ramp-up.js';
import type { ItemState, WaitReason } from '../../shared/campaign/views.js';
import { plannedTimeRules } from '../../shared/campaign/plan.js';
import type { By } from './budgeted-items.js';
import { Durations } from './durations.js';
import type { Item } from './item.js';
import { tell } from './outbox.js';
import { RoomItems } from './room-items.js';
import { isoTime } from '../runtime/clock.js';

/** What `setWindows` may change. */
export interface TimeChange {
  windows?: CampaignSpec['windows'] | null | undefined;
  cutoff?: CampaignSpec['cutoff'] | undefined;
  notBefore?: string | null | undefined;
}

export class TimedItems extends RoomItems {
  /** As it was decided last. */
  timeGate: TimeGate = OPEN_GATE;
  private readonly durations = new Durations();
  /** Null: to be made of the specification. */
  private planned: { rules: TimeRules | null } | null = null;

  /** What holds starts by time, as facts; null: neither windows nor `notBefore`. */
  get timeRules(): TimeRules | null {
    const { spec, timing } = this.facts;
    this.planned ??= { rules: plannedTimeRules(spec) };
    const { rules } = this.planned;
    if (rules === null) return null;
    const liftedUntilMs =
      timing?.isLifted === true ? (timing.liftedUntilMs ?? Number.POSITIVE_INFINITY) : null;
    return { ...rules, cutoffMs: this.cutoffMs, liftedUntilMs };
  }

  /** Nothing starts so shortly before a window closes. */
  get cutoffMs(): number {
    const { cutoff = 'auto', policy } = this.facts.spec;
    return cutoff === 'auto' ? (this.durations.p95Ms ?? policy.finalTimeout) : cutoff;
  }

  /** Of the migrations that have ended; null of none. */
  get meanDurationMs(): number | null {
    return this.durations.meanMs;
  }

  /** As the ramp-up lets them be. */
  get limitsNow(): CampaignLimits {
    return rampedLimits(this.facts.spec, this.facts.ramp ?? FIRST_RAMP);
  }

  override wake(nowMs: number): void {
    super.wake(nowMs);
    const { facts } = this;
    if (facts.phase !== 'running') return;
    if (facts.soakUntilMs !== undefined && facts.soakUntilMs <= nowMs) this.settle(nowMs);
    this.decideGate(nowMs);
  }

  override nextWakeMs(): number | null {
    const { phase, soakUntilMs, isAborted } = this.facts;
    const mayStart = phase === 'running' && !isAborted && this.unended > 0;
    const due = [super.nextWakeMs(), ...(mayStart ? [this.timeGate.untilMs, soakUntilMs ?? null] : [])];
    const known = due.filter((atMs) => atMs !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  override waitReasonOf(item: Item): WaitReason | null {
    const reason = super.waitReasonOf(item);
    switch (reason) {
      case 'gate':
        return this.facts.soakUntilMs !== undefined && item.stage === this.facts.openStage + 1
          ? 'soak'
          : 'gate';
      case 'total-limit':
      case 'source-limit':
      case 'target-limit':
      case 'service-busy':
      case 'capacity':
      case 'shared-total-limit':
      case 'shared-source-limit':
      case 'shared-target-limit':
        if (this.timeGate.reason !== null) return this.timeGate.reason;
        return reason === 'total-limit' && this.limitsNow.total < this.facts.spec.limits.total
          ? 'ramp-up'
          : reason;
      case 'owned-by':
      case 'backoff':
      case 'paused':
      case 'window':
      case 'not-before':
      case 'ramp-up':
      case 'soak':
      case null:
        return reason;
    }
  }

  setWindows({ windows, cutoff, notBefore }: TimeChange, { actor, reason, atMs }: By): void {
    const { spec } = this.facts;
    if (windows === null) delete spec.windows;
    else if (windows !== undefined) spec.windows = windows;
    if (cutoff !== undefined) spec.cutoff = cutoff;
    if (notBefore === null) delete spec.notBefore;
    else if (notBefore !== undefined) spec.notBefore = notBefore;
    this.planned = null;
    this.endLift();
    const changes = JSON.stringify({ windows, cutoff, notBefore });
    this.audit.add({ atMs, actor, action: 'setWindows', reason: `${changes}: ${reason}` });
    this.decideGate(atMs);
    this.settle(atMs);
  }

  protected override get isBlocked(): boolean {
    const { phase, isAborted } = this.facts;
    return phase !== 'running' || isAborted || this.pause !== null || this.timeGate.reason !== null;
  }

  /** Whether there is anything that `startNow` would lift. */
  get isHeldByTime(): boolean {
    return this.timeGate.reason !== null || this.facts.soakUntilMs !== undefined;
  }

  startNow({ actor, reason, atMs }: By): void {
    const { facts, timeRules } = this;
    const untilMs = timeRules === null ? null : liftedUntil(timeRules, atMs);
    if (this.timeGate.reason !== null && untilMs !== null) {
      const end = Number.isFinite(untilMs) ? { liftedUntilMs: untilMs } : {};
      facts.timing = { ...facts.timing, isLifted: true, ...end };
    }
    if (facts.soakUntilMs !== undefined) facts.soakUntilMs = atMs;
    this.audit.add({ atMs, actor, action: 'startNow', reason });
    this.decideGate(atMs);
    this.settle(atMs);
  }

  protected override enter(item: Item, change: { state: ItemState; atMs: number }): void {
    const wasRunning = item.state === 'RUNNING';
    const before = durationOf(item);
    super.enter(item, change);
    if (before !== null) this.durations.remove(before);
    const after = durationOf(item);
    if (after !== null) this.durations.add(after);
    if (wasRunning) this.rampAfter(item);
    if (item.state === 'FAILED' || item.state === 'UNKNOWN') this.tellFailure(item, change.atMs);
  }

  override append(item: Item): void {
    super.append(item);
    const durationMs = durationOf(item);
    if (durationMs !== null) this.durations.add(durationMs);
  }

  private tellFailure(item: Item, atMs: number): void {
    const { index, service: serviceInstanceUuid, present: vnfUuid, vnfName } = item;
    const { source: sourceVimUuid, target: targetVimUuid, failureType, message } = item;
    const places = { index, serviceInstanceUuid, vnfUuid, vnfName, sourceVimUuid, targetVimUuid };
    tell(this, { type: 'item-failed', atMs, ...places, failureType, message });
  }

  private rampAfter({ state }: Item): void {
    const { facts } = this;
    const { rampUp, limits } = facts.spec;
    if (rampUp === undefined) return;
    const ramp = facts.ramp ?? FIRST_RAMP;
    if (state === 'MIGRATED') facts.ramp = rampAfterSuccess(ramp, { rampUp, total: limits.total });
    if (state === 'FAILED' || state === 'UNKNOWN') facts.ramp = rampAfterFailure(ramp);
  }

  /** Before anything starts, and whenever it may change. */
  protected decideGate(nowMs: number): void {
    const { facts } = this;
    if (facts.timing?.liftedUntilMs !== undefined && facts.timing.liftedUntilMs <= nowMs) this.endLift();
    const rules = this.timeRules;
    if (rules === null) {
      this.timeGate = OPEN_GATE;
      return;
    }
    this.timeGate = timeGateAt(rules, nowMs);
    const isOpen = this.timeGate.reason === null;
    if (facts.timing?.isOpen === isOpen || facts.isAborted || this.unended === 0) return;
    const isFirst = facts.timing?.isOpen === undefined;
    facts.timing = { ...facts.timing, isOpen };
    this.seq += 1;
    // That a campaign begins in an open window is no turn of it.
    if (!(isFirst && isOpen)) this.noteTurn(isOpen, nowMs);
  }

  private noteTurn(isOpen: boolean, atMs: number): void {
    const action = isOpen ? 'window-opened' : 'window-closed';
    const running = String(this.running.size);
    const reason = isOpen ? 'items may start' : `no item starts; ${running} that run go on`;
    this.audit.add({ atMs, actor: null, action, reason });
    const { untilMs } = this.timeGate;
    const changesAt = untilMs === null ? null : isoTime(untilMs);
    tell(this, {
      type: action,
      atMs,
      reason,
      ...(isOpen ? { closesAt: changesAt } : { opensAt: changesAt }),
    });
  }

  private endLift(): void {
    const { timing } = this.facts;
    if (timing?.isOpen !== undefined) this.facts.timing = { isOpen: timing.isOpen };
    else delete this.facts.timing;
  }
}

/** Of one that a migration of ours ended. */
function durationOf({ state, startedAtMs, finishedAtMs }: Item): number | null {
  const isTold = state === 'MIGRATED' || state === 'FAILED' || state === 'UNKNOWN';
  return isTold && startedAtMs !== null && finishedAtMs !== null ? finishedAtMs - startedAtMs : null;
}
