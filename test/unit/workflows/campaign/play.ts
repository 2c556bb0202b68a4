/**
 * Plays a campaign without Temporal: the behaviour of the workflow in virtual time, for any endings and orders.
 *
 * Invariants: it does only what the workflow could do. Its checks count from the items alone, not from counters of
 * the campaign.
 */
import type { DescribedMigration } from '../../../../src/activities/describe-migrations.js';
import {
  parseCampaign,
  type CampaignInput,
  type ControlName,
} from '../../../../src/shared/campaign/contract.js';
import type { WaitReason } from '../../../../src/shared/campaign/views.js';
import { planCampaign } from '../../../../src/shared/campaign/plan.js';
import { pack, unpack, type CarriedCampaign } from '../../../../src/workflows/campaign/continue-as-new.js';
import { carryOut, refusal } from '../../../../src/workflows/campaign/control-updates.js';
import type { Ending } from '../../../../src/workflows/campaign/child-outcomes.js';
import { newFacts } from '../../../../src/workflows/campaign/facts.js';
import { hasEnded, type Item } from '../../../../src/workflows/campaign/item.js';
import { CampaignState } from '../../../../src/workflows/campaign/state.js';
import { openingAt } from '../../../../src/shared/windows/opening.js';
import type { Window } from '../../../../src/shared/windows/schema.js';

export const STARTED_AT_MS = 1_700_000_000_000;

export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

export const vim = (number: number): string => uuid(0xf0_0000 + number);
export const service = (number: number): string => uuid(0x50_0000 + number);

export interface ItemGiven {
  /** Numbers, for `vim` and `service`. */
  service: number;
  source: number | null;
  target: number;
  priority?: number;
  wave?: number;
}

export interface Given extends Partial<Omit<CampaignInput, 'items'>> {
  items: ItemGiven[];
  hasRepository?: boolean;
}

/** Planned, and ready to start its first items. */
export function campaignOf({ items, hasRepository = true, ...more }: Given): CampaignState {
  const parsed = parseCampaign({
    ...more,
    items: items.map((item, index) => ({
      serviceInstanceUuid: service(item.service),
      vnfUuid: uuid(index + 1),
      vimUuid: vim(item.target),
      priority: item.priority ?? 0,
      wave: item.wave ?? 1,
    })),
  });
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('; '));
  const { items: listed, ...spec } = parsed.spec;
  const state = new CampaignState({ facts: newFacts(spec, STARTED_AT_MS) });
  state.facts.settings = { deployment: 'd', hasRepository, hasBus: true, searchAttributes: [] };
  const inventory = items.map(({ service: of, source }, index) => ({
    vnfUuid: uuid(index + 1),
    serviceInstanceUuids: [service(of)],
    vimUuids: source === null ? [] : [vim(source)],
    status: 'normal operation',
  }));
  state.list(planCampaign({ spec: parsed.spec, inventory: null }).items, () => true);
  state.plan(planCampaign({ spec: { ...spec, items: listed! }, inventory }), STARTED_AT_MS);
  return state;
}

export const ENDINGS: Record<string, Ending> = {
  migrated: ending('migrated'),
  'already-there': ending('already-there'),
  failed: ending('failed', 'MigrationFailed'),
  rejected: ending('failed', 'MigrationRejected'),
  unknown: ending('failed', 'MigrationOutcomeUnknown'),
  busy: ending('failed', 'ServiceBusy'),
  silence: ending('failed', 'MigrationNotAcknowledged'),
  'no broker': ending('failed', 'BrokerUnavailable'),
  cancelled: ending('cancelled'),
  lost: ending('lost'),
};

function ending(outcome: Ending['outcome'], failureType: string | null = null): Ending {
  return { outcome, failureType, newVnfUuid: null, message: failureType };
}

export class Play {
  nowMs = STARTED_AT_MS;
  /** Of each item, how often it was started. */
  readonly starts = new Map<number, number>();
  private runs = 0;
  /** Of the ends that a ramp-up counts, in their order; the total limit at that time. */
  private readonly results: { isSuccess: boolean; total: number }[] = [];

  constructor(public state: CampaignState) {
    this.startDue();
  }

