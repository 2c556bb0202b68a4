/**
 * Where the Gatekeeper posts what became of a request: the same signals as from the bus.
 *
 * Invariants:
 * C1 The address is one attempt's own: its correlation id, whose nonce nobody else knows.
 * C2 What is posted is never believed: it names a request, and what the Gatekeeper itself says of that request is
 *    read from it. A request that has another address is not this attempt's.
 * C3 Bodies are bounded, answers carry nothing of what was sent, and whoever posts learns no more than a status.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../config.js';
import { callbackSegment, correlationIdOf } from '../gatekeeper/callback-url.js';
import type { GatekeeperClient } from '../gatekeeper/client.js';
import { replyOf } from '../gatekeeper/reply.js';
import { gatekeeperRequestSchema, type GatekeeperRequest } from '../gatekeeper/schema.js';
import { BodyTooLarge, readBounded } from '../http/outgoing.js';
import type { Logger } from '../log.js';
import { parseCorrelationId } from '../shared/correlation-id.js';
import type { SignalWorkflow } from './signal-workflow.js';

export interface CallbackServerOptions {
  address: ListenAddress;
  deployment: string;
  gatekeeper: GatekeeperClient;
  signalWorkflow: SignalWorkflow;
  log: Logger;
}

export interface CallbackServer {
  /** Where it listens. */
  url: string;
  stop: () => Promise<void>;
}

/** A READY with its records has 3 to 4 MB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 15_000;

export async function serveCallbacks(options: CallbackServerOptions): Promise<CallbackServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer(options, { request, response });
  });
  const { host, port } = options.address;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const actual = server.address() as AddressInfo;
  return { url: `http://${host}:${String(actual.port)}`, stop: () => close(server) };
}

async function answer(
  options: CallbackServerOptions,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const status = await statusOf(options, request).catch((error: unknown) => {
    options.log.warn({ error }, 'a callback of the Gatekeeper could not be handled');
    return 500;
  });
  response.writeHead(status, { 'content-length': 0, connection: 'close' });
  response.end();
}

async function statusOf(options: CallbackServerOptions, request: IncomingMessage): Promise<number> {
  const correlationId = correlationIdOf(request.url ?? '');
  const parts = correlationId === null ? null : parseCorrelationId(correlationId);
  if (correlationId === null || parts?.deployment !== options.deployment) return 404;
  if (request.method !== 'POST') return 405;
  const posted = await readRequest(request);
  if (posted === 'too-large') return 413;
  if (posted === null) return 400;
  const asked = await options.gatekeeper.get(posted.id);
  if (asked.kind === 'unreadable') return 503;
  if (asked.kind === 'unknown' || !isFor(asked.request, request.url ?? '')) return 404;
  const receivedAt = new Date().toISOString();
  const reply = replyOf(asked.request, { correlationId, receivedAt });
  if (reply === null) return 204;
  const { workflowId } = parts;
  // Callback and polling tell the same; of one status there is one event.
  const body = Buffer.from(`${asked.request.id} ${reply.status} ${reply.error ?? ''}`);
  const signalled = await options.signalWorkflow({ workflowId, reply, body });
  options.log.debug(
    { workflowId, correlationId, status: reply.status, signalled: signalled.kind },
    'a callback',
  );
  return signalled.kind === 'accepted' ? 204 : signalled.kind === 'later' ? 503 : 404;
}

/** The address was given to the Gatekeeper for this one request alone. */
function isFor({ callback }: GatekeeperRequest, url: string): boolean {
  return callback === undefined || callback === null || callbackSegment(callback) === callbackSegment(url);
}

async function readRequest(request: IncomingMessage): Promise<GatekeeperRequest | 'too-large' | null> {
  try {
    const body = await readBounded(request as AsyncIterable<Uint8Array>, MAX_BODY_BYTES);
    const parsed = gatekeeperRequestSchema.safeParse(JSON.parse(body.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    return error instanceof BodyTooLarge ? 'too-large' : null;
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
