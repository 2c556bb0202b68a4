/** Single migrations: the list, the start, one as it goes, and what an operator says of it. */
import { z } from 'zod';
import { migrationPage } from '../../client/migration-list.js';
import { workflowIdOf } from '../../client/migration-standing.js';
import { migrationRequestSchema, resolutionSchema, uuidSchema } from '../../shared/migration/contract.js';
import { FAILURE_TYPES } from '../../shared/migration/failures.js';
import { campaignWorkflowId, MIGRATION_WORKFLOW } from '../../shared/names.js';
import { within, type ConsoleContext } from '../context.js';
import type { Fed } from '../live/feeds.js';
import type { MigrationSource } from '../live/migration-source.js';
import { Problem, problemsAt } from '../problem.js';
import { actorOf, json, problems, type Api } from './app.js';
import { eventsRoute } from './events-route.js';
import { invalid, jsonSchemaWithNames, namedVim, problemsOfName } from './named-vims.js';
import { pageQuery, temporalStatus } from './page-query.js';
import { migrationResult, migrationState } from './named-schemas.js';

const migrationParams = z.object({
  /** The workflow id, or the VNF's uuid. */
  id: z.string().min(1).max(1_000),
});

const rowSchema = z.object({
  workflowId: z.string(),
  status: z.string(),
  startedAt: z.string(),
  closedAt: z.string().nullable(),
  vnfUuid: z.string().nullable(),
  serviceInstanceUuid: z.string().nullable(),
  sourceVimUuid: z.string().nullable(),
  targetVimUuid: z.string().nullable(),
  /** The workflow id of its campaign. */
  campaign: z.string().nullable(),
});

const standingSchema = z
  .object({
    workflowId: z.string(),
    /** Temporal's. */
    status: z.string(),
    startedAt: z.string(),
    closedAt: z.string().nullable(),
    /** Of a migration that runs. */
    state: migrationState.nullable(),
    result: migrationResult.nullable(),
    failure: z
      .object({
        type: z.enum(FAILURE_TYPES).nullable(),
        message: z.string(),
        state: migrationState.nullable(),
      })
      .nullable(),
    /** Why it is not known how it stands now; null: it is. */
    unavailable: z.string().nullable(),
  })
  .meta({ id: 'Migration' });

const startSchema = z.strictObject({
  ...migrationRequestSchema().shape,
  /** By default that of the VNF, which keeps it from being moved twice at a time. */
  workflowId: z.string().min(1).max(1_000).optional(),
  /** Start although nobody knows how the last migration of this VNF ended. */
  afterUnknown: z.boolean().default(false),
});
const startBodySchema = z
  .record(z.string(), z.unknown())
  .meta({ id: 'MigrationStart', ...jsonSchemaWithNames(startSchema) });

const startedSchema = z.object({ workflowId: z.string(), runId: z.string(), isNew: z.boolean() });

const vimText = z.string().min(1).max(200);
const tags = ['migrations'];

export function migrationRoutes(api: Api, context: ConsoleContext): void {
  listRoute(api, context);
  startRoute(api, context);
  liveRoutes(api, context);
  orderRoutes(api, context);
}

function listRoute(api: Api, context: ConsoleContext): void {
  api.get(
    '/migrations',
    {
      schema: {
        ...{ tags, summary: 'Migrations, the newest first' },
        querystring: z.strictObject({
          vnf: uuidSchema().optional(),
          service: uuidSchema().optional(),
          /** The VIM that it goes to, by name or uuid. */
          vim: vimText.optional(),
          /** The name or the workflow id of a campaign. */
          campaign: z.string().min(1).max(1_000).optional(),
          ...pageQuery,
        }),
        response: {
          200: json(
            z.object({ migrations: z.array(rowSchema), nextCursor: z.string().nullable() }),
            'a page',
          ),
          ...problems(),
        },
      },
    },
    async ({ query: { status, vnf, service, vim, campaign, limit, cursor } }) => {
      const vimUuid = vim === undefined ? undefined : await namedVim(context, { text: vim, pointer: '/vim' });
      const prefix = campaignWorkflowId('');
      const ofCampaign = campaign?.startsWith(prefix) === false ? `${prefix}${campaign}` : campaign;
      const filters = { status: temporalStatus(status), vnf, service, vim: vimUuid, campaign: ofCampaign };
      return await within(context, () => migrationPage(context.client, { filters, pageSize: limit, cursor }));
    },
  );
}

