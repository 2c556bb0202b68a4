/**
 * One campaign as its callers see it: what they give, what they can ask and order, what they get.
 *
 * Invariants: these shapes are the contract with callers in other languages; everything in them is plain JSON.
 * Wrong input is reported whole. Every number of a limit or budget has one meaning, stated at its field.
 */
import { z } from 'zod';
import { durationSchema } from '../duration.js';
import { lazily, type Input, type Output } from '../lazy-schema.js';
import { policySchema, problemsOf, unlessUnknownKeys, uuidSchema } from '../migration/contract.js';
import { receiverNameSchema } from '../notify/contract.js';
import { isLocalTime, localTimeProblem } from '../windows/calendar.js';
import { windowSchema } from '../windows/schema.js';

/** Temporal takes 2 MiB of input; 10,000 items fit, 13,000 do not. */
export const MAX_ITEMS = 10_000;
/** Of one page of the query `campaignItems`. */
export const ITEMS_PAGE_SIZE = 200;

/** The failure type of a campaign whose input is wrong: the only one that it fails with. */
export const INVALID_CAMPAIGN = 'InvalidCampaign';
/** The failure type of an update that is refused. */
export const INVALID_CONTROL = 'InvalidCampaignControl';

const actorSchema = lazily(() => z.string().trim().min(1).max(200));
const reasonSchema = lazily(() => z.string().trim().min(1).max(2_000));

/** Schema of one item of a list: `serviceInstanceUuid`, `vnfUuid`, and where wanted `vimUuid`, `priority`, `wave`. */
export const campaignItemSchema = lazily(() =>
  z.strictObject({
    serviceInstanceUuid: uuidSchema(),
    vnfUuid: uuidSchema(),
    /** The VIM to move to; by default the campaign's target. */
    vimUuid: uuidSchema().optional(),
    /** The higher goes first; items of equal priority go in input order. */
    priority: z.int().min(-1_000).max(1_000).default(0),
    /** A wave begins when every item of the waves before it has ended. */
    wave: z.int().min(1).max(1_000).default(1),
  }),
);

/** What to take of a VIM, or to leave there. */
const selectionSchema = lazily(() =>
  z.strictObject({
    serviceInstanceUuids: z.array(uuidSchema()).max(MAX_ITEMS).default([]),
    vnfUuids: z.array(uuidSchema()).max(MAX_ITEMS).default([]),
  }),
);

const limitFields = lazily(() => ({
  /** Migrations under way at a time, over the whole campaign. */
  total: z.int().min(1).max(500),
  /** Of them, those that leave one VIM. Not held where the source is not known: without a repository. */
  perSourceVim: z.int().min(1).max(500),
  /** Of them, those that go to one VIM. */
  perTargetVim: z.int().min(1).max(500),
}));

/** Schema of the limits: migrations in flight, in all and by VIM. */
export const limitsSchema = lazily(() =>
  z.strictObject({
    total: limitFields().total.default(6),
    perSourceVim: limitFields().perSourceVim.default(2),
    perTargetVim: limitFields().perTargetVim.default(2),
  }),
);

const MAX_ERRORS_HOW = 'expected a whole number, or a percentage such as "10%"';

const budgetFields = lazily(() => ({
  /** It trips when more items than this have ended FAILED or UNKNOWN; a percentage is of all planned, rounded down. */
  maxErrors: z.union(
    [z.int().min(0).max(MAX_ITEMS), z.string().regex(/^(?:100|\d{1,2}) ?%$/, { error: MAX_ERRORS_HOW })],
    { error: MAX_ERRORS_HOW },
  ),
  /** It trips when so many items in a row, in the order of their ends, have ended FAILED or UNKNOWN. */
  maxConsecutive: z.int().min(1).max(MAX_ITEMS),
  /** pause: a person decides; abort: what has not begun is cancelled, what runs ends. */
  action: z.enum(['pause', 'abort']),
}));

