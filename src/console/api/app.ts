/** The types of the HTTP server and of its routes. */
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Caller, Role } from '../access/caller.js';
import { Problem, problemSchema } from '../problem.js';

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may; by default a viewer reads, and an operator does what changes something. */
    access?: 'public' | Role;
    /** Pages of these origins may call it besides the console's own. */
    origins?: readonly string[];
  }
  interface FastifyRequest {
    /** Null: not known. */
    caller: Caller | null;
  }
}

/** Answers that are problems, for the schema of a route. */
export function problems(...statuses: (401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503)[]) {
  const one = {
    description: 'a problem',
    content: { 'application/problem+json': { schema: problemSchema } },
  };
  const always = [400, 401, 403, 413, 415, 422, 429, 500, 503];
  return Object.fromEntries([...always, ...statuses].map((status) => [status, one])) as Record<
    number,
    typeof one
  >;
}

/** An answer in JSON, for the schema of a route. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** The guard lets nobody else through. @throws Problem */
export function knownCaller(caller: Caller | null): Caller {
  if (caller === null) throw new Problem('unauthenticated', 'log in first');
  return caller;
}

/** The name of who gives an order. Nobody without a name may give one. */
export function actorOf({ caller }: { caller: Caller | null }): string {
  if (caller?.actor == null) throw new Problem('unauthenticated', 'an order needs a login');
  return caller.actor;
}
