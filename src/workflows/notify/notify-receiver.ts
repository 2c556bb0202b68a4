/**
 * Tells one receiver of one campaign. delivery-state.ts decides; this file sends, waits and reports.
 *
 * Invariants: it holds nothing up, because the campaign only signals it, and it outlives the campaign. It ends when all
 * events up to `ended` are delivered or lost, or when its campaign has ended without saying so. Nothing secret reaches
 * it: the address and the key of a receiver are the worker's.
 */
import {
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  proxyActivities,
  proxyLocalActivities,
  rootCause,
  setCurrentDetails,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { Activities } from '../../activities/index.js';
import type { DeliveryOutcome } from '../../activities/deliver-notifications.js';
import {
  campaignEventSchema,
  type CampaignEvent,
  type NotificationLost,
  type NotifyBatch,
} from '../../shared/notify/contract.js';
import { notificationLostSignal, notifySignal } from '../messages.js';
import { nowMs } from '../runtime/clock.js';
import { hasLongHistory } from '../runtime/long-history.js';
import { DeliveryState, type CarriedDelivery, type DeliveryPolicy } from './delivery-state.js';

export interface NotifyReceiverInput {
  /** The workflow id of the campaign. */
  campaignId: string;
  /** By its name in NOTIFY_FILE. */
  receiver: string;
}

/** What one run hands to the next. Callers give none. */
export interface ContinuedNotify {
  delivery?: CarriedDelivery;
  /** Tests have shorter runs and pauses. */
  eventsPerRun?: number;
  policy?: Partial<DeliveryPolicy>;
  idleCheckMs?: number;
}

/** What became of the events of a campaign, for one receiver. */
export interface NotifyResult {
  receiver: string;
  /** Events that the receiver is not subscribed to are counted, too. */
  delivered: number;
  lost: number;
  /** The last ones. */
  losses: NotificationLost[];
}

/** A run of more events continues as new. */
const EVENTS_PER_RUN = 3_000;
/** How long nothing is heard before the campaign is looked for. */
const IDLE_CHECK_MS = 3_600_000;

/** A batch has at most twenty events, of 10 s at most. A heartbeat after each event keeps what is done. */
const { deliverNotifications } = proxyActivities<Activities>({
  startToCloseTimeout: 300_000,
  heartbeatTimeout: 30_000,
  retry: { maximumAttempts: 3 },
});

const { isRunning } = proxyLocalActivities<Activities>({
  startToCloseTimeout: 10_000,
  retry: { maximumAttempts: 3 },
});

/** Sends the events of a campaign to a receiver, in order, each for an hour. */
export async function notifyReceiver(
  input: NotifyReceiverInput,
  continued: ContinuedNotify = {},
): Promise<NotifyResult> {
  const notifier = new Notifier(input, continued);
  setHandler(notifySignal, (batch) => notifier.onNotify(batch));
  return await notifier.run();
}

class Notifier {
  private readonly state: DeliveryState;

  constructor(
    private readonly input: NotifyReceiverInput,
    private readonly continued: ContinuedNotify,
  ) {
    const { policy, delivery: carried } = continued;
    this.state = new DeliveryState({ receiver: input.receiver, policy, carried });
  }

  async run(): Promise<NotifyResult> {
    for (;;) {
      await this.tellLosses();
      if (this.state.isOver) return this.result();
      if (hasLongHistory(this.continued.eventsPerRun ?? EVENTS_PER_RUN)) await this.continueAsNew();
      setCurrentDetails(this.details());
      const pauseMs = this.state.notBeforeMs - nowMs();
      if (this.state.queue.first === undefined) await this.untilTold();
      else if (pauseMs > 0) await sleep(pauseMs);
      else await this.deliver();
    }
  }

  onNotify(signalled: NotifyBatch): void {
    const batch: unknown = signalled;
    const events = (Array.isArray((batch as NotifyBatch | null)?.events) ? signalled.events : []).flatMap(
      (event): CampaignEvent[] => {
        const { success, data, error } = campaignEventSchema().safeParse(event);
        if (success) return [data];
        log.warn('dropped an event that is none', { problems: error.issues.map(({ message }) => message) });
        return [];
      },
    );
    this.state.take(events);
  }

  private async deliver(): Promise<void> {
    const { campaignId, receiver } = this.input;
    const events = this.state.queue.batch();
    const outcome = await deliverNotifications({ campaignId, receiver, events }).catch(outcomeOfError);
    this.state.tried(outcome, nowMs());
  }

  /** The campaign writes them into its audit trail. It may have ended. */
  private async tellLosses(): Promise<void> {
    for (const loss of this.state.takeUntold()) {
      log.warn('lost events of a campaign', { ...loss });
      const campaign = getExternalWorkflowHandle(this.input.campaignId);
      await campaign.signal(notificationLostSignal, loss).catch((error: unknown) => {
        if (isCancellation(error)) throw error;
      });
    }
  }

  /** A campaign that was terminated, or lost, says nothing any more. */
  private async untilTold(): Promise<void> {
    const { state, input, continued } = this;
    const isTold = (): boolean => state.queue.first !== undefined || state.isClosing;
    if (await condition(isTold, continued.idleCheckMs ?? IDLE_CHECK_MS)) return;
    const goesOn = await isRunning({ workflowId: input.campaignId }).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      return true;
    });
    state.isClosing ||= !goesOn;
  }

  private details(): string {
    const { queue, delivered, lost, problem } = this.state;
    const counts = `${String(queue.all.length)} waiting, ${String(delivered)} delivered, ${String(lost)} lost`;
    return problem === null ? counts : `${counts}; ${problem}`;
  }

  private result(): NotifyResult {
    const { delivered, lost, lastLosses: losses } = this.state;
    return { receiver: this.input.receiver, delivered, lost, losses };
  }

  private async continueAsNew(): Promise<never> {
    const continued: ContinuedNotify = { ...this.continued, delivery: this.state.carried };
    return await makeContinueAsNewFunc<typeof notifyReceiver>()(this.input, continued);
  }
}

/** Its worker died, or no worker has this activity yet. */
function outcomeOfError(error: unknown): DeliveryOutcome {
  if (isCancellation(error)) throw error;
  const reason = rootCause(error) ?? String(error);
  return { delivered: 0, problem: { kind: 'unreachable', reason, retryAfterMs: null } };
}