/** Schema of the error budget: how many failures pause or abort a campaign. */
export const budgetSchema = lazily(() =>
  z.strictObject({
    maxErrors: budgetFields().maxErrors.default('10%'),
    maxConsecutive: budgetFields().maxConsecutive.default(4),
    action: budgetFields().action.default('pause'),
  }),
);

/** Of each migration. Records are left out unless asked for: a campaign would drown in them. */
const campaignPolicySchema = lazily(() =>
  policySchema().safeExtend({ records: z.enum(['full', 'none']).default('none') }),
);

const targetVimsSchema = lazily(() => z.array(uuidSchema()).min(1).max(1_000));

const targetSchema = lazily(() =>
  z.union(
    [
      z.strictObject({ vimUuid: uuidSchema() }),
      z.strictObject({
        vims: targetVimsSchema(),
        /** Each item goes to the VIM that the fewest items have been given so far. */
        strategy: z.literal('spread'),
      }),
      z.strictObject({
        vims: targetVimsSchema(),
        /** Each item goes, when it starts, to the VIM with the most room left after what is reserved. */
        strategy: z.literal('most-free'),
        /** The share of the cores and of the memory of each VIM that stays free. */
        headroom: z
          .string()
          .regex(/^\d{1,2} ?%$/)
          .default('10%'),
      }),
    ],
    {
      error:
        'expected {vimUuid}, {vims, strategy: "spread"} or {vims, strategy: "most-free", headroom: "10%"}',
    },
  ),
);

const windowsSchema = lazily(() => z.array(windowSchema()).max(100));
const cutoffSchema = lazily(() => z.union([z.literal('auto'), durationSchema()]));

/** A point in time, the same for every reader: with an offset, or `Z`. */
const instantSchema = lazily(() =>
  z.string().superRefine((text, context) => {
    const problem = localTimeProblem(text);
    const message = problem ?? (isLocalTime(text) ? 'expected an offset or Z at the end of the time' : null);
    if (message !== null) context.addIssue({ code: 'custom', message });
  }),
);

/** How the number of migrations in flight grows. */
const rampUpSchema = lazily(() =>
  z.strictObject({
    /** In flight at first. */
    from: z.int().min(1).max(500).default(1),
    /** After as many successes in a row as are allowed in flight, so many times more are allowed. */
    factor: z.number().gt(1).max(100).default(2),
  }),
);

