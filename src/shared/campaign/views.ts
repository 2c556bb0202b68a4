/**
 * What a campaign reports: the answers of its queries, and its result.
 *
 * Invariants: plain JSON, times as ISO 8601; lists are bounded, and where they are cut their total is given.
 */
import { z } from 'zod';
import { budgetSchema, limitsSchema } from './contract.js';
import { FAILURE_TYPES } from '../migration/failures.js';
import { lazily, type Output } from '../lazy-schema.js';
import { phaseSchema } from '../migration/contract.js';

/** The states of an item. */
export const ITEM_STATES = [
  /** Not looked at yet. */
  'PLANNED',
  'WAITING',
  'RUNNING',
  'MIGRATED',
  'ALREADY_THERE',
  'FAILED',
  /** It is unknown whether it moved. */
  'UNKNOWN',
  'SKIPPED',
  'CANCELLED',
] as const;
/** The state of an item. */
export type ItemState = (typeof ITEM_STATES)[number];

/** The states of a campaign. */
export const CAMPAIGN_STATES = [
  'PLANNED',
  'AWAITING_APPROVAL',
  'RUNNING',
  'PAUSED',
  /** Aborted; what runs still ends. */
  'DRAINING',
  'COMPLETED',
  'COMPLETED_WITH_ERRORS',
  'ABORTED',
] as const;
/** The state of a campaign. */
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** Why an item waits; `owned-by`: another caller moves that VNF, `workflowId` of the item says which. */
export const WAIT_REASONS = [
  'total-limit',
  'source-limit',
  'target-limit',
  /** No target VIM has room for it at present. */
  'capacity',
  /** The limits of the deployment are reached (`vnf-migrator limits`). */
  'shared-total-limit',
  'shared-source-limit',
  'shared-target-limit',
  'service-busy',
  'owned-by',
  'gate',
  'backoff',
  'paused',
  /** No window is open, or the open one closes too soon. */
  'window',
  /** It is before the time that the specification names. */
  'not-before',
  /** `rampUp` lets fewer run than the limits do. */
  'ramp-up',
  /** The time between two waves. */
  'soak',
] as const;
/** Why an item waits. */
export type WaitReason = (typeof WAIT_REASONS)[number];

/** What pauses a campaign. */
export const PAUSE_CAUSES = ['operator', 'budget', 'mano-deaf', 'canary', 'wave'] as const;
/** Why a campaign starts nothing at present. */
export type PauseCause = (typeof PAUSE_CAUSES)[number];

/** Null or absent where a name is not known; version 0.1 reported none. */
const itemNames = lazily(() => ({
  vnfName: z.string().nullish(),
  serviceName: z.string().nullish(),
  sourceVimName: z.string().nullish(),
  targetVimName: z.string().nullish(),
}));

