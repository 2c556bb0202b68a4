/** Logging in and out, and what this console is. */
import { z } from 'zod';
import { ROLES } from '../access/caller.js';
import { holderOf } from '../access/tokens.js';
import { giveSession, takeSession } from '../access/session-cookie.js';
import type { ConsoleContext } from '../context.js';
import { Problem } from '../problem.js';
import { json, knownCaller, problems, type Api } from './app.js';

const sessionSchema = z.object({
  /** Null: nobody is known by name. */
  actor: z.string().nullable(),
  role: z.enum(ROLES),
  login: z.enum(['tokens', 'proxy', 'none']),
});

const deploymentSchema = z.object({
  version: z.string(),
  deployment: z.string(),
  namespace: z.string(),
  taskQueue: z.string(),
  hasRepository: z.boolean(),
  hasBus: z.boolean(),
  hasGatekeeper: z.boolean(),
  /** Whether payloads are decoded for Temporal's UI. */
  hasCodec: z.boolean(),
});

const LONGEST_TOKEN = 200;
const LARGEST_LOGIN_BYTES = 1_024;
const LOGINS_A_MINUTE = 20;

export function sessionRoutes(api: Api, { tokens }: Pick<ConsoleContext, 'tokens'>): void {
  api.get(
    '/session',
    {
      schema: {
        tags: ['session'],
        summary: 'Who is logged in',
        response: { 200: json(sessionSchema, 'the caller'), ...problems() },
      },
    },
    ({ caller }) => knownCaller(caller),
  );
  api.post(
    '/session',
    {
      bodyLimit: LARGEST_LOGIN_BYTES,
      config: {
        access: 'public',
        rateLimit: { max: LOGINS_A_MINUTE, timeWindow: '1 minute', keyGenerator: ({ ip }) => ip },
      },
      schema: {
        tags: ['session'],
        summary: 'Log in by a token; the answer sets a cookie',
        security: [],
        body: z.strictObject({ token: z.string().min(1).max(LONGEST_TOKEN) }),
        response: { 200: json(sessionSchema, 'the caller'), ...problems() },
      },
    },
    async (request, reply) => {
      const { token } = request.body;
      const holder = tokens === null ? null : holderOf(token, tokens());
      if (holder === null) throw new Problem('unauthenticated', 'nobody has this token');
      giveSession(reply, { request, token });
      const { name, role } = holder;
      return await reply.send({ actor: name, role, login: 'tokens' });
    },
  );
  api.delete(
    '/session',
    {
      config: { access: 'public' },
      schema: {
        tags: ['session'],
        summary: 'Log out',
        security: [],
        response: { 204: z.null(), ...problems() },
      },
    },
    async (_request, reply) => {
      takeSession(reply);
      return await reply.code(204).send(null);
    },
  );
}

export function deploymentRoute(
  api: Api,
  { config, version }: Pick<ConsoleContext, 'config' | 'version'>,
): void {
  const { deployment, temporal, repositoryUrl, hasBus, gatekeeper, payloads } = config;
  const { namespace, taskQueue } = temporal;
  const view: z.output<typeof deploymentSchema> = {
    ...{ version, deployment, namespace, taskQueue, hasBus },
    hasRepository: repositoryUrl !== null,
    hasGatekeeper: gatekeeper !== null,
    hasCodec: payloads.keysFile !== null,
  };
  api.get(
    '/deployment',
    {
      schema: {
        tags: ['session'],
        summary: 'What this console works with',
        response: { 200: json(deploymentSchema, 'its settings, without secrets'), ...problems() },
      },
    },
    () => view,
  );
}