/** Schema of a whole campaign. Its output has all defaults filled in. */
export const campaignSpecSchema = lazily(() =>
  z
    .strictObject(
      {
        /** Either a list of what moves … */
        items: z.array(campaignItemSchema()).min(1).max(MAX_ITEMS).optional(),
        /** … or VIMs to empty: whatever services have there, read from the MANO's repository. */
        evacuate: z
          .strictObject({
            vims: z.array(uuidSchema()).min(1).max(100),
            /** Only these; by default all. */
            include: selectionSchema().optional(),
            exclude: selectionSchema().optional(),
          })
          .optional(),
        /** Where items without a VIM of their own go. */
        target: targetSchema().optional(),
        limits: limitsSchema().prefault({}),
        /** priority: the higher first, then input order; input: input order alone. */
        order: z.enum(['priority', 'input']).default('priority'),
        /** The first items of the order go before all others. */
        canary: z
          .strictObject({
            count: z.int().min(1).max(MAX_ITEMS),
            /** Whether the campaign waits for `approve` after them; else only for their end. */
            pauseAfter: z.boolean().default(true),
          })
          .optional(),
        waves: z
          .strictObject({
            /** What stands between two waves: nothing, or `approve`. */
            gate: z.enum(['none', 'manual']).default('none'),
            /** How long a wave does not begin after the end of the one before it. */
            soak: durationSchema().optional(),
          })
          .prefault({}),
        // The fields of time have no default: a campaign of version 0.1 is joined by the hash of its specification.
        /** When items may start. By default always. */
        windows: windowsSchema().optional(),
        /**
         * Nothing starts so shortly before a window closes. auto, the default: the 95th percentile of this campaign's
         * migrations; before five have ended, `policy.finalTimeout`.
         */
        cutoff: cutoffSchema().optional(),
        /** Nothing starts before this time, such as `2026-12-24T22:00:00+02:00`. */
        notBefore: instantSchema().optional(),
        rampUp: rampUpSchema().optional(),
        /** Receivers of its events, as the `NOTIFY_FILE` of the workers names them. */
        notify: z.array(receiverNameSchema()).max(10).optional(),
        budget: budgetSchema().prefault({}),
        policy: campaignPolicySchema().prefault({}),
        /** How long a migration may be silent before Temporal is asked what became of it. */
        silenceTimeout: durationSchema().default(600_000),
        actor: actorSchema().optional(),
        reason: reasonSchema().optional(),
      },
      { error: unlessUnknownKeys('expected one object with items or evacuate, and a target') },
    )
    .superRefine(({ items, evacuate, target }, context) => {
      const problem = (message: string, ...path: (string | number)[]): void =>
        context.addIssue({ code: 'custom', message, path });
      if ((items === undefined) === (evacuate === undefined)) problem('expected either items or evacuate');
      const targets = targetVimsOf(target);
      if (evacuate !== undefined && targets.length === 0) problem('an evacuation needs one', 'target');
      for (const vim of evacuate?.vims ?? [])
        if (targets.includes(vim)) problem(`${vim} is under evacuation itself`, 'target');
      const selected = [evacuate?.include, evacuate?.exclude].flatMap((one) =>
        one === undefined ? [] : [...one.vnfUuids, ...one.serviceInstanceUuids],
      );
      if (selected.length > MAX_ITEMS)
        problem(`include and exclude name more than ${String(MAX_ITEMS)}`, 'evacuate');
      const seen = new Set<string>();
      items?.forEach(({ vnfUuid, vimUuid }, index) => {
        if (seen.has(vnfUuid)) problem(`VNF ${vnfUuid} is there twice`, 'items', index, 'vnfUuid');
        seen.add(vnfUuid);
        if (vimUuid === undefined && targets.length === 0)
          problem('neither the item nor the campaign says where to', 'items', index, 'vimUuid');
      });
    }),
);

/** What a caller gives to `migrationCampaign`. */
export type CampaignInput = Input<typeof campaignSpecSchema>;
/** The same, checked, with every default. */
export type CampaignSpec = Output<typeof campaignSpecSchema>;
/** One item of a list, checked, with every default. */
export type CampaignItem = Output<typeof campaignItemSchema>;
/** One item of a list, as callers write it. */
export type CampaignItemInput = Input<typeof campaignItemSchema>;
/** The most migrations in flight: `total`, `perSourceVim`, `perTargetVim`. */
export type CampaignLimits = Output<typeof limitsSchema>;
/** `rampUp` of a campaign: `from`, `factor`. */
export type RampUp = Output<typeof rampUpSchema>;
/** The error budget: `maxErrors`, `maxConsecutive`, `action`. */
export type CampaignBudget = Output<typeof budgetSchema>;
/** Where items go: one VIM, or several with a strategy. */
export type CampaignTarget = Output<typeof targetSchema>;

/** A checked specification, or every problem with it. */
export type ParsedCampaign =
  { kind: 'campaign'; spec: CampaignSpec } | { kind: 'invalid'; problems: string[] };

/** Checks the input of `migrationCampaign`; names every problem at once. Never throws. */
export function parseCampaign(input: unknown): ParsedCampaign {
  const parsed = campaignSpecSchema().safeParse(input);
  if (parsed.success) return { kind: 'campaign', spec: parsed.data };
  return { kind: 'invalid', problems: problemsOf(parsed.error) };
}

/** The VIMs that a target names, each once (uuids); empty without a target. */
export function targetVimsOf(target: CampaignTarget | undefined): string[] {
  if (target === undefined) return [];
  return 'vims' in target ? target.vims : [target.vimUuid];
}