/** One item. A time that is null: not yet. */
export const campaignItemViewSchema = lazily(() =>
  z.object({
    index: z.int(),
    serviceInstanceUuid: z.string(),
    /** As given, or as found on the VIM; after a retry the present id is `presentVnfUuid`. */
    vnfUuid: z.string(),
    /** Under which id it was last sent: moves give a VNF a new one. */
    presentVnfUuid: z.string(),
    newVnfUuid: z.string().nullable(),
    /** Null where it is not known. */
    sourceVimUuid: z.string().nullable(),
    /** Null: with the target `most-free` it is chosen when the item starts. */
    targetVimUuid: z.string().nullable(),
    ...itemNames(),
    priority: z.int(),
    wave: z.int(),
    /** Of `retryFailed`: 1 at first. */
    generation: z.int(),
    state: z.enum(ITEM_STATES),
    /** Of a WAITING item. */
    waitReason: z.enum(WAIT_REASONS).nullable(),
    /** Of the migration that moves it, or that another started: the last one. */
    workflowId: z.string().nullable(),
    failureType: z.enum(FAILURE_TYPES).nullable(),
    /** Text, shortened: why it failed, was skipped or cancelled. */
    message: z.string().nullable(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
  }),
);
/** One item, as the query `campaignItems` returns it. Times are ISO 8601. */
export type CampaignItemView = Output<typeof campaignItemViewSchema>;

export const itemCountsSchema = lazily(() => z.record(z.enum(ITEM_STATES), z.int()));
/** The number of items in each state. */
export type ItemCounts = Output<typeof itemCountsSchema>;

/** By the reason of items that wait. */
const byReasonSchema = lazily(() => z.partialRecord(z.enum(WAIT_REASONS), z.number()));

/** The kinds of conflict between a campaign and the repository. */
export const CONFLICT_KINDS = [
  'already-there',
  /** The repository does not know the VNF, or its service. */
  'unknown',
  /** Its units are on more than one VIM. */
  'several-vims',
  /** Two services list it. */
  'several-services',
  /** It is on the VIM, and no service lists it. */
  'orphan',
  /** Its target is where it is, or under evacuation. */
  'target-is-source',
  /** A service lists it, and there is no record of it: it may be anywhere. */
  'no-record',
  /** Its target is on no list of VIMs. */
  'unknown-vim',
  /** No target VIM could take it, even an empty one. */
  'fits-nowhere',
  /** Only in a plan, and of the whole campaign, `vnfUuid` is empty: a running campaign empties a target, or fills what this one empties. */
  'opposite-campaign',
  /** Only in `residual`: it was left there on purpose, by `exclude` or because it was not included. */
  'excluded',
  /** Only in `residual`: its item did not move it, or it came after the last round. */
  'still-there',
] as const;

/** What is wrong with a planned item, or with what was found on a VIM that is evacuated. */
export const campaignConflictSchema = lazily(() =>
  z.object({
    kind: z.enum(CONFLICT_KINDS),
    serviceInstanceUuid: z.string().nullable(),
    vnfUuid: z.string(),
    vimUuids: z.array(z.string()),
    message: z.string(),
  }),
);
/** What the repository says against moving a VNF. */
export type CampaignConflict = Output<typeof campaignConflictSchema>;

/** At most 300 each; how many there are is counted. */
const findings = lazily(() => ({
  conflicts: z.array(campaignConflictSchema()),
  conflictCount: z.int(),
  /** What is still on VIMs that were evacuated, and why. */
  residual: z.array(campaignConflictSchema()),
  residualCount: z.int(),
}));

/** The answer of the query `campaignProgress`. */
export const campaignProgressSchema = lazily(() =>
  z.object({
    state: z.enum(CAMPAIGN_STATES),
    /** Null unless PAUSED or AWAITING_APPROVAL. */
    pause: z.object({ cause: z.enum(PAUSE_CAUSES), since: z.string(), message: z.string() }).nullable(),
    /** What keeps it from going on, such as a repository that cannot be read; null if nothing does. */
    trouble: z.string().nullable(),
    planned: z.int(),
    counts: itemCountsSchema(),
    /** Of WAITING items. */
    waiting: byReasonSchema(),
    /** Item-milliseconds so far: two items that wait for a second have waited for two thousand. */
    waitedMs: byReasonSchema(),
    byVim: z.array(
      z.object({
        vimUuid: z.string(),
        vimName: z.string().nullish(),
        leaving: z.int(),
        arriving: z.int(),
        left: z.int(),
        arrived: z.int(),
        failed: z.int(),
      }),
    ),
    generation: z.int(),
    limits: limitsSchema(),
    budget: budgetSchema().extend({
      /** FAILED and UNKNOWN, but not for a busy service. */
      errors: z.int(),
      allowed: z.int(),
      consecutive: z.int(),
    }),
    wave: z.int(),
    waves: z.int(),
    /** What holds starts by time; null or absent: nothing does, or it is over. */
    timing: z
      .object({
        /** Null: items may start. */
        reason: z.enum(WAIT_REASONS).extract(['window', 'not-before']).nullable(),
        /** When items may start next, or when no more may start; null: never, or not known. */
        changesAt: z.string().nullable(),
        /** Of the windows. */
        timeZone: z.string(),
        /** Nothing starts so shortly before a window closes; null without windows. */
        cutoffMs: z.int().nullable(),
        /** By `startNow`. */
        isLifted: z.boolean(),
        soakUntil: z.string().nullable(),
        /** Migrations in flight that the ramp-up allows at present; null without one. */
        rampLimit: z.int().nullable(),
      })
      .nullish(),
    /** Ended items a minute, over the last ten minutes or since the start; null before the first end. */
    perMinute: z.number().nullable(),
    /** Until the last item ends, at that pace, through windows, ramp-up and soak; null if unknown or nothing is left. */
    etaMs: z.int().nullable(),
    /** What runs, the longest first; at most 20. */
    inFlight: z.array(
      z.object({
        index: z.int(),
        vnfUuid: z.string(),
        vnfName: z.string().nullish(),
        workflowId: z.string(),
        targetVimUuid: z.string(),
        targetVimName: z.string().nullish(),
        startedAt: z.string(),
        /** Where its migration stands, where that was asked: the campaign itself does not know. */
        phase: phaseSchema().nullish(),
      }),
    ),
    /** The latest first; at most 10. */
    lastFailures: z.array(
      campaignItemViewSchema().pick({
        index: true,
        vnfUuid: true,
        vnfName: true,
        state: true,
        failureType: true,
        message: true,
        finishedAt: true,
      }),
    ),
    ...findings(),
    actor: z.string().nullable(),
    reason: z.string().nullable(),
    startedAt: z.string(),
    finishedAt: z.string().nullable(),
  }),
);
/** The answer of the query `campaignProgress`. Times are ISO 8601, durations milliseconds. */
export type CampaignProgress = Output<typeof campaignProgressSchema>;

/** A page of the query `campaignItems`. */
export interface CampaignItemsPage {
  items: CampaignItemView[];
  total: number;
  /** What to ask for next; null: this was the last page. */
  nextIndex: number | null;
}

/** What the query `campaignItems` is given; by default the first page of all. */
export interface CampaignItemsQuery {
  fromIndex?: number;
  states?: ItemState[];
  /**
   * ISO 8601: only items whose `startedAt` or `finishedAt` is at or after it. An item that goes back to wait, as after
   * `retryFailed`, has neither. A worker of version 0.1 ignores it, as any worker does what is no time.
   */
  changedSince?: string;
}

/** Orders and turns of a campaign, in their order: the answer of the query `campaignAudit`, at most 1,000. */
export const auditEntrySchema = lazily(() =>
  z.object({
    at: z.string(),
    /** Null: the campaign itself, such as a budget that tripped. */
    actor: z.string().nullable(),
    action: z.string(),
    reason: z.string(),
  }),
);
/** One order, or one decision of the campaign itself: who, what, why, when. */
export type AuditEntry = Output<typeof auditEntrySchema>;

/** The result of `migrationCampaign`. */
export const campaignResultSchema = lazily(() =>
  z.object({
    state: z.enum(CAMPAIGN_STATES).extract(['COMPLETED', 'COMPLETED_WITH_ERRORS', 'ABORTED']),
    counts: itemCountsSchema(),
    /** Null beyond 1 MiB: the queries `campaignItems` have them, as long as Temporal keeps the workflow. */
    items: z.array(campaignItemViewSchema()).nullable(),
    ...findings(),
    audit: z.array(auditEntrySchema()),
    /** Item-milliseconds, as in the progress. */
    waitedMs: byReasonSchema(),
    startedAt: z.string(),
    finishedAt: z.string(),
  }),
);
/** The result of a campaign. */
export type CampaignResult = Output<typeof campaignResultSchema>;
