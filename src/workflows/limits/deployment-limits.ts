/**
 * The limits of a deployment, and who has a permit under them. permit-ledger.ts decides; this file receives orders and
 * calls, tells holders of grants, and asks Temporal what has become of them.
 *
 * Invariants: it runs only where limits are set, so that nobody asks where none are. Handlers are synchronous: what an
 * answer says holds at that moment. Before what is in flight is known, nothing is granted. What holders lose by a death, a
 * sweep finds: no lease outlives its migration for longer than that.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  log,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { StrayMigration } from '../../activities/find-stray-migrations.js';
import {
  clearLimitsSchema,
  exchangePermitsSchema,
  INVALID_LIMITS,
  setLimitsSchema,
  type SharedLimits,
  type LimitsState,
  type PermitAnswer,
} from '../../shared/limits/contract.js';
import { problemsOf } from '../../shared/migration/contract.js';
import {
  clearSharedLimitsUpdate,
  exchangePermitsUpdate,
  limitsStateQuery,
  permitsGrantedSignal,
  setSharedLimitsUpdate,
  sharedLimitsChangedSignal,
} from '../messages.js';
import { BackgroundTask } from '../runtime/background-task.js';
import { nowMs } from '../runtime/clock.js';
import { WakeTimer } from '../runtime/wake-timer.js';
import { pack, unpack, type CarriedLimits, type LimitsStanding } from './carried-limits.js';
import { currentDetailsOf, limitsState } from './limits-view.js';
import { orderText, withEntry } from './order-trail.js';
import { PermitLedger, type Holder, type Lease } from './permit-ledger.js';

/** Callers give none. */
export interface DeploymentLimitsOptions {
  /** How often Temporal is asked what has become of holders. Tests have it shorter. */
  sweepIntervalMs?: number;
  /** Tests have shorter runs. */
  eventsPerRun?: number;
  /** What one run hands to the next. */
  carried?: CarriedLimits;
}

const EVENTS_PER_RUN = 2_000;
const SWEEP_INTERVAL_MS = 60_000;
/** Workers that have just learned that there are none start what they have for so long: see `readSettings`. */
const SETTLE_MS = 2_000;
/** Of what runs without a lease, after limits were set. */
const LOOKS = 3;
/** After so many failures in a row limits come into force without a look. */
const FAILURES_OF_LOOK = 3;
/** Started, and never set. */
const UNSET_MS = 60_000;
/** Signals under way at a time. */
const MOST_SIGNALS = 100;
/** In one sweep. */
const MOST_LEASES_SWEPT = 2_000;
const MOST_HOLDERS_SWEPT = 500;

/** Bounded in what they read, and repeated later where they fail. */
const { sweepLeases, findStrayMigrations, tellCampaigns } = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});

/** Holds the limits of a deployment. It ends when they are cleared. */
export async function deploymentLimits(options: DeploymentLimitsOptions = {}): Promise<void> {
  const limits = new DeploymentLimits(options);
  setHandler(limitsStateQuery, () => limits.state());
  setHandler(setSharedLimitsUpdate, (order) => limits.set(order), {
    validator: (order) => limits.checkSet(order),
  });
  setHandler(clearSharedLimitsUpdate, (order) => limits.clear(order), {
    validator: (order) => limits.checkClear(order),
  });
  setHandler(exchangePermitsUpdate, (call) => limits.exchange(call), {
    validator: (call) => void checked(exchangePermitsSchema(), call),
  });
  await limits.run();
}

class DeploymentLimits {
  private readonly standing: LimitsStanding;
  private readonly startedAtMs = nowMs();
  private readonly timer = new WakeTimer();
  private readonly sweeping = new BackgroundTask();
  private readonly looking = new BackgroundTask();
  private readonly telling = new BackgroundTask();
  /** Changes whenever something has to be done, or has ended. */
  private seq = 0;
  private underWay = 0;
  private signals = 0;
  private isTellingDue = false;
  private nextSweepMs: number;
  private sweptTo = 0;
  private failedLooks = 0;
  /** Granted, and not known to their holders yet. */
  private news: Lease[];
  private isLeaving = false;

