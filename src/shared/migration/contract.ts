/**
 * One migration as its callers see it: what they give, what they get, what they can ask.
 *
 * Invariants: these shapes are the contract with callers in other languages; everything in them is plain
 * JSON. Wrong input is reported whole, every problem with the field it is about.
 */
import { z } from 'zod';
import { durationSchema } from '../duration.js';
import { FAILURE_TYPES } from './failures.js';
import { lazily, type Input, type Output } from '../lazy-schema.js';
import { recordSchema } from '../mano/reply.js';

/** What to say of an input that is no object at all; unknown keys are named by zod. */
export function unlessUnknownKeys(message: string) {
  return ({ code }: { code: string }) => (code === 'unrecognized_keys' ? undefined : message);
}

/** A VNF, a service instance or a VIM. Lower case, because the MANO compares ids letter by letter. */
export const uuidSchema = lazily(() =>
  z
    .string({ error: 'expected a UUID such as "11000b22-4625-548a-b27c-3d42ea669e6c"' })
    .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
      error: ({ input }) =>
        `expected a UUID such as "11000b22-4625-548a-b27c-3d42ea669e6c", not ${excerpt(input)}`,
    })
    .transform((value) => value.toLowerCase()),
);

/** How a migration waits, retries and gives up. Durations: milliseconds, or text such as "2m". */
export const policySchema = lazily(() =>
  z
    .strictObject({
      /** How long to look for a broker that takes the request. */
      publishTimeout: durationSchema().default(600_000),
      /** From the request to the MANO's first response, before the MANO is probed. */
      ackTimeout: durationSchema().default(120_000),
      /** From the ack to the MANO's second response, before the MANO is probed. */
      finalTimeout: durationSchema().default(1_800_000),
      /** How long, in a row, the service may be busy or the MANO's repository fail. */
      busyTimeout: durationSchema().default(1_800_000),
      /** Over everything. */
      deadline: durationSchema().default(14_400_000),
      /** Requests that may have reached the MANO; waiting for a busy service spends none. */
      maxAttempts: z.int().min(1).max(100).default(3),
      initialInterval: durationSchema().default(20_000),
      backoffCoefficient: z.number().min(1).max(10).default(2),
      maximumInterval: durationSchema().default(600_000),
      /** After silence, ask the MANO without side effects whether it is busy with the service. */
      probe: z.enum(['auto', 'off']).default('auto'),
      probeTimeout: durationSchema().default(90_000),
      /** Probes in a row without an answer before a request without an ack is given up. */
      maxProbes: z.int().min(1).max(100).default(5),
      /** What to do when it is unknown whether the VNF moved. */
      onUnknownOutcome: z.enum(['fail', 'retry', 'wait']).default('fail'),
      /** The route to the MANO. The Gatekeeper does not receive failures on the other topic. */
      transport: z.enum(['bus', 'gatekeeper']).default('bus'),
      /** Before the first request, look for the target on the list of VIMs that the MANO's adaptor has. */
      verifyTarget: z.enum(['auto', 'off']).default('auto'),
      /** Whether the result carries the NSR and the VNFRs. */
      records: z.enum(['full', 'none']).default('full'),
    })
    .refine(({ initialInterval, maximumInterval }) => initialInterval <= maximumInterval, {
      path: ['maximumInterval'],
      error: 'must not be shorter than initialInterval',
    }),
);

/** The names of all parts of a policy. */
export const POLICY_NAMES: readonly string[] = Object.keys(policySchema().shape);

/** The policy with its defaults; every duration in milliseconds. */
export type Policy = Output<typeof policySchema>;
/** The policy, as callers write it. Durations are milliseconds or texts such as `"2m"`. */
export type PolicyInput = Input<typeof policySchema>;

/** Schema of the input of `migrateVnf`. Its output has all defaults filled in. */
export const migrationRequestSchema = lazily(() =>
  z.strictObject(
    {
      serviceInstanceUuid: uuidSchema(),
      vnfUuid: uuidSchema(),
      /** The VIM to move to. */
      vimUuid: uuidSchema(),
      policy: policySchema().prefault({}),
    },
    {
      error: unlessUnknownKeys(
        'expected one object with serviceInstanceUuid, vnfUuid, vimUuid and an optional policy',
      ),
    },
  ),
);

