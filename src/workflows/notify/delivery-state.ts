/**
 * Where the delivery to one receiver stands, and what follows from what happened: pure.
 *
 * Invariants: events are delivered in their order, each of them or none; every event is delivered or lost, and counted as
 * one of the two. An event is lost no earlier than `keepForMs` after it happened, and after a failed try since then,
 * unless the receiver is gone or the queue is full.
 */
import type { CampaignEvent, DeliveryProblem, NotificationLost } from '../../shared/notify/contract.js';
import { shortDuration } from '../../shared/duration.js';
import { EventQueue, type QueueLimits } from './event-queue.js';

export interface DeliveryPolicy {
  /** The pause after a failure; it doubles after each further one. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** The longest pause that a receiver may ask for. */
  longestRetryAfterMs: number;
  /** How long an event is tried, from when it happened. */
  keepForMs: number;
}

export const DELIVERY_POLICY: Readonly<DeliveryPolicy> = {
  firstPauseMs: 1_000,
  longestPauseMs: 120_000,
  longestRetryAfterMs: 600_000,
  keepForMs: 3_600_000,
};

/** What one run hands to the next. */
export interface CarriedDelivery {
  events: readonly CampaignEvent[];
  delivered: number;
  lost: number;
  losses: readonly NotificationLost[];
  failures: number;
  notBeforeMs: number;
  isClosing: boolean;
  isGone: boolean;
}

export interface DeliveryOptions {
  receiver: string;
  policy?: Partial<DeliveryPolicy> | undefined;
  limits?: QueueLimits | undefined;
  carried?: CarriedDelivery | undefined;
}

/** Of many losses the last ones are listed. */
const MOST_LOSSES = 50;

export class DeliveryState {
  readonly queue: EventQueue;
  delivered: number;
  lost: number;
  /** No event comes after those that wait. */
  isClosing: boolean;
  /** Before it nothing is sent. */
  notBeforeMs: number;
  /** Of the last failure; null after a delivery. */
  problem: string | null = null;
  private isGone: boolean;
  /** In a row. */
  private failures: number;
  private losses: NotificationLost[];
  private untold: NotificationLost[] = [];
  private readonly receiver: string;
  private readonly policy: DeliveryPolicy;

  constructor({ receiver, policy, limits, carried }: DeliveryOptions) {
    this.receiver = receiver;
    this.policy = { ...DELIVERY_POLICY, ...policy };
    this.queue = new EventQueue([...(carried?.events ?? [])], limits);
    this.delivered = carried?.delivered ?? 0;
    this.lost = carried?.lost ?? 0;
    this.losses = [...(carried?.losses ?? [])];
    this.failures = carried?.failures ?? 0;
    this.notBeforeMs = carried?.notBeforeMs ?? 0;
    this.isClosing = carried?.isClosing ?? false;
    this.isGone = carried?.isGone ?? false;
  }

  get carried(): CarriedDelivery {
    const { queue, delivered, lost, losses, failures, notBeforeMs, isClosing, isGone } = this;
    return { events: queue.all, delivered, lost, losses, failures, notBeforeMs, isClosing, isGone };
  }

  get isOver(): boolean {
    return this.isClosing && this.queue.first === undefined;
  }

  /** What the last losses were, oldest first. */
  get lastLosses(): NotificationLost[] {
    return this.losses;
  }

  /** The losses that the campaign has not been told of. */
  takeUntold(): NotificationLost[] {
    return this.untold.splice(0);
  }

  take(events: readonly CampaignEvent[]): void {
    // A new campaign of the same name finds the workflow of the last one still at work, and goes on with it.
    if (this.isClosing && events.length > 0) this.reopen();
    this.isClosing ||= events.some(({ type }) => type === 'ended');
    if (this.isGone) {
      // The first loss has told that nothing is sent any more.
      this.lost += events.length;
      return;
    }
    this.lose(this.queue.add(events), 'more events wait than are kept');
  }

  /** What a batch came to: so many of its events were delivered, and then this was the problem. */
  tried({ delivered, problem }: { delivered: number; problem: DeliveryProblem | null }, atMs: number): void {
    this.queue.sent(delivered);
    this.delivered += delivered;
    if (delivered > 0) this.failures = 0;
    this.problem = problem?.reason ?? null;
    if (problem !== null) this.failed(problem, atMs);
  }

  private failed(problem: DeliveryProblem, atMs: number): void {
    const { reason, kind, retryAfterMs } = problem;
    if (kind === 'gone') {
      this.isGone = true;
      this.lose(this.queue.take(Number.POSITIVE_INFINITY), reason);
      return;
    }
    this.failures += 1;
    this.notBeforeMs = atMs + this.pauseMs(retryAfterMs);
    const { first } = this.queue;
    if (first === undefined) return;
    if (this.triedUntilMs(first) > atMs) {
      // The last try is at the end of the event's time.
      this.notBeforeMs = Math.min(this.notBeforeMs, this.triedUntilMs(first));
      return;
    }
    const why = `not delivered within ${shortDuration(this.policy.keepForMs)}: ${reason}`;
    // An answer may be about this event alone: then the next one has a try of its own, soon.
    if (kind === 'refused') {
      this.lose(this.queue.take(1), why);
      this.notBeforeMs = atMs + this.policy.firstPauseMs;
    } else {
      this.lose(
        this.queue.takeWhile((event) => this.triedUntilMs(event) <= atMs),
        why,
      );
    }
  }

  private pauseMs(retryAfterMs: number | null): number {
    const { firstPauseMs, longestPauseMs, longestRetryAfterMs } = this.policy;
    const ownMs = Math.min(firstPauseMs * 2 ** (this.failures - 1), longestPauseMs);
    return Math.max(ownMs, Math.min(retryAfterMs ?? 0, longestRetryAfterMs));
  }

  private triedUntilMs({ atMs }: CampaignEvent): number {
    return atMs + this.policy.keepForMs;
  }

  private lose(events: readonly CampaignEvent[], reason: string): void {
    const [first] = events;
    if (first === undefined) return;
    const { receiver } = this;
    const { id: eventId, type: eventType } = first;
    const loss = { receiver, eventId, eventType, reason, count: events.length };
    this.lost += events.length;
    this.losses = [...this.losses, loss].slice(-MOST_LOSSES);
    this.untold.push(loss);
  }

  private reopen(): void {
    this.isClosing = false;
    this.isGone = false;
  }
}