  /** What the workflow does at each step; and no start may be against a limit. */
  startDue(refused: (item: Item) => boolean = () => false): void {
    const { state } = this;
    state.wake(this.nowMs);
    this.planAdded();
    for (;;) {
      const before = this.inFlight();
      const item = state.startNext(this.nowMs);
      if (item === null) break;
      this.checkStart(item, before);
      this.starts.set(item.index, (this.starts.get(item.index) ?? 0) + 1);
      this.runs += 1;
      if (refused(item)) state.startRefused(item, this.nowMs);
      else state.began(item, { runId: uuid(0xa0_0000 + this.runs), atMs: this.nowMs });
    }
    this.checkWaiting();
  }

  end(item: Item, how: Ending): void {
    const newVnfUuid = how.outcome === 'migrated' ? uuid(0xb0_0000 + this.runs + item.index * 1_000) : null;
    const wasRunning = item.state === 'RUNNING';
    this.state.ended(item, { ending: { ...how, newVnfUuid }, atMs: this.nowMs });
    if (wasRunning) this.noteResult(item, how);
    this.startDue();
  }

  /** Whether it was taken. */
  order(name: ControlName, more: object = {}): boolean {
    const input = { actor: 'ada', reason: 'a test', ...more };
    if (refusal(this.state, { name, input, atMs: this.nowMs }) !== null) return false;
    carryOut(this.state, { name, input, atMs: this.nowMs });
    this.startDue();
    return true;
  }

  describe(item: Item, standing: Partial<DescribedMigration>, { isOwn = false } = {}): void {
    const wasRunning = item.state === 'RUNNING';
    this.state.described(item, { standing: { ...STANDING, ...standing }, isOwn, atMs: this.nowMs });
    if (wasRunning) this.noteResult(item, { ...ENDINGS['lost']!, newVnfUuid: null });
    this.startDue();
  }

  lookUp(
    item: Item,
    found: { isListed: boolean; candidates?: { vnfUuid: string; vimUuids: string[] }[] },
  ): void {
    const vimUuids = found.isListed && item.source !== null ? [item.source] : [];
    const whole = { vnfUuid: item.present, vimUuids, candidates: [], ...found };
    this.state.lookedUp(item, { found: whole, atMs: this.nowMs });
    this.startDue();
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.startDue();
  }

  /** From one run to the next. */
  carry(): void {
    const carried = JSON.parse(JSON.stringify(pack(this.state))) as CarriedCampaign;
    this.state = unpack(carried);
    this.startDue();
  }

  inFlight(): Item[] {
    return this.state.items.filter(({ state }) => state === 'RUNNING');
  }

  item(index: number): Item {
    const item = this.state.items[index];
    if (item === undefined) throw new Error(`no item ${String(index)}`);
    return item;
  }

  states(): string[] {
    return this.state.items.map(({ state }) => state);
  }

  /** What is added is where the repository says: nobody asks it here. */
  private planAdded(): void {
    const { state } = this;
    const added = state.items.filter((item) => item.state === 'PLANNED');
    if (added.length === 0 || state.facts.phase !== 'running') return;
    const items = added.map(({ service: of, vnf, target, priority, wave }) => ({
      serviceInstanceUuid: of,
      vnfUuid: vnf,
      vimUuid: target ?? '',
      priority,
      wave,
    }));
    const plan = planCampaign({ spec: { ...state.facts.spec, items }, inventory: null });
    state.joinPlanned(added, { plan, atMs: this.nowMs });
  }

  /** What a ramp-up counts: a migration that moved, or failed for good. */
  private noteResult({ state }: Item, { outcome, failureType }: Ending): void {
    const { total } = this.state.facts.spec.limits;
    const isSilence = failureType === 'MigrationNotAcknowledged' || failureType === 'BrokerUnavailable';
    const isFailure = state === 'FAILED' || state === 'UNKNOWN' || isSilence;
    if (outcome === 'migrated') this.results.push({ isSuccess: true, total });
    else if (isFailure) this.results.push({ isSuccess: false, total });
  }

  private checkStart(item: Item, before: readonly Item[]): void {
    const { pause, facts } = this.state;
    const { limits } = facts.spec;
    holds(this.isTimeOpen(), 'the time lets it start');
    holds(before.length < this.rampLimit(), 'the limit of the ramp-up');
    const number = (same: (other: Item) => boolean): number => before.filter(same).length;
    holds(pause === null && !facts.isAborted && item.stage <= facts.openStage, 'it may start at all');
    holds(!before.includes(item), 'it does not run already');
    holds(before.length < limits.total, 'the total limit');
    holds(number(({ service: of }) => of === item.service) === 0, 'one of a service');
    holds(number(({ target }) => target === item.target) < limits.perTargetVim, 'the limit of the target');
    const leaving = item.source === null ? 0 : number(({ source }) => source === item.source);
    holds(leaving < limits.perSourceVim, 'the limit of the source');
  }

