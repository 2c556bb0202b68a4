/**
 * What the limits ask of Temporal, and tell, beside everything else: what is in flight without a lease, what has become of
 * holders, that limits changed, that permits were granted.
 *
 * Invariants: one errand of a kind at a time; one that fails is repeated later. What is not done when a run ends, the next
 * run does. A sweep takes back only what Temporal says has ended.
 */
import { getExternalWorkflowHandle, log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { StrayMigration } from '../../activities/find-stray-migrations.js';
import { permitsGrantedSignal, sharedLimitsChangedSignal } from '../messages.js';
import { BackgroundTask } from '../runtime/background-task.js';
import { nowMs } from '../runtime/clock.js';
import type { LimitsStanding } from './carried-limits.js';
import type { Holder, Lease, PermitLedger } from './permit-ledger.js';

/** Of what runs without a lease, after limits were set. */
const LOOKS = 3;
/** Workers that have just learned that there are none start what they have for so long: see `readSettings`. */
const SETTLE_MS = 2_000;
/** After so many failures in a row limits come into force without a look. */
const FAILURES_OF_LOOK = 3;
/** Signals under way at a time. */
const MOST_SIGNALS = 100;
/** In one sweep. */
const MOST_LEASES_SWEPT = 2_000;
const MOST_HOLDERS_SWEPT = 500;

/** Bounded in what they read. */
const { sweepLeases, findStrayMigrations, tellCampaigns } = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '1 second', maximumAttempts: 3 },
});

export interface ErrandOptions {
  standing: LimitsStanding;
  sweepIntervalMs: number;
  /** What the limits did by themselves, for the audit trail. */
  note: (action: string, reason: string) => void;
  /** Called whenever an errand has ended. */
  ended: () => void;
}

export class LimitsErrands {
  private readonly sweeping = new BackgroundTask();
  private readonly looking = new BackgroundTask();
  private readonly telling = new BackgroundTask();
  private underWay = 0;
  private signals = 0;
  private failedLooks = 0;
  private sweptTo = 0;
  /** Granted, and not known to their holders yet. */
  private news: Lease[];

  constructor(private readonly options: ErrandOptions) {
    this.news = [...this.ledger.leases].filter(({ told }) => told === 'no');
  }

  get isIdle(): boolean {
    return this.underWay === 0 && this.signals === 0;
  }

  /** Nothing is under way, and nothing is left to tell. */
  get isDone(): boolean {
    return this.isIdle && this.news.length === 0 && !this.errands.isTellingDue;
  }

  /** Limits were set where there were none. */
  takeStock(): void {
    this.failedLooks = 0;
    Object.assign(this.errands, { looksLeft: LOOKS, nextLookMs: nowMs() + SETTLE_MS, isTellingDue: true });
    this.options.standing.stage = 'taking-stock';
  }

  granted(leases: readonly Lease[]): void {
    this.news.push(...leases);
  }

  beginDue(): void {
    this.sendNews();
    if (this.telling.isDue(this.tellAtMs())) this.begin(this.telling, this.tellingWork());
    if (this.looking.isDue(this.lookAtMs())) {
      this.begin(this.looking, { run: () => this.look(), failed: () => this.lookFailed() });
    }
    if (this.sweeping.isDue(this.sweepAtMs())) {
      this.errands.nextSweepMs = nowMs() + this.options.sweepIntervalMs;
      this.begin(this.sweeping, { run: () => this.sweep() });
    }
  }

  /** When the next one is due, each null if none is. */
  dueMs(): (number | null)[] {
    return [
      this.telling.nextMs(this.tellAtMs()),
      this.looking.nextMs(this.lookAtMs()),
      this.sweeping.nextMs(this.sweepAtMs()),
    ];
  }

  private get ledger(): PermitLedger {
    return this.options.standing.ledger;
  }

  private get errands(): LimitsStanding['errands'] {
    return this.options.standing.errands;
  }

  private begin(task: BackgroundTask, work: { run: () => Promise<void>; failed?: () => void }): void {
    this.underWay += 1;
    task.begin({
      run: work.run,
      failed: (reason) => {
        log.warn('the limits could not ask Temporal', { reason });
        work.failed?.();
      },
      ended: () => {
        this.underWay -= 1;
        this.options.ended();
      },
    });
  }