function startRoute(api: Api, context: ConsoleContext): void {
  api.post(
    '/migrations',
    {
      schema: {
        ...{ tags, summary: 'Start a migration, or join the same one where it runs' },
        body: startBodySchema,
        response: {
          200: json(startedSchema, 'the same one runs already'),
          201: json(startedSchema, 'it was started'),
          ...problems(409),
        },
      },
    },
    async (request, reply) => {
      actorOf(request);
      const { workflowId, afterUnknown, ...input } = await namedMigration(context, request.body);
      const started = await within(context, () =>
        context.migrations.start(input, {
          afterUnknown,
          ...(workflowId === undefined ? {} : { workflowId }),
        }),
      );
      return await reply.code(started.isNew ? 201 : 200).send(started);
    },
  );
}

/** @throws Problem that names all that is wrong */
async function namedMigration(
  context: ConsoleContext,
  body: Record<string, unknown>,
): Promise<z.output<typeof startSchema>> {
  const { vimUuid } = body;
  const named =
    typeof vimUuid === 'string'
      ? await problemsOfName(context, { text: vimUuid, pointer: '/vimUuid' })
      : { uuid: vimUuid, problems: [] };
  const parsed = startSchema.safeParse({ ...body, vimUuid: named.uuid });
  const wrong = [...named.problems, ...(parsed.success ? [] : problemsAt('', parsed.error))];
  if (wrong.length > 0 || !parsed.success) throw invalid('the request is wrong', wrong);
  return parsed.data;
}

/** The console shows and cancels nothing else of the namespace. @throws Problem if it is no migration */
async function described(context: ConsoleContext, workflowId: string) {
  const description = await within(context, () => context.migrations.describe(workflowId));
  const { type } = description;
  if (type === MIGRATION_WORKFLOW) return description;
  throw new Problem('not-found', `${workflowId} is no migration: its workflow is a ${type}`);
}

/** @throws Problem if there is none */
async function fedOf(context: ConsoleContext, id: string): Promise<Fed<MigrationSource>> {
  const workflowId = workflowIdOf(id);
  const { closeTime } = await described(context, workflowId);
  const feeds = context.migrationFeeds;
  const { feed, source } = feeds.of(workflowId);
  // It was started again since, and may have ended again.
  if (feed.isOver && source.known().closedAt !== (closeTime?.toISOString() ?? null)) feeds.drop(workflowId);
  const fed = feeds.of(workflowId);
  await fed.feed.ready();
  return fed;
}

function liveRoutes(api: Api, context: ConsoleContext): void {
  api.get(
    '/migrations/:id',
    {
      schema: {
        ...{ tags, summary: 'Where a migration stands, and what that rests on' },
        params: migrationParams,
        response: { 200: json(standingSchema, 'the migration'), ...problems(404) },
      },
    },
    async ({ params }) => {
      const { source, feed } = await fedOf(context, params.id);
      const standing = source.known();
      return { ...standing, unavailable: feed.presentTrouble?.message ?? standing.unavailable };
    },
  );
  eventsRoute(
    { api, context },
    {
      path: '/migrations/:id/events',
      tags,
      params: migrationParams,
      description: 'Events: snapshot, migration, trouble, well, ended. Resumed as those of a campaign.',
      feedOf: async (id) => (await fedOf(context, id)).feed,
    },
  );
}

function orderRoutes(api: Api, context: ConsoleContext): void {
  api.post(
    '/migrations/:id/cancel',
    {
      schema: {
        ...{ tags, summary: 'Stop waiting for it; what the MANO has begun, it ends by itself' },
        params: migrationParams,
        body: z.strictObject({}).optional(),
        response: {
          202: json(z.object({ workflowId: z.string() }), 'it was asked to'),
          ...problems(404, 409),
        },
      },
    },
    async (request, reply) => {
      actorOf(request);
      const workflowId = await runningMigration(context, request.params.id);
      await within(context, () => context.migrations.cancel(workflowId));
      return await reply.code(202).send({ workflowId });
    },
  );
  api.post(
    '/migrations/:id/resolve',
    {
      schema: {
        ...{ tags, summary: 'Tell a migration that waits for an operator how it ended' },
        params: migrationParams,
        body: resolutionSchema().omit({ actor: true }),
        response: { 200: json(migrationState, 'the migration after it'), ...problems(404, 409) },
      },
    },
    async (request) => {
      const { newVnfUuid, outcome, reason } = request.body;
      const workflowId = await runningMigration(context, request.params.id);
      const resolution = {
        ...{ outcome, reason, actor: actorOf(request) },
        ...(newVnfUuid === undefined ? {} : { newVnfUuid }),
      };
      return await within(context, () => context.migrations.resolve(workflowId, resolution));
    },
  );
}

/** @throws Problem if it has ended, or there is none */
async function runningMigration(context: ConsoleContext, id: string): Promise<string> {
  const workflowId = workflowIdOf(id);
  const { status } = await described(context, workflowId);
  if (status.name === 'RUNNING') return workflowId;
  throw new Problem('refused', `${workflowId} has ended already: ${status.name.toLowerCase()}`);
}
