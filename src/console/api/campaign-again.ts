/** Campaigns that are made of others: the retry of what one has left, and the way back of what one has moved. */
import { z } from 'zod';
import { retryOfEnded, wayBackOf } from '../../client/campaign-again.js';
import { findCampaign } from '../../client/find-campaign.js';
import type { CampaignInput } from '../../shared/campaign/contract.js';
import { within, type ConsoleContext } from '../context.js';
import { Problem } from '../problem.js';
import { actorOf, json, problems, type Api } from './app.js';
import { campaignParams } from './campaign-live.js';
import { startedSchema } from './campaigns.js';

const againBody = z.strictObject({
  /** Why, for the audit trail. */
  reason: z.string().trim().min(1).max(2_000),
  /** Of the new campaign; by default made of the other's. */
  name: z.string().min(1).max(200).optional(),
  /** Also where a running campaign works against it. */
  anyway: z.boolean().default(false),
});

const againSchema = startedSchema.extend({
  /** False: what the other was started with is no longer known, and the defaults hold. */
  knowsSettings: z.boolean(),
});

const failbackSchema = z.object({
  name: z.string(),
  /** Null: there is nothing to move back. */
  specification: z.looseObject({}).nullable(),
  leftOut: z.array(z.object({ vnfUuid: z.string(), vnfName: z.string().nullable(), reason: z.string() })),
  knowsSettings: z.boolean(),
});

const started = {
  200: json(againSchema, 'the same one runs already'),
  201: json(againSchema, 'it was started'),
  ...problems(404, 409),
};
const tags = ['campaigns'];

export function campaignAgainRoutes(api: Api, context: ConsoleContext): void {
  const { campaigns } = context;
  api.post(
    '/campaigns/:id/retry',
    {
      schema: {
        ...{ tags, summary: 'Of a campaign that has ended: start another with what it left' },
        ...{ params: campaignParams, body: againBody, response: started },
      },
    },
    async (request, reply) => {
      const { reason, name, anyway } = request.body;
      const actor = actorOf(request);
      const { workflowId, isRunning } = await within(context, () => findCampaign(context, request.params.id));
      if (isRunning) throw new Problem('refused', `${workflowId} runs: give it the order retry-failed`);
      const again = await within(context, () => retryOfEnded(campaigns, { workflowId, name, actor, reason }));
      if (again === null) throw new Problem('refused', `${workflowId} left nothing to take up again`);
      const made = await start(context, { ...again, anyway });
      return await reply.code(made.isNew ? 201 : 200).send(made);
    },
  );
  api.get(
    '/campaigns/:id/failback',
    {
      schema: {
        ...{ tags, summary: 'What would move back what a campaign has moved' },
        params: campaignParams,
        response: { 200: json(failbackSchema, 'its specification'), ...problems(404) },
      },
    },
    async ({ params }) => {
      const { workflowId } = await within(context, () => findCampaign(context, params.id));
      const way = await within(context, () => wayBackOf(campaigns, { workflowId }));
      const { input: specification, ...wayBack } = way;
      return { ...wayBack, specification };
    },
  );
  api.post(
    '/campaigns/:id/failback',
    {
      schema: {
        ...{ tags, summary: 'Start a campaign that moves back what another has moved' },
        ...{ params: campaignParams, body: againBody, response: started },
      },
    },
    async (request, reply) => {
      const { reason, name, anyway } = request.body;
      const actor = actorOf(request);
      const { workflowId } = await within(context, () => findCampaign(context, request.params.id));
      const way = await within(context, () => wayBackOf(campaigns, { workflowId, name, reason }));
      const { input, ...wayBack } = way;
      if (input === null) throw new Problem('refused', `there is nothing of ${workflowId} to move back`);
      const made = await start(context, { ...wayBack, input: { ...input, actor }, anyway });
      return await reply.code(made.isNew ? 201 : 200).send(made);
    },
  );
}

async function start(
  context: ConsoleContext,
  {
    name,
    input,
    knowsSettings,
    anyway,
  }: { name: string; input: CampaignInput; knowsSettings: boolean; anyway: boolean },
): Promise<z.output<typeof againSchema>> {
  const run = await within(context, () => context.campaigns.start(input, { name, anyway }));
  return { ...run, name, knowsSettings };
}
