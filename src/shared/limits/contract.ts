/**
 * The limits of a deployment as operators, migrations and campaigns see them: what is ordered, what is asked for, what is
 * answered.
 *
 * Invariants: everything here is plain JSON. What is asked of the limits is a set operation, so that the same call twice
 * changes nothing. Every list is bounded.
 */
import { z } from 'zod';
import { lazily, type Input, type Output } from '../lazy-schema.js';
import { unlessUnknownKeys, uuidSchema } from '../migration/contract.js';

/** The workflow type. */
export const LIMITS_WORKFLOW_TYPE = 'deploymentLimits';
/** The failure type of an order or a call that is refused. */
export const INVALID_LIMITS = 'InvalidLimits';

/** In one list of one call. */
export const MOST_PERMITS_A_CALL = 1_000;
const MOST_VIMS = 1_000;

/** 0: nothing starts. Null: unlimited. */
const limitSchema = lazily(() =>
  z.int({ error: 'expected a whole number from 0, or null for no limit' }).min(0).max(1_000_000).nullable(),
);

const vimLimitSchema = lazily(() =>
  z.object({
    vimUuid: z.string(),
    /** Migrations to this VIM at a time. */
    in: z.int().nullable(),
    /** Migrations away from it at a time, as far as their source is known. */
    out: z.int().nullable(),
  }),
);
/** The limits of one VIM. */
export type VimLimit = Output<typeof vimLimitSchema>;

/** Schema of `Limits`. */
export const sharedLimitsSchema = lazily(() =>
  z.object({
    /** Migrations in flight at a time, over the whole deployment. */
    total: z.int().nullable(),
    vims: z.array(vimLimitSchema()),
  }),
);
/** The limits of a deployment. Null: unlimited. */
export type SharedLimits = Output<typeof sharedLimitsSchema>;

function byWhom() {
  return {
    /** Who orders it. */
    actor: z.string().trim().min(1).max(200),
    /** Why, for the audit trail. */
    reason: z.string().trim().min(1).max(500),
  };
}

/** Schema of the input of the update `setLimits`. */
export const setLimitsSchema = lazily(() =>
  z.strictObject(
    {
      ...byWhom(),
      total: limitSchema().optional(),
      vims: z
        .array(
          z.strictObject({
            vimUuid: uuidSchema(),
            in: limitSchema().optional(),
            out: limitSchema().optional(),
          }),
        )
        .max(MOST_VIMS)
        .optional(),
    },
    { error: unlessUnknownKeys('expected one object with actor, reason, and total, vims or both') },
  ),
);
/** Input of the update `setLimits`. What it does not name stays as it is; null ends a limit. */
export type SetLimitsInput = Input<typeof setLimitsSchema>;

/** Schema of the input of the update `clearLimits`. */
export const clearLimitsSchema = lazily(() =>
  z.strictObject(byWhom(), { error: unlessUnknownKeys('expected one object with actor and reason') }),
);
/** Input of the update `clearLimits`. */
export type ClearLimitsInput = Input<typeof clearLimitsSchema>;

const holderSchema = lazily(() =>
  z.strictObject({
    /** A campaign holds permits for its items, a migration that stands alone one for itself. */
    kind: z.enum(['campaign', 'migration']),
    workflowId: z.string().min(1).max(1_000),
    /** Of its chain of runs: it stays the same when it continues as new. */
    firstRunId: z.string().min(1).max(100),
  }),
);
/** The workflow that asks for permits, and to which they belong. */
export type PermitHolder = Output<typeof holderSchema>;

const moveSchema = lazily(() =>
  z.strictObject({
    vnfUuid: uuidSchema(),
    /** Null: not known. It counts for no VIM then. */
    sourceVimUuid: uuidSchema().nullable(),
    targetVimUuid: uuidSchema(),
  }),
);
/** The migration that a permit is for. */
export type PermitMove = Output<typeof moveSchema>;

/** Schema of the input of the update `exchangePermits`. */
export const exchangePermitsSchema = lazily(() => {
  const moves = z.array(moveSchema()).max(MOST_PERMITS_A_CALL);
  const vnfs = z.array(uuidSchema()).max(MOST_PERMITS_A_CALL);
  return z.strictObject({
    holder: holderSchema(),
    /** It asks for these permits, or has asked for them before. */
    wanted: moves,
    /** It does not ask for these any more. What was granted meanwhile is given back. */
    unwanted: vnfs,
    /** These have ended. */
    released: vnfs,
    /** These are in flight already. They are leased, whatever the limits are. */
    inUse: moves.optional(),
  });
});
/** Input of the update `exchangePermits`. The lists are carried out in the order released, unwanted, inUse, wanted. */
export type ExchangePermitsInput = Input<typeof exchangePermitsSchema>;
/** The same, checked. */
export type PermitExchange = Output<typeof exchangePermitsSchema>;

/** Why a permit is not granted yet. */
export const PERMIT_WAITS = ['shared-total-limit', 'shared-source-limit', 'shared-target-limit'] as const;
/** Why a permit is not granted yet. */
export type PermitWait = (typeof PERMIT_WAITS)[number];

/** What the update `exchangePermits` gives. */
export type PermitAnswer =
  | {
      kind: 'held';
      /** Of those that were wanted, all that are granted; and those granted since the last answer. */
      granted: string[];
      /** All that wait. What was wanted and is not here is granted. */
      waiting: { vnfUuid: string; reason: PermitWait }[];
    }
  /** Nothing is limited. */
  | { kind: 'none' };

/** Schema of the input of the signal `permitsGranted`. */
export const permitsGrantedSchema = lazily(() => z.object({ vnfUuids: z.array(z.string()).max(100_000) }));
/** Input of the signal `permitsGranted`, to whom waits: these may start. */
export type PermitsGranted = Output<typeof permitsGrantedSchema>;

const permitMoveViewSchema = lazily(() =>
  z.object({
    vnfUuid: z.string(),
    sourceVimUuid: z.string().nullable(),
    targetVimUuid: z.string(),
    /** The workflow id of the campaign, or of the migration that stands alone. */
    owner: z.string(),
    /** When it was granted, or since when it waits. ISO 8601. */
    since: z.string(),
  }),
);

/** Schema of `LimitsState`. */
export const limitsStateSchema = lazily(() =>
  z.object({
    /** Null: none are set, or they were cleared. */
    limits: sharedLimitsSchema().nullable(),
    inFlight: z.int(),
    waitingCount: z.int(),
    /** Of each VIM that is limited, or has something in flight or waiting. */
    vims: z.array(
      z.object({
        ...vimLimitSchema().shape,
        inNow: z.int(),
        outNow: z.int(),
        waitingIn: z.int(),
        waitingOut: z.int(),
      }),
    ),
    /** The oldest, at most `SHOWN_PERMITS`. */
    leases: z.array(permitMoveViewSchema()),
    waiting: z.array(z.object({ ...permitMoveViewSchema().shape, reason: z.enum(PERMIT_WAITS) })),
    /** Who ordered what, and what the limits did by themselves; the latest. */
    audit: z.array(
      z.object({
        at: z.string(),
        actor: z.string().nullable(),
        action: z.string(),
        reason: z.string(),
      }),
    ),
  }),
);
/** The answer of the query `limitsState`, and of the orders. */
export type LimitsState = Output<typeof limitsStateSchema>;
/** Leases, and what waits, in one answer. */
export const SHOWN_PERMITS = 500;
