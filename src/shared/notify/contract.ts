/**
 * What a campaign tells its receivers: its events, and what became of those that were not delivered.
 *
 * Invariants: plain JSON, without secrets. An event has the same id however often it is sent.
 */
import { z } from 'zod';
import { lazily, type Output } from '../lazy-schema.js';

/** The events of a campaign, by the names that receivers subscribe to. */
export const NOTIFY_EVENTS = [
  'started',
  'awaiting-approval',
  'window-opened',
  'window-closed',
  'wave-ended',
  'item-failed',
  'budget-tripped',
  'paused',
  'resumed',
  /** The last one of a campaign. */
  'ended',
] as const;
/** An event of a campaign. */
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

/** The name of a receiver, as a campaign and NOTIFY_FILE give it. It is part of a workflow id. */
export const receiverNameSchema = lazily(() =>
  z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
    error: 'expected the name of a receiver: 1 to 63 lower-case letters, digits and "-", such as "ops"',
  }),
);

/** What every event says, and what some of them add. */
export const campaignEventDataSchema = lazily(() =>
  z.object({
    /** The name of the campaign. */
    campaign: z.string(),
    /** Its state after the event, as in `campaign-progress`. */
    state: z.string(),
    /** Its items in each state. */
    counts: z.record(z.string(), z.int()),
    actor: z.string().nullish(),
    reason: z.string().nullish(),
    /** Of `wave-ended`. */
    wave: z.int().optional(),
    /** Of `item-failed`: its place in the list of items. */
    index: z.int().optional(),
    serviceInstanceUuid: z.string().optional(),
    vnfUuid: z.string().optional(),
    vnfName: z.string().nullish(),
    sourceVimUuid: z.string().nullish(),
    targetVimUuid: z.string().nullish(),
    failureType: z.string().nullish(),
    message: z.string().nullish(),
    /** ISO 8601. Of `window-opened`: when the window closes. Of `window-closed`: when the next one opens. */
    closesAt: z.string().nullish(),
    opensAt: z.string().nullish(),
    /** Of `ended`. */
    durationMs: z.int().optional(),
    reportUrl: z.string().nullish(),
  }),
);
/** What an event says. */
export type CampaignEventData = Output<typeof campaignEventDataSchema>;

/** One event of a campaign. */
export const campaignEventSchema = lazily(() =>
  z.object({
    /** Unique within the campaign. It is a `webhook-id`, so it has no full stop. */
    id: z.string().regex(/^[\w-]{1,100}$/),
    type: z.enum(NOTIFY_EVENTS),
    /** When it happened. */
    atMs: z.int(),
    data: campaignEventDataSchema(),
  }),
);
/** One event of a campaign. */
export type CampaignEvent = Output<typeof campaignEventSchema>;

/** What a campaign signals to the workflow of a receiver. Each event is checked alone: a wrong one takes no others along. */
export interface NotifyBatch {
  /** In their order. */
  events: CampaignEvent[];
}

/** Why a receiver has not got an event. */
export interface DeliveryProblem {
  /**
   * gone: it wants nothing any more; refused: it answered, perhaps about this event alone; unreachable: it did not
   * answer, or asked for a pause.
   */
  kind: 'gone' | 'refused' | 'unreachable';
  reason: string;
  /** How long it asked to be left alone; null: it did not say. */
  retryAfterMs: number | null;
}

/** Events that a receiver will not get, to its campaign. */
export const notificationLostSchema = lazily(() =>
  z.object({
    receiver: z.string(),
    /** The first of them. */
    eventId: z.string(),
    eventType: z.enum(NOTIFY_EVENTS),
    reason: z.string(),
    /** How many were lost for this reason at that time. */
    count: z.int(),
  }),
);
/** Events that a receiver will not get, to its campaign. */
export type NotificationLost = Output<typeof notificationLostSchema>;

/** The id of an event: the same in every run of the campaign, and of no other campaign of that name. */
export function campaignEventId({ firstRunId, sequence }: { firstRunId: string; sequence: number }): string {
  return `${firstRunId}-${String(sequence)}`;
}

/** The workflow id of what tells a receiver of a campaign. */
export function notifyWorkflowId({ campaignId, receiver }: { campaignId: string; receiver: string }): string {
  return `${campaignId}/notify/${receiver}`;
}
