/**
 * One campaign as it goes: its standing, items and audit, and the stream of what changes.
 *
 * Invariant: all of it comes from the campaign's feed, so that what is asked of the workflow does not grow with the number
 * of those who look.
 */
import { z } from 'zod';
import { findCampaign, type FoundCampaign } from '../../client/find-campaign.js';
import { ITEM_STATES } from '../../shared/campaign/views.js';
import type { CampaignReport } from '../../campaign-report/report-data.js';
import { readReport } from '../../campaign-report/read-report.js';
import { csvReport } from '../../campaign-report/csv.js';
import { htmlPage } from '../../campaign-report/html.js';
import { jsonReport } from '../../campaign-report/json.js';
import { within, type ConsoleContext } from '../context.js';
import { Problem } from '../problem.js';
import { SharedAnswers } from '../shared-answers.js';
import { LARGEST_PAGE, type CampaignSource } from '../live/campaign-source.js';
import type { Fed } from '../live/feeds.js';
import { json, problems, type Api } from './app.js';
import { eventsRoute } from './events-route.js';
import { auditEntry, campaignItem, campaignProgress, campaignResult } from './named-schemas.js';

export const campaignParams = z.object({
  /** The campaign's name, or its workflow id. */
  id: z.string().min(1).max(1_000),
});

const campaignViewSchema = z
  .object({
    workflowId: z.string(),
    name: z.string(),
    status: z.string(),
    isRunning: z.boolean(),
    closedAt: z.string().nullable(),
    progress: campaignProgress.nullable(),
    result: campaignResult.nullable(),
    failure: z.object({ type: z.string().nullable(), message: z.string() }).nullable(),
    /** Why it is not known how it stands now; null: it is. */
    unavailable: z.string().nullable(),
  })
  .meta({ id: 'Campaign' });

const itemsPageSchema = z.object({
  items: z.array(campaignItem),
  total: z.int(),
  nextIndex: z.int().nullable(),
});

const statesSchema = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(ITEM_STATES)));

export function campaignLiveRoutes(api: Api, console: ConsoleContext): void {
  const context: Live = { ...console, found: new SharedAnswers(FOUND_VALID_MS) };
  api.get(
    '/campaigns/:id',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'Where a campaign stands',
        params: campaignParams,
        response: { 200: json(campaignViewSchema, 'the campaign'), ...problems(404) },
      },
    },
    async ({ params }) => {
      const { source, feed } = await fedOf(context, params.id);
      return { ...source.known(), unavailable: feed.presentTrouble?.message ?? null };
    },
  );
  api.get(
    '/campaigns/:id/items',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'Its items, by pages',
        params: campaignParams,
        querystring: z.strictObject({
          from: z.coerce.number().int().min(0).max(1_000_000).default(0),
          limit: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(LARGEST_PAGE),
          /** Separated by commas. */
          states: statesSchema.optional(),
        }),
        response: { 200: json(itemsPageSchema, 'a page'), ...problems(404) },
      },
    },
    async ({ params, query: { from, limit, states } }, reply) => {
      const { source, feed } = await fedOf(context, params.id);
      if (!source.knowsItems) {
        // It is read no more, and a worker may come.
        if (feed.isOver) context.campaignFeeds.drop(source.workflowId);
        throw new Problem('unavailable', 'its items are not known: no worker has told them yet');
      }
      const page = source.itemsPage({ from, limit, states });
      // What the schema describes, but serialized already.
      return await reply.type('application/json; charset=utf-8').send(page as never);
    },
  );
  api.get(
    '/campaigns/:id/audit',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'Who ordered what, and what the campaign did by itself',
        params: campaignParams,
        response: {
          200: json(z.object({ entries: z.array(auditEntry) }), 'the trail'),
          ...problems(404),
        },
      },
    },
    async ({ params }) => ({ entries: await (await fedOf(context, params.id)).source.audit() }),
  );
  eventsRoute(
    { api, context },
    {
      path: '/campaigns/:id/events',
      tags: ['campaigns'],
      params: campaignParams,
      description: EVENTS,
      feedOf: async (id) => (await fedOf(context, id)).feed,
    },
  );
  reportRoute(api, context);
}

/** For so long it is not asked again whether a campaign of this name runs. */
const FOUND_VALID_MS = 1_000;

type Live = ConsoleContext & { found: SharedAnswers<FoundCampaign> };

/** The feed of a campaign, with something read. @throws Problem */
async function fedOf(context: Live, id: string): Promise<Fed<CampaignSource>> {
  const { workflowId, closedAt } = await context.found.get(id, () =>
    within(context, () => findCampaign(context, id)),
  );
  const { feed, source } = context.campaignFeeds.of(workflowId);
  // It was started again since, and may have ended again.
  if (feed.isOver && source.known().closedAt !== closedAt) context.campaignFeeds.drop(workflowId);
  const fed = context.campaignFeeds.of(workflowId);
  await fed.feed.ready();
  return fed;
}

const EVENTS =
  'Events: snapshot (the campaign; read its items and audit anew), progress, items, trouble, well, ended. With `Last-Event-ID` a client goes on where it lost the stream; where that is not known any more, it begins with a snapshot. A stream that ends without the event `ended` is to be opened again.';

const TYPES = { html: 'text/html', json: 'application/json', csv: 'text/csv' } as const;

/** It asks for all items. */
const REPORT_VALID_MS = 2_000;

function reportRoute(api: Api, context: ConsoleContext): void {
  const text = { schema: z.string() };
  const reports = new SharedAnswers<CampaignReport>(REPORT_VALID_MS);
  api.get(
    '/campaigns/:id/report',
    {
      schema: {
        tags: ['campaigns'],
        summary: 'The report: a page with charts, its items as CSV, or all of it as JSON',
        params: campaignParams,
        querystring: z.strictObject({ format: z.enum(['html', 'json', 'csv']).default('html') }),
        response: {
          200: {
            description: 'the report',
            content: {
              'text/html': text,
              'application/json': { schema: z.looseObject({}) },
              'text/csv': text,
            },
          },
          ...problems(404),
        },
      },
    },
    async ({ params, query: { format } }, reply) => {
      const { workflowId } = await within(context, () => findCampaign(context, params.id));
      const report = await reports.get(workflowId, () =>
        within(context, () => readReport(context.campaigns, workflowId)),
      );
      reply.type(`${TYPES[format]}; charset=utf-8`);
      if (format !== 'html')
        return await reply.send(format === 'json' ? jsonReport(report) : csvReport(report));
      const { text, policy } = htmlPage(report);
      // The page's own policy, for its own style sheet, and what only a header can say.
      reply.header('content-security-policy', `${policy}; frame-ancestors 'none'; sandbox`);
      return await reply.send(text);
    },
  );
}
