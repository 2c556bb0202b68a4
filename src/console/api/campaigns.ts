/** Campaigns: the list, the plan, and the start. */
import { z } from 'zod';
import { durationMs } from '../../shared/duration.js';
import { dryRun } from '../../campaign-plan/dry-run.js';
import type { OppositesReading } from '../../campaign-plan/opposites.js';
import { temporalProblem } from '../../client/connection-errors.js';
import { campaignPage, type CampaignsPage } from '../../client/campaign-list.js';
import { itemCountsSchema } from '../../shared/campaign/views.js';
import { campaignWorkflowId } from '../../shared/names.js';
import { within, type ConsoleContext } from '../context.js';
import { SharedAnswers } from '../shared-answers.js';
import { actorOf, json, problems, type Api } from './app.js';
import { pageQuery, temporalStatus } from './page-query.js';
import { campaignBodySchema, namedCampaign, type NamedCampaign } from './named-vims.js';
import { campaignConflict } from './named-schemas.js';

const campaignRowSchema = z.object({
  workflowId: z.string(),
  name: z.string(),
  /** Temporal's. */
  status: z.string(),
  /** The campaign's own, or Temporal's where no worker told it. */
  state: z.string(),
  counts: itemCountsSchema().nullable(),
  startedAt: z.string(),
  closedAt: z.string().nullable(),
});

export const startedSchema = z.object({
  workflowId: z.string(),
  name: z.string(),
  runId: z.string(),
  /** False: it was running already. */
  isNew: z.boolean(),
});

const namedBody = {
  name: z.string().min(1).max(200).optional(),
  campaign: campaignBodySchema,
};

const loadChangeSchema = z.object({ before: z.number(), after: z.number(), total: z.number() }).nullable();

const planSchema = z.object({
  name: z.string(),
  items: z.array(
    z.object({
      serviceInstanceUuid: z.string(),
      vnfUuid: z.string(),
      vnfName: z.string().nullable(),
      sourceVimUuid: z.string().nullable(),
      /** Null: it is chosen when the item starts. */
      targetVimUuid: z.string().nullable(),
      priority: z.int(),
      wave: z.int(),
    }),
  ),
  stages: z.array(
    z.object({
      kind: z.enum(['canary', 'wave']),
      wave: z.int(),
      gate: z.enum(['none', 'manual']),
      items: z.array(z.int()),
    }),
  ),
  conflicts: z.array(campaignConflict),
  problems: z.array(z.string()),
  load: z.object({
    vims: z.array(
      z.object({
        vimUuid: z.string(),
        vimName: z.string().nullable(),
        leaving: z.int(),
        arriving: z.int(),
        cores: loadChangeSchema,
        memoryMb: loadChangeSchema,
      }),
    ),
    withoutNeeds: z.int(),
    waitingForRoom: z.int(),
    unavailable: z.string().nullable(),
  }),
  estimate: z.object({ assumeMs: z.number(), totalMs: z.number(), stagesMs: z.array(z.number()) }),
  oppositeCampaigns: z
    .array(
      z.object({
        workflowId: z.string(),
        emptiedByIt: z.array(z.string()),
        filledByIt: z.array(z.string()),
      }),
    )
    .nullable(),
  hasRepository: z.boolean(),
  canRun: z.boolean(),
});

const assumeSchema = z
  .string()
  .max(20)
  .default('2m')
  .transform((text, context) => {
    const ms = durationMs(text);
    if (ms !== null && ms > 0) return ms;
    context.addIssue({ code: 'custom', message: 'expected a duration such as 90s or 2m' });
    return z.NEVER;
  });

const tags = ['campaigns'];

/** Each campaign of a page that runs is asked: pages that refresh themselves must not multiply that. */
const LIST_VALID_MS = 2_000;

export function campaignRoutes(api: Api, context: ConsoleContext): void {
  const pages = new SharedAnswers<CampaignsPage>(LIST_VALID_MS);
  api.get(
    '/campaigns',
    {
      schema: {
        ...{ tags, summary: 'Campaigns, the newest first' },
        querystring: z.strictObject(pageQuery),
        response: {
          200: json(
            z.object({ campaigns: z.array(campaignRowSchema), nextCursor: z.string().nullable() }),
            'a page',
          ),
          ...problems(),
        },
      },
    },
    async ({ query: { status, limit, cursor } }) => {
      const page = { pageSize: limit, status: temporalStatus(status), cursor };
      return await pages.get(JSON.stringify(page), () =>
        within(context, () => campaignPage(context.client, page)),
      );
    },
  );
  api.post(
    '/campaigns/plan',
    {
      // It changes nothing.
      config: { access: 'viewer' },
      schema: {
        ...{ tags, summary: 'What a campaign would do, and what stands against it; nothing is sent' },
        body: z.strictObject({
          ...namedBody,
          /** How long a migration takes, for the estimate. */
          assume: assumeSchema,
        }),
        response: { 200: json(planSchema, 'the plan'), ...problems() },
      },
    },
    async ({ body }) =>
      await planOf(context, { ...(await namedCampaign(context, body)), assumeMs: body.assume }),
  );
  api.post(
    '/campaigns',
    {
      schema: {
        ...{ tags, summary: 'Start a campaign, or join the same one where it runs' },
        body: z.strictObject({
          ...namedBody,
          /** Also where a running campaign works against it. */
          anyway: z.boolean().default(false),
        }),
        response: {
          200: json(startedSchema, 'the same one runs already'),
          201: json(startedSchema, 'it was started'),
          ...problems(409),
        },
      },
    },
    async (request, reply) => {
      const { name: givenName, campaign, anyway } = request.body;
      const actor = actorOf(request);
      const { name, input } = await namedCampaign(context, {
        name: givenName,
        campaign: { ...campaign, actor },
      });
      const started = await within(context, () => context.campaigns.start(input, { name, anyway }));
      return await reply.code(started.isNew ? 201 : 200).send({ ...started, name });
    },
  );
}

async function planOf(
  context: ConsoleContext,
  { name, spec, assumeMs }: NamedCampaign & { assumeMs: number },
): Promise<z.output<typeof planSchema>> {
  const opposites = async (): Promise<OppositesReading> => {
    try {
      const found = await within(context, () => context.campaigns.opposites(spec, campaignWorkflowId(name)));
      return { kind: 'looked', opposites: found };
    } catch (error) {
      return { kind: 'unavailable', reason: temporalProblem(error) };
    }
  };
  const { report } = await dryRun(context.config, {
    ...{ name, spec, assumeMs, opposites },
    vimList: context.vimList,
  });
  return report;
}
