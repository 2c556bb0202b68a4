/**
 * Who may call what, before anything of a body is read.
 *
 * Invariants: nothing is answered to a caller who is not known, but for what is public; nothing is changed for a page of
 * another origin, nor for a caller who is no operator. A route that says nothing of itself is read by viewers, and
 * changes something for operators alone.
 */
import type { FastifyRequest } from 'fastify';
import { callerOf } from './access/caller-of.js';
import { mayOrder } from './access/caller.js';
import type { Identify } from './access/identify.js';
import { isLoopbackHost, isSameOrigin } from './access/origin.js';
import type { Api } from './api/app.js';
import { Problem } from './problem.js';

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a request of this method changes nothing. */
export function isSafe(method: string): boolean {
  return SAFE_METHODS.includes(method);
}

/** The number of requests is limited between the two, by the caller. */
export function guard(
  app: Api,
  { identify, needsNoLogin }: { identify: Identify; needsNoLogin: boolean },
): void {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', (request) => {
    request.caller = callerOf(request, identify);
    return Promise.resolve();
  });
  app.addHook('preParsing', (request) => {
    const refusal = refusalOf(request, { needsNoLogin });
    return refusal === null ? Promise.resolve(undefined) : Promise.reject(refusal);
  });
}

function refusalOf(request: FastifyRequest, { needsNoLogin }: { needsNoLogin: boolean }): Problem | null {
  const { method, headers, caller } = request;
  const { access, origins = [] } = request.routeOptions.config;
  if (needsNoLogin && !isLoopbackHost(headers.host))
    return new Problem(
      'foreign-origin',
      'without a login the console answers to the names of the loopback interface alone',
    );
  const isOurs = isSameOrigin(headers) || (headers.origin !== undefined && origins.includes(headers.origin));
  if (!isSafe(method) && !isOurs)
    return new Problem('foreign-origin', 'orders are taken from pages of the console itself');
  if (access === 'public' || request.is404) return null;
  if (caller === null)
    return new Problem('unauthenticated', 'log in, or send a token: Authorization: Bearer …');
  const needed = access ?? (isSafe(method) ? 'viewer' : 'operator');
  if (needed === 'viewer' || mayOrder(caller)) return null;
  const who = caller.actor ?? 'without a login everybody';
  return new Problem('forbidden', `${who} is a viewer`);
}
