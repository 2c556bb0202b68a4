/** The caller of a request. */
import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';
import type { Identify } from './identify.js';
import { SESSION_COOKIE } from './session-cookie.js';

/** Null: not known (any more). */
export function callerOf({ headers, socket, cookies }: FastifyRequest, identify: Identify): Caller | null {
  return identify({ headers, remoteAddress: socket.remoteAddress, cookie: cookies[SESSION_COOKIE] });
}