  // --- permits that were granted -----------------------------------------------------------------------------

  /** One signal to each holder. What an answer has told meanwhile needs none. */
  private sendNews(): void {
    const rest: Lease[] = [];
    const byHolder = new Map<Holder, Lease[]>();
    for (const lease of this.news) {
      if (lease.told !== 'no' || !this.ledger.leases.has(lease)) continue;
      const known = byHolder.get(lease.holder);
      if (known !== undefined) known.push(lease);
      else if (this.signals + byHolder.size < MOST_SIGNALS) byHolder.set(lease.holder, [lease]);
      else rest.push(lease);
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
      this.errands.nextSweepMs = nowMs();
    } finally {
      this.signals -= 1;
      this.options.ended();
    }
  }

  // --- campaigns that are told -------------------------------------------------------------------------------

  private tellAtMs(): number | null {
    return this.errands.isTellingDue ? nowMs() : null;
  }

  private tellingWork(): { run: () => Promise<void>; failed: () => void } {
    this.errands.isTellingDue = false;
    const run = async (): Promise<void> => {
      await tellCampaigns(sharedLimitsChangedSignal.name);
    };
    // That limits were cleared, campaigns learn when they ask next: the limits need not stay for that.
    const failed = (): void => {
      this.errands.isTellingDue ||= this.options.standing.stage !== 'cleared';
    };
    return { run, failed };
  }

  // --- what was in flight when limits were set ---------------------------------------------------------------

  private lookAtMs(): number | null {
    const { looksLeft, nextLookMs } = this.errands;
    return this.options.standing.stage !== 'cleared' && looksLeft > 0 ? nextLookMs : null;
  }

  private async look(): Promise<void> {
    const known = [...this.ledger.leases, ...this.ledger.requests].map(({ holder, vnfUuid }) => ({
      holder: holder.kind,
      workflowId: holder.workflowId,
      vnfUuid,
    }));
    const strays = await findStrayMigrations({ known });
    for (const stray of strays) this.adopt(stray);
    this.errands.looksLeft -= 1;
    this.errands.nextLookMs = nowMs() + this.options.sweepIntervalMs;
    this.comeIntoForce(`${String(this.ledger.leases.size)} in flight`);
  }

  private adopt({ move, holder }: StrayMigration): void {
    this.ledger.adopt({ move, holder: { kind: 'migration', ...holder } }, nowMs());
  }

  private lookFailed(): void {
    this.failedLooks += 1;
    if (this.failedLooks >= FAILURES_OF_LOOK) this.comeIntoForce('what is in flight could not be read');
  }

  private comeIntoForce(reason: string): void {
    const { standing, note } = this.options;
    if (standing.stage !== 'taking-stock') return;
    standing.stage = 'set';
    note('in force', reason);
  }

  // --- what has become of holders ----------------------------------------------------------------------------

  private sweepAtMs(): number | null {
    const { leases, requests } = this.ledger;
    const isNeeded = this.options.standing.stage === 'set' && leases.size + requests.size > 0;
    return isNeeded ? this.errands.nextSweepMs : null;
  }

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
    const reason = `${String(ended.length)} leases of what has ended, requests of ${String(gone.length)} holders`;
    this.options.note('take back', reason);
  }

  /** Of very many some, and the next ones in the next sweep. */
  private someLeases(): Lease[] {
    const leases = [...this.ledger.leases];
    if (this.sweptTo >= leases.length) this.sweptTo = 0;
    const some = leases.slice(this.sweptTo, this.sweptTo + MOST_LEASES_SWEPT);
    this.sweptTo += some.length;
    return some;
  }

  /** Those who wait and have not asked for long, and may be gone. */
  private silentHolders(): Holder[] {
    const beforeMs = nowMs() - 2 * this.options.sweepIntervalMs;
    const waiting = new Set([...this.ledger.requests].map(({ holder }) => holder));
    return [...waiting]
      .filter(({ heardAtMs }) => heardAtMs <= beforeMs)
      .sort((left, right) => left.heardAtMs - right.heardAtMs)
      .slice(0, MOST_HOLDERS_SWEPT);
  }
}