/** What a caller gives to `migrateVnf`. */
export type MigrationInput = Input<typeof migrationRequestSchema>;
/** The same, checked, with the whole policy. */
export type MigrationRequest = Output<typeof migrationRequestSchema>;

/** A checked request, or every problem with it. */
export type ParsedRequest =
  { kind: 'request'; request: MigrationRequest } | { kind: 'invalid'; problems: string[] };

/** Checks the input of `migrateVnf`; names every problem at once. Never throws. */
export function parseMigrationRequest(input: unknown): ParsedRequest {
  const parsed = migrationRequestSchema().safeParse(input);
  if (parsed.success) return { kind: 'request', request: parsed.data };
  return { kind: 'invalid', problems: problemsOf(parsed.error) };
}

/** One readable line for each problem of a zod error, beginning with the field it is about. */
export function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

/** Schema of `Phase`. */
export const phaseSchema = lazily(() =>
  z.enum([
    'validating',
    'pre-flight',
    'awaiting-permit',
    'publishing',
    'awaiting-ack',
    'awaiting-final',
    'busy',
    'probing',
    'reconciling',
    'awaiting-operator',
    'closed',
  ]),
);
/** What a migration is doing. */
export type Phase = Output<typeof phaseSchema>;

const outcomeSchema = lazily(() => z.enum(['migrated', 'already-there']));
/** How a migration succeeded. */
export type Outcome = Output<typeof outcomeSchema>;

/** What a verdict rests on: the reply to the last request, to an earlier one, the MANO's repository, a person. */
const evidenceSchema = lazily(() => z.enum(['reply', 'late-reply', 'repository', 'operator']));
/** What a verdict rests on. */
export type Evidence = Output<typeof evidenceSchema>;

/** Whether the request left: `publishing` (under way), confirmed by the broker, perhaps, or certainly not. */
const sentSchema = lazily(() => z.enum(['publishing', 'confirmed', 'perhaps', 'not-sent']));
/** Whether a request left: `confirmed` by the broker, certainly `not-sent`, or `perhaps`. */
export type Sent = Output<typeof sentSchema>;

/** Why a request was sent; for every one but the first it is the evidence that sending it does no harm. */
const attemptReasonSchema = lazily(() =>
  z.enum([
    'first',
    'service-was-busy',
    'mano-failed-to-read-its-repository',
    'probe-says-not-taken',
    'repository-says-untouched',
    'policy-says-retry',
  ]),
);
/** The recorded evidence that allowed an attempt. */
export type AttemptReason = Output<typeof attemptReasonSchema>;

/** ISO 8601. */
const timeSchema = lazily(() => z.string().meta({ format: 'date-time' }));

const replyViewSchema = lazily(() =>
  z.object({
    status: z.string(),
    error: z.string().nullable(),
    isFinal: z.boolean(),
    topic: z.string(),
    at: timeSchema(),
  }),
);
/** One reply of the MANO, without its records. */
export type ReplyView = Output<typeof replyViewSchema>;

/** One request on the bus, as results, failures and the query show it. */
const attemptViewSchema = lazily(() =>
  z.object({
    number: z.int(),
    correlationId: z.string(),
    reason: attemptReasonSchema(),
    sent: sentSchema(),
    startedAt: timeSchema(),
    ackedAt: timeSchema().nullable(),
    finalAt: timeSchema().nullable(),
    /** The MANO's replies in order of arrival, without records; exact repetitions are counted, not listed. */
    replies: z.array(replyViewSchema()),
    /** What is known of it, as text: probes, repository findings, publish problems. */
    notes: z.array(z.string()),
  }),
);
/** One request with its replies. */
export type AttemptView = Output<typeof attemptViewSchema>;

/** For people. Null where neither the MANO's records nor its list of VIMs has a name. */
function namesShape() {
  const name = z.string().nullable().optional();
  return {
    vnfName: name,
    /** Of the service instance. */
    serviceName: name,
    /** The VIM that the VNF was on before. */
    sourceVimName: name,
    targetVimName: name,
  };
}