  /** Nothing waits that could start: the reason of each that waits is true. */
  private checkWaiting(): void {
    const { state } = this;
    const running = this.inFlight();
    for (const item of state.items) {
      const reason = state.waitReasonOf(item);
      if (reason === null) holds(item.state !== 'WAITING', 'what waits has a reason');
      else holds(item.state === 'WAITING' && this.isTrue(reason, { item, running }), `${reason} is true`);
    }
  }

  private isTrue(reason: WaitReason, { item, running }: { item: Item; running: Item[] }): boolean {
    const { limits } = this.state.facts.spec;
    const number = (same: (other: Item) => boolean): number => running.filter(same).length;
    switch (reason) {
      case 'total-limit':
        return running.length >= limits.total;
      case 'source-limit':
        return number(({ source }) => source === item.source) >= limits.perSourceVim;
      case 'target-limit':
        return number(({ target }) => target === item.target) >= limits.perTargetVim;
      case 'capacity':
        // Campaigns by room are played in room.test.ts.
        return false;
      case 'service-busy':
        return number(({ service: of }) => of === item.service) === 1;
      case 'gate':
        return this.isGated(item);
      case 'backoff':
        return item.mustLookUp || item.notBeforeMs > this.nowMs;
      case 'paused':
        return this.state.pause !== null;
      case 'window':
      case 'not-before':
        return !this.isTimeOpen();
      case 'ramp-up':
        return running.length >= this.rampLimit();
      case 'soak':
        return (this.state.facts.soakUntilMs ?? 0) > this.nowMs && this.isGated(item);
      case 'owned-by':
        return item.isOwned;
    }
  }

  private isGated({ stage }: Item): boolean {
    const { facts, items } = this.state;
    const isUnended = (item: Item): boolean => item.stage <= facts.openStage && !hasEnded(item);
    const isHeld = facts.gateSinceMs !== null || facts.soakUntilMs !== undefined;
    return stage > facts.openStage && (items.some(isUnended) || isHeld);
  }

  /** By the windows themselves, asked anew each time. */
  private isTimeOpen(): boolean {
    const { facts, cutoffMs } = this.state;
    const { windows = [], notBefore } = facts.spec;
    if (facts.timing?.isLifted === true && this.nowMs < (facts.timing.liftedUntilMs ?? Infinity)) return true;
    if (notBefore !== undefined && this.nowMs < Date.parse(notBefore)) return false;
    if (!openingAt(windows, this.nowMs).isOpen) return false;
    return (
      windows.length === 0 ||
      isOpenThroughout(windows, { fromMs: this.nowMs, untilMs: this.nowMs + cutoffMs })
    );
  }

  /** By the ends of all migrations so far, in their order. */
  private rampLimit(): number {
    const { rampUp, limits } = this.state.facts.spec;
    if (rampUp === undefined) return Infinity;
    let [allowed, inARow, step] = [rampUp.from, 0, 0];
    const at = (nth: number): number => Math.ceil(rampUp.from * rampUp.factor ** nth);
    for (const { isSuccess, total } of this.results) {
      allowed = at(step);
      if (!isSuccess) [step, inARow] = [Math.max(0, step - 1), 0];
      else if (allowed >= total) inARow = 0;
      else if (++inARow >= allowed) [step, inARow] = [step + 1, 0];
    }
    return Math.min(limits.total, at(step));
  }
}

function isOpenThroughout(
  windows: readonly Window[],
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): boolean {
  for (let atMs = fromMs; atMs <= untilMs;) {
    const opening = openingAt(windows, atMs);
    // A window holds its start, not its end: what ends just then has ended in it.
    if (!opening.isOpen) return false;
    if (opening.untilMs === null || opening.untilMs > untilMs) return true;
    atMs = opening.untilMs;
  }
  return true;
}

/** Cheap, because it is asked a million times. */
function holds(fact: boolean, what: string): void {
  if (!fact) throw new Error(`violated: ${what}`);
}

const STANDING: DescribedMigration = {
  workflowId: '',
  standing: 'running',
  runId: null,
  newVnfUuid: null,
  vimUuid: null,
  failureType: null,
  message: null,
  inDoubt: false,
};
