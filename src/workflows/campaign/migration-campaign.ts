/**
 * Many migrations under limits. This file starts children, runs background tasks and receives messages; state.ts and
 * limit-scheduler.ts decide.
 *
 * Invariants: everything that arrives becomes a fact of the state. The loop does what is due, publishes the progress,
 * and waits for the next fact or time. Handlers never throw on bad input, are synchronous, and are registered before the
 * first await, so that the next run begins with everything that was delivered. Migrations are children that outlive
 * every run of the campaign: they continue when it continues as new, is cancelled or ends.
 */
import {
  allHandlersFinished,
  CancellationScope,
  ApplicationFailure,
  condition,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import {
  CONTROL_NAMES,
  INVALID_CAMPAIGN,
  INVALID_CONTROL,
  migrationEndedSchema,
  parseCampaign,
  type CampaignInput,
  type ControlName,
  type MigrationEnded,
} from '../../shared/campaign/contract.js';
import type { CampaignProgress, CampaignResult } from '../../shared/campaign/views.js';
import { planCampaign } from '../../shared/campaign/plan.js';
import {
  correlationIdBytes,
  makeCorrelationId,
  MAX_CORRELATION_ID_BYTES,
} from '../../shared/correlation-id.js';
import { permitsGrantedSchema, type PermitsGranted } from '../../shared/limits/contract.js';
import { manoReplySchema, type ManoReply } from '../../shared/mano/reply.js';
import { notificationLostSchema, type NotificationLost } from '../../shared/notify/contract.js';
import { hasLongHistory } from '../runtime/long-history.js';
import { WakeTimer } from '../runtime/wake-timer.js';
import { pack, unpack, type CarriedCampaign } from './continue-as-new.js';
import { CampaignChildren } from './child-migrations.js';
import { carryOut, refusal } from './control-updates.js';
import { CampaignBackgroundTasks } from './background-tasks.js';
import { newFacts } from './facts.js';
import { MAX_MESSAGE } from './item.js';
import { handOver } from './receivers.js';
import { CampaignState } from './state.js';
import { currentDetailsOf, itemsPage, progressOf, resultOf } from './views.js';
import { closeWaits, countWaits } from './wait-times.js';
import { nowMs } from '../runtime/clock.js';
import {
  campaignAuditQuery,
  campaignControls,
  campaignItemsQuery,
  campaignProgressQuery,
  manoReplySignal,
  migrationEndedSignal,
  notificationLostSignal,
  permitsGrantedSignal,
  sharedLimitsChangedSignal,
} from '../messages.js';

/** A run of more events continues as new. What begins at that time ends within the run, and adds fewer events than that. */
const EVENTS_PER_RUN = 3_000;

/** What one run hands to the next. Callers give none. */
export interface Continued {
  campaign?: CarriedCampaign;
  /** Tests have shorter runs. */
  eventsPerRun?: number;
}

/**
 * Runs many migrations under limits.
 * @throws ApplicationFailure `InvalidCampaign`, with every problem in its details
 */
export async function migrationCampaign(
  input: CampaignInput,
  { campaign: carried, eventsPerRun }: Continued = {},
): Promise<CampaignResult> {
  const campaign = new Campaign(carried === undefined ? begin(input) : unpack(carried), eventsPerRun);
  setHandler(migrationEndedSignal, (end) => campaign.onMigrationEnded(end));
  setHandler(manoReplySignal, (reply) => campaign.onManoReply(reply));
  setHandler(sharedLimitsChangedSignal, () => campaign.state.limitsChanged());
  setHandler(permitsGrantedSignal, (news) => campaign.onPermitsGranted(news));
  setHandler(notificationLostSignal, (lost) => campaign.onNotificationLost(lost));
  setHandler(campaignProgressQuery, () => campaign.progress());
  setHandler(campaignItemsQuery, (question) => itemsPage(campaign.state, question));
  setHandler(campaignAuditQuery, () => campaign.state.audit.view());
  for (const name of CONTROL_NAMES) {
    setHandler(campaignControls[name], (order: unknown) => campaign.order(name, order), {
      validator: (order: unknown) => campaign.checkOrder(name, order),
    });
  }
  try {
    return await campaign.run();
  } catch (error) {
    if (isCancellation(error)) await campaign.leave();
    throw error;
  }
}

/** @throws ApplicationFailure `InvalidCampaign` */
function begin(input: unknown): CampaignState {
  const parsed = parseCampaign(input);
  if (parsed.kind === 'invalid') throw invalid(parsed.problems);
  const { items, ...spec } = parsed.spec;
  const state = new CampaignState({ facts: newFacts(spec, nowMs()) });
  const { actor = null, reason = '' } = spec;
  state.audit.add({ atMs: nowMs(), actor, action: 'start', reason });
  if (items === undefined) return state;
  const plan = planCampaign({ spec: parsed.spec, inventory: null });
  state.list(plan.items, (index) => items[index]?.vimUuid !== undefined);
  return state;
}

function invalid(problems: readonly string[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(problems.join('; '), INVALID_CAMPAIGN, problems);
}

class Campaign {
  private readonly timer = new WakeTimer();
  private readonly children: CampaignChildren;
  private readonly tasks: CampaignBackgroundTasks;
  private isLeaving = false;

  constructor(
    readonly state: CampaignState,
    private readonly eventsPerRun: number = EVENTS_PER_RUN,
  ) {
    this.children = new CampaignChildren(state);
    this.tasks = new CampaignBackgroundTasks(state);
  }

  async run(): Promise<CampaignResult> {
    await this.tasks.learnSettings();
    this.checkWorkflowId();
    for (;;) {
      const { invalidBecause } = this.tasks;
      if (invalidBecause !== null) throw invalid(invalidBecause);
      this.state.wake(nowMs());
      this.isLeaving ||= hasLongHistory(this.eventsPerRun);
      if (!this.isLeaving) {
        this.tasks.beginDue();
        this.children.startDue();
      }
      countWaits(this.state, nowMs());
      setCurrentDetails(currentDetailsOf(this.state));
      if (this.state.isDone) this.state.tellEnd(nowMs());
      if (this.state.isDone && this.isEven) return await this.finish();
      if (this.isLeaving && !this.isBusy) await this.continueAsNew();
      await this.untilSomethingIsDue();
    }
  }

  /** Permits are given back, and events handed over. */
  private get isEven(): boolean {
    return this.state.isEvenWithLimits && !this.tasks.hasOutgoing;
  }

  /** With what the next run could not repeat. */
  private get isBusy(): boolean {
    return this.children.isStarting || this.state.isExchanging || this.tasks.isTelling;
  }

  onMigrationEnded(signalled: MigrationEnded): void {
    const { success, data: end } = migrationEndedSchema().safeParse(signalled);
    if (success) this.children.told(end);
  }

  /** Only a probe of ours brings a reply here; whatever it says, the MANO speaks. */
  onManoReply(signalled: ManoReply): void {
    const { success, data: reply } = manoReplySchema().safeParse(signalled);
    if (success) this.state.manoSpoke(`${reply.status} ${reply.error ?? ''}`.trim(), nowMs());
  }

  onPermitsGranted(signalled: PermitsGranted): void {
    const { success, data } = permitsGrantedSchema().safeParse(signalled);
    if (success) this.state.permitsGranted(data.vnfUuids, nowMs());
  }

  onNotificationLost(signalled: NotificationLost): void {
    const { success, data } = notificationLostSchema().safeParse(signalled);
    if (!success) return;
    const { receiver, eventType, count, reason } = data;
    const what = `${receiver} did not get ${String(count)} events, the first of them ${eventType}: ${reason}`;
    const text = what.slice(0, MAX_MESSAGE);
    this.state.audit.add({ atMs: nowMs(), actor: null, action: 'notification-lost', reason: text });
  }

  checkOrder(name: ControlName, input: unknown): void {
    const why = refusal(this.state, { name, input, atMs: nowMs() });
    if (why !== null) throw ApplicationFailure.nonRetryable(`${name}: ${why}`, INVALID_CONTROL);
  }

  order(name: ControlName, input: unknown): CampaignProgress {
    carryOut(this.state, { name, input, atMs: nowMs() });
    log.info('carried out an order', { order: name });
    return this.progress();
  }

  progress(): CampaignProgress {
    return progressOf(this.state, nowMs());
  }

  /** The last state of a cancelled campaign. Its migrations continue. */
  async leave(): Promise<void> {
    const { state, counts, planned, inFlight, startedAt } = this.progress();
    upsertMemo({ campaignState: { state, counts, planned, inFlight, startedAt } });
    this.state.tellEnd(nowMs(), 'CANCELLED');
    if (!this.tasks.hasOutgoing) return;
    await CancellationScope.nonCancellable(() => condition(() => !this.tasks.isTelling));
    await handOver(this.state);
  }

  /** The correlation id of a probe contains the workflow id, and has a maximum length. */
  private checkWorkflowId(): void {
    const { workflowId } = workflowInfo();
    const deployment = this.state.facts.settings?.deployment ?? '';
    const bytes = correlationIdBytes(
      makeCorrelationId({ deployment, workflowId, nonce: uuid4().slice(0, 16) }),
    );
    if (bytes <= MAX_CORRELATION_ID_BYTES) return;
    const limit = String(MAX_CORRELATION_ID_BYTES);
    throw invalid([
      `the workflow id is too long: the correlation id made of it has ${String(bytes)} bytes, more than ${limit}`,
    ]);
  }

  private async untilSomethingIsDue(): Promise<void> {
    const { seq } = this.state;
    const { ended } = this.tasks;
    const changed = (): boolean => this.state.seq !== seq || this.tasks.ended !== ended;
    const due = [this.state.nextWakeMs(), ...(this.isLeaving ? [] : this.tasks.dueMs())];
    const untilMs = Math.min(...due.map((atMs) => atMs ?? Number.POSITIVE_INFINITY));
    if (Number.isFinite(untilMs)) await this.timer.wait({ untilMs, changed });
    else await condition(changed);
  }

  private async finish(): Promise<CampaignResult> {
    closeWaits(this.state, nowMs());
    this.state.finish(nowMs());
    setCurrentDetails(currentDetailsOf(this.state));
    await condition(allHandlersFinished);
    const result = resultOf(this.state);
    log.info('the campaign ended', { state: result.state, counts: result.counts });
    return result;
  }

  /** The next run repeats background tasks; only starts in progress are awaited. */
  private async continueAsNew(): Promise<never> {
    await condition(allHandlersFinished);
    this.state.withdraw();
    const { eventsPerRun } = this;
    const continued: Continued = {
      campaign: pack(this.state),
      ...(eventsPerRun === EVENTS_PER_RUN ? {} : { eventsPerRun }),
    };
    return await makeContinueAsNewFunc<typeof migrationCampaign>()({}, continued);
  }
}