/** What `migrateVnf` gives. */
export const migrationResultSchema = lazily(() =>
  z.object({
    outcome: outcomeSchema(),
    evidence: evidenceSchema(),
    serviceInstanceUuid: z.string(),
    vnfUuid: z.string(),
    /** A migration gives the VNF a new id. Null if the VNF was already there, or if the id is not known. */
    newVnfUuid: z.string().nullable(),
    vimUuid: z.string(),
    ...namesShape(),
    attempts: z.array(attemptViewSchema()),
    durationMs: z.int(),
    /** The MANO's own measure; null if it sent none. */
    manoDurationSeconds: z.number().nullable(),
    /** As the MANO sent it: stale, it still lists the old VNF id. */
    nsr: recordSchema().nullable(),
    /** Null if none were sent. */
    vnfrs: z.array(recordSchema()).nullable(),
    /** `nsr` and `vnfrs` are summaries, because the records were larger than 128 KiB. */
    recordsSummarised: z.boolean(),
  }),
);
/** The result of `migrateVnf`. Source of the records: the MANO's READY. */
export type MigrationResult = Output<typeof migrationResultSchema>;

const verdictViewSchema = lazily(() =>
  z.object({
    outcome: z.enum([...outcomeSchema().options, 'failed', 'cancelled']),
    evidence: evidenceSchema().nullable(),
    failureType: z.enum(FAILURE_TYPES).nullable(),
    message: z.string(),
    newVnfUuid: z.string().nullable(),
  }),
);
/** The verdict of a migration that has ended. */
export type VerdictView = Output<typeof verdictViewSchema>;

/** The answer of the query `migrationState`, and the first detail of every failure. */
export const migrationStateSchema = lazily(() =>
  z.object({
    request: z
      .object({ serviceInstanceUuid: z.string(), vnfUuid: z.string(), vimUuid: z.string() })
      .nullable(),
    ...namesShape(),
    phase: phaseSchema(),
    attempts: z.array(attemptViewSchema()),
    verdict: verdictViewSchema().nullable(),
    /**
     * What the limits of the deployment say; null or not there if none are set, or if a campaign asks for it. `needed`: not
     * asked yet; `held`: it may send.
     */
    permit: z
      .object({
        state: z.enum(['needed', 'waiting', 'held']),
        /** Since when it waits, or waited; null if it never did. */
        waitingSince: timeSchema().nullable(),
        /** What it waits for, such as `shared-target-limit`; null if it does not wait. */
        reason: z.string().nullable(),
      })
      .nullable()
      .optional(),
    /** What the migration goes on without, such as "target not verified: …"; null if nothing is missing. */
    warning: z.string().nullable().optional(),
    /** What keeps it from going on, such as a repository that cannot be read; null if nothing does. */
    trouble: z.string().nullable(),
    /** A request may be running at the MANO, which cannot be stopped. */
    mayBeRunning: z.boolean(),
    startedAt: timeSchema(),
    deadlineAt: timeSchema().nullable(),
    /** When the present phase ends by itself, if nothing arrives. */
    nextStepAt: timeSchema().nullable(),
  }),
);
/** The answer of the query `migrationState`, and the first detail of a failure. Times are ISO 8601. */
export type MigrationState = Output<typeof migrationStateSchema>;

/** What an operator says of a migration that waits for one: the update `resolveMigration`. */
export const resolutionSchema = lazily(() =>
  z.strictObject(
    {
      outcome: z.enum(['migrated', 'not-migrated']),
      /** The VNF's id on the target, if it was migrated and the id is known. */
      newVnfUuid: uuidSchema().optional(),
      /** Who says so. */
      actor: z.string().trim().min(1).max(200),
      /** How they know. */
      reason: z.string().trim().min(1).max(2_000),
    },
    {
      error: unlessUnknownKeys('expected one object with outcome, actor, reason and an optional newVnfUuid'),
    },
  ),
);
/** Input of the update `resolveMigration`: an operator's decision. */
export type ResolutionInput = Input<typeof resolutionSchema>;