/** Of a target `most-free`: the share of each VIM that stays free, 0 to 1; null for any other target. */
export function headroomOf(target: CampaignTarget | undefined): number | null {
  if (target === undefined || !('strategy' in target) || target.strategy !== 'most-free') return null;
  return Number.parseInt(target.headroom, 10) / 100;
}

/** The names of the updates that steer a campaign. */
export const CONTROL_NAMES = [
  'pause',
  'resume',
  'abort',
  'approve',
  'skip',
  'setLimits',
  'setBudget',
  'retryFailed',
  'setWindows',
  'startNow',
  'addItems',
  'reprioritize',
] as const;
/** The name of an update that steers a campaign. */
export type ControlName = (typeof CONTROL_NAMES)[number];

/** Updates of a campaign, each with who orders it and why. Each returns the progress after it. */
export const controlSchemas = lazily(() => {
  const byWhom = { actor: actorSchema(), reason: reasonSchema() };
  return {
    pause: z.strictObject(byWhom),
    resume: z.strictObject(byWhom),
    /** What has not begun is cancelled, what runs ends. */
    abort: z.strictObject(byWhom),
    /** Opens the gate after the canary, or between two waves. */
    approve: z.strictObject(byWhom),
    /** Items that have not begun. */
    skip: z.strictObject({ ...byWhom, vnfUuids: z.array(uuidSchema()).min(1).max(MAX_ITEMS) }),
    /** Those that are given; a lower one cancels nothing that runs. */
    setLimits: z.strictObject({ ...byWhom, limits: z.strictObject(limitFields()).partial() }),
    setBudget: z.strictObject({ ...byWhom, budget: z.strictObject(budgetFields()).partial() }),
    /** A new generation of what is FAILED, UNKNOWN or CANCELLED. */
    retryFailed: z.strictObject(byWhom),
    /** What is given replaces what was; null takes it away. */
    setWindows: z.strictObject({
      ...byWhom,
      windows: windowsSchema().nullable().optional(),
      cutoff: cutoffSchema().optional(),
      notBefore: instantSchema().nullable().optional(),
    }),
    /** Items start in spite of windows, `notBefore` and `soak`, until the windows open or close next. */
    startNow: z.strictObject(byWhom),
    /** More items, while it runs. One whose VNF the campaign has already refuses them all. */
    addItems: z.strictObject({ ...byWhom, items: z.array(campaignItemSchema()).min(1).max(MAX_ITEMS) }),
    /** Of items that have not begun. */
    reprioritize: z.strictObject({
      ...byWhom,
      vnfUuids: z.array(uuidSchema()).min(1).max(MAX_ITEMS),
      priority: campaignItemSchema().shape.priority.unwrap(),
    }),
  } satisfies Record<ControlName, z.ZodType>;
});
/** Input of each update by its name. Every one needs a `reason`; `actor` says who. */
export type ControlInput<Name extends ControlName> = z.input<ReturnType<typeof controlSchemas>[Name]>;

/** The same, checked, with every default. */
export type ControlOrder<Name extends ControlName> = z.output<ReturnType<typeof controlSchemas>[Name]>;

/** The report of `migrateVnf` to the campaign that started it: the signal `migrationEnded`. */
export const migrationEndedSchema = lazily(() =>
  z.object({
    workflowId: z.string(),
    runId: z.string(),
    outcome: z.enum(['migrated', 'already-there', 'failed', 'cancelled']),
    newVnfUuid: z.string().nullable(),
    failureType: z.string().nullable(),
    message: z.string().nullable(),
    /** Of a cancelled one: whether the MANO may still be at it. Default: no. */
    mayBeRunning: z.boolean().optional(),
  }),
);
/** Signal `migrationEnded`: the result of a migration that a campaign started. */
export type MigrationEnded = Output<typeof migrationEndedSchema>;