  constructor(private readonly options: DeploymentLimitsOptions) {
    const { carried } = options;
    this.standing =
      carried === undefined
        ? { ledger: new PermitLedger(), stage: 'unset', looksLeft: 0, nextLookMs: 0, audit: [] }
        : unpack(carried);
    this.news = [...this.ledger.leases].filter(({ told }) => told === 'no');
    this.nextSweepMs = nowMs() + this.sweepIntervalMs;
  }

  async run(): Promise<void> {
    for (;;) {
      this.isLeaving ||= hasLongHistory(this.options.eventsPerRun ?? EVENTS_PER_RUN);
      this.grant();
      if (!this.isLeaving) {
        this.sendNews();
        this.beginDue();
      }
      setCurrentDetails(currentDetailsOf(this.state()));
      if (this.isOver()) {
        await condition(allHandlersFinished);
        if (this.isOver()) return;
      } else if (this.isLeaving && this.isIdle) await this.continueAsNew();
      else await this.untilSomethingIsDue();
    }
  }

  state(): LimitsState {
    const { ledger, stage, audit } = this.standing;
    return limitsState({ ledger, isSet: stage === 'set' || stage === 'taking-stock', audit });
  }

  checkSet(order: unknown): void {
    const { total, vims } = checked(setLimitsSchema(), order);
    if (total === undefined && (vims === undefined || vims.length === 0)) throw refused('it changes nothing');
  }

  set(order: unknown): LimitsState {
    const { actor, reason, total, vims = [] } = checked(setLimitsSchema(), order);
    this.ledger.setLimits(merged(this.ledger.limits, { total, vims }));
    this.note({ actor, action: orderText({ total, vims }), reason });
    const { stage } = this.standing;
    if (stage === 'unset' || stage === 'cleared') this.takeStock();
    return this.state();
  }

  checkClear(order: unknown): void {
    checked(clearLimitsSchema(), order);
    if (this.standing.stage === 'cleared') throw refused('they are cleared already');
  }

  /** Everything that waits may go. */
  clear(order: unknown): LimitsState {
    const { actor, reason } = checked(clearLimitsSchema(), order);
    this.ledger.setLimits({ total: null, vims: [] });
    this.standing.stage = 'cleared';
    this.isTellingDue = true;
    this.note({ actor, action: 'clear', reason });
    return this.state();
  }

  exchange(input: unknown): PermitAnswer {
    const call = checked(exchangePermitsSchema(), input);
    if (this.standing.stage === 'cleared') return { kind: 'none' };
    this.ledger.exchange(call, nowMs());
    this.grant();
    this.seq += 1;
    return this.ledger.answer(call);
  }

  private get ledger(): PermitLedger {
    return this.standing.ledger;
  }

  private get sweepIntervalMs(): number {
    return this.options.sweepIntervalMs ?? SWEEP_INTERVAL_MS;
  }

  private get isIdle(): boolean {
    return this.underWay === 0 && this.signals === 0;
  }

  private isOver(): boolean {
    const { stage } = this.standing;
    if (stage === 'unset') return nowMs() >= this.startedAtMs + UNSET_MS;
    return stage === 'cleared' && this.isIdle && !this.isTellingDue && this.news.length === 0;
  }

  private grant(): void {
    if (this.standing.stage === 'taking-stock') return;
    this.news.push(...this.ledger.grantAll(nowMs()));
  }

  private takeStock(): void {
    const { standing } = this;
    standing.stage = 'taking-stock';
    standing.looksLeft = LOOKS;
    standing.nextLookMs = nowMs() + SETTLE_MS;
    this.failedLooks = 0;
    this.isTellingDue = true;
  }

  private note(entry: { actor: string | null; action: string; reason: string }): void {
    this.standing.audit = withEntry(this.standing.audit, { atMs: nowMs(), ...entry });
    log.info('the limits of the deployment changed', entry);
    this.seq += 1;
  }

  // --- what holders are told ---------------------------------------------------------------------------------

