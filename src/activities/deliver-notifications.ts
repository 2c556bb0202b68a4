/**
 * Sends events of a campaign to a receiver, one after the other, up to the first that it does not get.
 *
 * Invariants: at least once and in order; after the death of a worker, what its last heartbeats counted is not sent again.
 * Nothing of a receiver's address or key is in what comes back.
 */
import { Context } from '@temporalio/activity';
import { postEvent } from '../notify/post.js';
import type { Receivers } from '../notify/receiver.js';
import type { CampaignEvent, DeliveryProblem } from '../shared/notify/contract.js';

export interface NotifyRoute {
  receivers: Receivers;
  /** For one event. Default: 10 s. */
  timeoutMs?: number;
}

export interface DeliverNotificationsInput {
  /** The workflow id of the campaign. */
  campaignId: string;
  receiver: string;
  /** In their order. */
  events: CampaignEvent[];
}

export interface DeliveryOutcome {
  /** How many of the first are delivered. */
  delivered: number;
  /** With the next one; null: all are delivered. */
  problem: DeliveryProblem | null;
}

const TIMEOUT_MS = 10_000;

/** Never throws. */
export function createDeliverNotifications({ receivers, timeoutMs = TIMEOUT_MS }: NotifyRoute) {
  return async ({
    campaignId,
    receiver: name,
    events,
  }: DeliverNotificationsInput): Promise<DeliveryOutcome> => {
    const receiver = receivers.get(name);
    if (receiver === undefined) {
      const reason = `no receiver ${name} in NOTIFY_FILE`;
      return { delivered: 0, problem: { kind: 'unreachable', reason, retryAfterMs: null } };
    }
    const { heartbeatDetails, cancellationSignal: signal, log } = contextOf();
    let delivered = heartbeatDetails;
    for (const event of events.slice(delivered)) {
      const message = { campaignId, event };
      const problem = receiver.wants(event.type)
        ? await postEvent({ receiver, message, timeoutMs, signal })
        : null;
      if (problem !== null) {
        log.warn('could not deliver an event', { campaignId, receiver: name, eventId: event.id, ...problem });
        return { delivered, problem };
      }
      delivered += 1;
      Context.current().heartbeat(delivered);
    }
    return { delivered, problem: null };
  };
}

/** The heartbeat of an earlier try of this activity counts what it delivered. */
function contextOf() {
  const { info, cancellationSignal, log } = Context.current();
  const details: unknown = info.heartbeatDetails;
  return { heartbeatDetails: typeof details === 'number' ? details : 0, cancellationSignal, log };
}
