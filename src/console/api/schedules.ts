/** Schedules that start a campaign again and again. */
import { z } from 'zod';
import { within, type ConsoleContext } from '../context.js';
import { actorOf, json, problems, type Api } from './app.js';
import { campaignBodySchema, namedCampaign } from './named-vims.js';

const scheduleSchema = z.object({
  name: z.string(),
  scheduleId: z.string(),
  cron: z.string().nullable(),
  timeZone: z.string().nullable(),
  isPaused: z.boolean(),
  nextStartAt: z.string().nullable(),
  lastStartAt: z.string().nullable(),
  lastWorkflowId: z.string().nullable(),
  skippedStarts: z.int(),
  missedStarts: z.int(),
});

const scheduledSchema = z.object({
  scheduleId: z.string(),
  change: z.enum(['created', 'replaced', 'unchanged']),
  nextStartAt: z.string().nullable(),
});

const tags = ['schedules'];
const params = z.object({ name: z.string().min(1).max(200) });

export function scheduleRoutes(api: Api, context: ConsoleContext): void {
  const { schedules } = context;
  api.get(
    '/schedules',
    {
      schema: {
        ...{ tags, summary: 'Schedules of campaigns' },
        response: {
          200: json(z.object({ schedules: z.array(scheduleSchema) }), 'all of them'),
          ...problems(),
        },
      },
    },
    async () => ({ schedules: await within(context, () => schedules.list()) }),
  );
  api.put(
    '/schedules/:name',
    {
      schema: {
        ...{ tags, summary: 'Start a campaign at the times of a cron expression' },
        params,
        body: z.strictObject({
          cron: z.string().min(1).max(200),
          timeZone: z.string().min(1).max(100),
          campaign: campaignBodySchema,
          /** Replace another one of this name. */
          replace: z.boolean().default(false),
        }),
        response: { 200: json(scheduledSchema, 'what was done'), ...problems(409) },
      },
    },
    async (request) => {
      const { name } = request.params;
      const { cron, timeZone, campaign, replace } = request.body;
      const actor = actorOf(request);
      const { input } = await namedCampaign(context, { name, campaign: { ...campaign, actor } });
      return await within(context, () => schedules.schedule(input, { name, cron, timeZone, replace }));
    },
  );
  api.delete(
    '/schedules/:name',
    {
      schema: {
        ...{ tags, summary: 'End a schedule' },
        params,
        response: { 204: z.null(), ...problems(404) },
      },
    },
    async ({ params: { name } }, reply) => {
      await within(context, () => schedules.unschedule(name));
      return await reply.code(204).send(null);
    },
  );
}
