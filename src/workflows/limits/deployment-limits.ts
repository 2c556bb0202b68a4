/**
 * The limits of a deployment, and who has a permit under them. permit-ledger.ts decides; this file receives orders and
 * calls; errands.ts asks Temporal, and tells holders.
 *
 * Invariants: it runs only where limits are set, so that nobody asks where none are. Handlers are synchronous: what an
 * answer says holds at that moment. Before what is in flight is known, nothing is granted.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import {
  clearLimitsSchema,
  exchangePermitsSchema,
  INVALID_LIMITS,
  setLimitsSchema,
  type LimitsState,
  type PermitAnswer,
} from '../../shared/limits/contract.js';
import { problemsOf } from '../../shared/migration/contract.js';
import {
  clearSharedLimitsUpdate,
  exchangePermitsUpdate,
  limitsStateQuery,
  setSharedLimitsUpdate,
} from '../messages.js';
import { nowMs } from '../runtime/clock.js';
import { hasLongHistory } from '../runtime/long-history.js';
import { WakeTimer } from '../runtime/wake-timer.js';
import { pack, unpack, type CarriedLimits, type LimitsStanding } from './carried-limits.js';
import { LimitsErrands } from './errands.js';
import { currentDetailsOf, limitsState, type LimitsFacts } from './limits-view.js';
import { merged, orderText, withEntry } from './orders.js';
import { PermitLedger } from './permit-ledger.js';

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
/** Started, and never set. */
const UNSET_MS = 60_000;

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
    validator: (call) => {
      checked(exchangePermitsSchema(), call);
    },
  });
  await limits.run();
}

class DeploymentLimits {
  private readonly standing: LimitsStanding;
  private readonly errands: LimitsErrands;
  private readonly timer = new WakeTimer();
  private readonly startedAtMs = nowMs();
  /** Changes whenever something may have to be done. */
  private seq = 0;
  private isLeaving = false;

  constructor(private readonly options: DeploymentLimitsOptions) {
    const { carried, sweepIntervalMs = SWEEP_INTERVAL_MS } = options;
    this.standing = carried === undefined ? nothingSet(sweepIntervalMs) : unpack(carried);
    this.errands = new LimitsErrands({
      standing: this.standing,
      sweepIntervalMs,
      note: (action, reason) => this.note({ actor: null, action, reason }),
      ended: () => (this.seq += 1),
    });
  }

  async run(): Promise<void> {
    for (;;) {
      this.isLeaving ||= hasLongHistory(this.options.eventsPerRun ?? EVENTS_PER_RUN);
      this.grant();
      if (!this.isLeaving) this.errands.beginDue();
      setCurrentDetails(currentDetailsOf(this.facts));
      if (this.isOver()) {
        await condition(allHandlersFinished);
        if (this.isOver()) return;
      } else if (this.isLeaving && this.errands.isIdle) await this.continueAsNew();
      else await this.untilSomethingIsDue();
    }
  }

  state(): LimitsState {
    return limitsState(this.facts);
  }

  checkSet(order: unknown): void {
    const { total, vims = [] } = checked(setLimitsSchema(), order);
    if (total === undefined && vims.length === 0) throw refused('it changes nothing');
  }

  set(order: unknown): LimitsState {
    const { actor, reason, ...change } = checked(setLimitsSchema(), order);
    const { ledger, stage } = this.standing;
    ledger.setLimits(merged(ledger.limits, change));
    this.note({ actor, action: orderText(change), reason });
    if (stage === 'unset' || stage === 'cleared') this.errands.takeStock();
    return this.state();
  }

  checkClear(order: unknown): void {
    checked(clearLimitsSchema(), order);
    if (this.standing.stage === 'cleared') throw refused('they are cleared already');
  }

  /** Everything that waits may go. */
  clear(order: unknown): LimitsState {
    const { actor, reason } = checked(clearLimitsSchema(), order);
    this.standing.ledger.setLimits({ total: null, vims: [] });
    this.standing.stage = 'cleared';
    this.standing.errands.isTellingDue = true;
    this.note({ actor, action: 'clear', reason });
    return this.state();
  }

  exchange(input: unknown): PermitAnswer {
    const call = checked(exchangePermitsSchema(), input);
    const { ledger, stage } = this.standing;
    if (stage === 'cleared') return { kind: 'none' };
    ledger.exchange(call, nowMs());
    this.grant();
    this.seq += 1;
    return ledger.answer(call);
  }

  private get facts(): LimitsFacts {
    const { ledger, stage, audit } = this.standing;
    return { ledger, isSet: stage === 'set' || stage === 'taking-stock', audit };
  }

  private isOver(): boolean {
    const { stage } = this.standing;
    if (stage === 'unset') return nowMs() >= this.startedAtMs + UNSET_MS;
    return stage === 'cleared' && this.errands.isDone;
  }

  private grant(): void {
    const { ledger, stage } = this.standing;
    if (stage !== 'taking-stock') this.errands.granted(ledger.grantAll(nowMs()));
  }

  private note(entry: { actor: string | null; action: string; reason: string }): void {
    this.standing.audit = withEntry(this.standing.audit, { atMs: nowMs(), ...entry });
    log.info('the limits of the deployment changed', entry);
    this.seq += 1;
  }

  private async untilSomethingIsDue(): Promise<void> {
    const { seq } = this;
    const unsetMs = this.standing.stage === 'unset' ? this.startedAtMs + UNSET_MS : null;
    const due = [unsetMs, ...(this.isLeaving ? [] : this.errands.dueMs())];
    const untilMs = Math.min(...due.map((atMs) => atMs ?? Number.POSITIVE_INFINITY));
    const changed = (): boolean => this.seq !== seq;
    if (Number.isFinite(untilMs)) await this.timer.wait({ untilMs, changed });
    else await condition(changed);
  }

  private async continueAsNew(): Promise<never> {
    await condition(allHandlersFinished);
    const options: DeploymentLimitsOptions = { ...this.options, carried: pack(this.standing) };
    return await makeContinueAsNewFunc<typeof deploymentLimits>()(options);
  }
}

function nothingSet(sweepIntervalMs: number): LimitsStanding {
  const errands = {
    looksLeft: 0,
    nextLookMs: 0,
    nextSweepMs: nowMs() + sweepIntervalMs,
    isTellingDue: false,
  };
  return { ledger: new PermitLedger(), stage: 'unset', errands, audit: [] };
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
