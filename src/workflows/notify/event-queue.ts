/**
 * The events that wait for a receiver, in their order.
 *
 * Invariant: bounded in number and in size, because continue-as-new carries it. Of too many the oldest failed items go
 * first, and then the oldest of all; events that are being sent stay.
 */
import type { CampaignEvent, NotifyEvent } from '../../shared/notify/contract.js';

/** What one activity sends, so that its input is small and its worker is not held for long. */
const MOST_IN_BATCH = 20;
const MOST_TEXT_IN_BATCH = 100_000;

export interface QueueLimits {
  events: number;
  /** In characters, over all events. */
  text: number;
}

/** A payload of Temporal's has at most 2 MB. */
export const QUEUE_LIMITS: Readonly<QueueLimits> = { events: 2_000, text: 600_000 };
/** A receiver can do without one of them: the campaign's end counts them all. */
const DISPENSABLE: NotifyEvent = 'item-failed';

export class EventQueue {
  private text = 0;
  /** So many of the first are being sent. */
  private inFlight = 0;

  constructor(
    private readonly events: CampaignEvent[] = [],
    private readonly limits: QueueLimits = QUEUE_LIMITS,
  ) {
    for (const event of events) this.text += sizeOf(event);
  }

  get all(): readonly CampaignEvent[] {
    return this.events;
  }

  get first(): CampaignEvent | undefined {
    return this.events[0];
  }

  /** Returns those that had to go. */
  add(events: readonly CampaignEvent[]): CampaignEvent[] {
    for (const event of events) {
      this.events.push(event);
      this.text += sizeOf(event);
    }
    const dropped: CampaignEvent[] = [];
    while (this.isTooLarge() && this.events.length > this.inFlight) dropped.push(this.dropOne());
    return dropped;
  }

  /** The first events, to be sent; `sent` ends that. */
  batch(): CampaignEvent[] {
    let text = 0;
    const tooMany = this.events.findIndex((event, index) => {
      text += sizeOf(event);
      return index === MOST_IN_BATCH || (index > 0 && text > MOST_TEXT_IN_BATCH);
    });
    this.inFlight = tooMany === -1 ? this.events.length : tooMany;
    return this.events.slice(0, this.inFlight);
  }

  /** So many of the batch are done. */
  sent(count: number): void {
    this.inFlight = 0;
    this.take(count);
  }

  take(count: number): CampaignEvent[] {
    const taken = this.events.splice(0, count);
    for (const event of taken) this.text -= sizeOf(event);
    return taken;
  }

  /** The first events, as long as they are what is meant. */
  takeWhile(isMeant: (event: CampaignEvent) => boolean): CampaignEvent[] {
    const first = this.events.findIndex((event) => !isMeant(event));
    return this.take(first === -1 ? this.events.length : first);
  }

  private isTooLarge(): boolean {
    return this.events.length > this.limits.events || this.text > this.limits.text;
  }

  private dropOne(): CampaignEvent {
    const { inFlight, events } = this;
    const dispensable = events.findIndex(({ type }, index) => index >= inFlight && type === DISPENSABLE);
    const [dropped] = events.splice(Math.max(dispensable, inFlight), 1) as [CampaignEvent];
    this.text -= sizeOf(dropped);
    return dropped;
  }
}

function sizeOf(event: CampaignEvent): number {
  return JSON.stringify(event).length;
}