  /** One signal to each holder. What an answer has told meanwhile needs none. */
  private sendNews(): void {
    const rest: Lease[] = [];
    const byHolder = new Map<Holder, Lease[]>();
    for (const lease of this.news) {
      if (lease.told !== 'no' || !this.ledger.leases.has(lease)) continue;
      if (byHolder.has(lease.holder) || this.signals + byHolder.size < MOST_SIGNALS) {
        byHolder.set(lease.holder, [...(byHolder.get(lease.holder) ?? []), lease]);
      } else rest.push(lease);
    }
    this.news = rest;
    for (const [holder, leases] of byHolder) void this.tell(holder, leases);
  }

  private async tell({ workflowId }: Holder, leases: readonly Lease[]): Promise<void> {
    for (const lease of leases) lease.told = 'signal';
    this.signals += 1;
    try {
      const vnfUuids = leases.map(({ vnfUuid }) => vnfUuid);
      await getExternalWorkflowHandle(workflowId).signal(permitsGrantedSignal, { vnfUuids });
    } catch {
      // It has ended: a sweep finds out what that means for its leases.
      this.nextSweepMs = nowMs();
    } finally {
      this.signals -= 1;
      this.seq += 1;
    }
  }

  // --- what Temporal is asked --------------------------------------------------------------------------------

  private beginDue(): void {
    if (this.telling.isDue(this.tellAtMs())) {
      this.isTellingDue = false;
      // Campaigns that were not told learn it when they ask next.
      this.begin(this.telling, async () => void (await tellCampaigns(sharedLimitsChangedSignal.name)));
    }
    if (this.looking.isDue(this.lookAtMs())) {
      this.begin(
        this.looking,
        () => this.look(),
        () => this.lookFailed(),
      );
    }
    if (this.sweeping.isDue(this.sweepAtMs())) {
      this.nextSweepMs = nowMs() + this.sweepIntervalMs;
      this.begin(this.sweeping, () => this.sweep());
    }
  }

  private begin(task: BackgroundTask, run: () => Promise<void>, onFailure?: () => void): void {
    this.underWay += 1;
    task.begin({
      run,
      failed: (reason) => {
        log.warn('the limits could not ask Temporal', { reason });
        onFailure?.();
      },
      ended: () => {
        this.underWay -= 1;
        this.seq += 1;
      },
    });
  }

  private tellAtMs(): number | null {
    return this.isTellingDue ? nowMs() : null;
  }

  private lookAtMs(): number | null {
    const { stage, looksLeft, nextLookMs } = this.standing;
    return stage !== 'cleared' && looksLeft > 0 ? nextLookMs : null;
  }

  private sweepAtMs(): number | null {
    const { stage, ledger } = this.standing;
    const isNeeded = stage === 'set' && (ledger.leases.size > 0 || ledger.requests.size > 0);
    return isNeeded ? this.nextSweepMs : null;
  }

  /** Leases what was in flight when limits were set. */
  private async look(): Promise<void> {
    const known = [...this.ledger.leases, ...this.ledger.requests].map(({ holder, vnfUuid }) => ({
      holder: holder.kind,
      workflowId: holder.workflowId,
      vnfUuid,
    }));
    const strays = await findStrayMigrations({ known });
    for (const stray of strays) this.adopt(stray);
    const { standing } = this;
    if (standing.stage === 'taking-stock') {
      standing.stage = 'set';
      this.note({ actor: null, action: 'in force', reason: `${String(this.ledger.leases.size)} in flight` });
    }
    standing.looksLeft -= 1;
    standing.nextLookMs = nowMs() + this.sweepIntervalMs;
  }

  private adopt({ move, holder }: StrayMigration): void {
    this.ledger.adopt({ move, holder: { kind: 'migration', ...holder } }, nowMs());
  }

  private lookFailed(): void {
    this.failedLooks += 1;
    if (this.failedLooks < FAILURES_OF_LOOK || this.standing.stage !== 'taking-stock') return;
    this.standing.stage = 'set';
    this.note({ actor: null, action: 'in force', reason: 'what is in flight could not be read' });
  }

  /** Takes back what nobody uses any more. */
  private async sweep(): Promise<void> {
    const leases = this.someLeases();
    const holders = this.silentHolders();
    const { ended, gone } = await sweepLeases({
      leases: leases.map(({ vnfUuid, holder: { kind, workflowId, firstRunId }, sinceMs }) => {
        return { vnfUuid, holder: { kind, workflowId, firstRunId }, sinceMs };
      }),
      holders: holders.map(({ workflowId, firstRunId }) => ({ workflowId, firstRunId })),
    });
    for (const index of ended) {
      const lease = leases[index];
      if (lease !== undefined) this.ledger.takeBack(lease);
    }
    for (const [index, holder] of holders.entries()) {
      if (gone.includes(index)) this.ledger.takeOut(holder);
      else holder.heardAtMs = nowMs();
    }
    if (ended.length + gone.length === 0) return;
    const reason = `${String(ended.length)} leases of what has ended; requests of ${String(gone.length)} holders`;
    this.note({ actor: null, action: 'take back', reason });
  }

  /** Of very many some, and the next ones in the next sweep. */
  private someLeases(): Lease[] {
    const leases = [...this.ledger.leases];
    if (this.sweptTo >= leases.length) this.sweptTo = 0;
    const some = leases.slice(this.sweptTo, this.sweptTo + MOST_LEASES_SWEPT);
    this.sweptTo += some.length;
    return some;
  }

  /** Those that have not asked for long, and may be gone. */
  private silentHolders(): Holder[] {
    const beforeMs = nowMs() - 2 * this.sweepIntervalMs;
    const waiting = new Set([...this.ledger.requests].map(({ holder }) => holder));
    return [...waiting]
      .filter(({ heardAtMs }) => heardAtMs <= beforeMs)
      .sort((left, right) => left.heardAtMs - right.heardAtMs)
      .slice(0, MOST_HOLDERS_SWEPT);
  }

  private async untilSomethingIsDue(): Promise<void> {
    const { seq } = this;
    const due = [
      this.standing.stage === 'unset' ? this.startedAtMs + UNSET_MS : null,
      this.isLeaving ? null : this.telling.nextMs(this.tellAtMs()),
      this.isLeaving ? null : this.looking.nextMs(this.lookAtMs()),
      this.isLeaving ? null : this.sweeping.nextMs(this.sweepAtMs()),
    ];
    const untilMs = Math.min(...due.map((atMs) => atMs ?? Number.POSITIVE_INFINITY));
    const changed = (): boolean => this.seq !== seq;
    if (Number.isFinite(untilMs)) await this.timer.wait({ untilMs, changed });
    else await condition(changed);
  }

  private async continueAsNew(): Promise<never> {
    await condition(allHandlersFinished);
    const { sweepIntervalMs, eventsPerRun } = this.options;
    return await makeContinueAsNewFunc<typeof deploymentLimits>()({
      ...(sweepIntervalMs === undefined ? {} : { sweepIntervalMs }),
      ...(eventsPerRun === undefined ? {} : { eventsPerRun }),
      carried: pack(this.standing),
    });
  }
}

/** What is not named stays as it is. */
function merged(
  limits: SharedLimits,
  change: {
    total: number | null | undefined;
    vims: readonly { vimUuid: string; in?: number | null | undefined; out?: number | null | undefined }[];
  },
): SharedLimits {
  const vims = new Map(limits.vims.map((vim) => [vim.vimUuid, vim]));
  for (const { vimUuid, in: arriving, out: leaving } of change.vims) {
    const before = vims.get(vimUuid) ?? { vimUuid, in: null, out: null };
    vims.set(vimUuid, {
      vimUuid,
      in: arriving === undefined ? before.in : arriving,
      out: leaving === undefined ? before.out : leaving,
    });
  }
  return { total: change.total === undefined ? limits.total : change.total, vims: [...vims.values()] };
}

interface Schema<T> {
  safeParse: (
    input: unknown,
  ) => { success: true; data: T } | { success: false; error: Parameters<typeof problemsOf>[0] };
}

/** @throws ApplicationFailure `InvalidLimits` */
function checked<T>(schema: Schema<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw refused(problemsOf(parsed.error).join('; '));
  return parsed.data;
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, INVALID_LIMITS);
}

function hasLongHistory(events: number): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return historyLength >= events || continueAsNewSuggested;
}
