/**
 * Where the Gatekeeper posts what became of a request: the same signals as from the bus.
 *
 * Invariants:
 * C1 The address is one attempt's own: its correlation id, whose nonce is secret.
 * C2 What is posted is never believed: it names a request, and what the Gatekeeper itself says of that request is
 *    read from it. A request that has another address is not this attempt's.
 * C3 Bodies and connections are bounded, answers carry nothing of what was sent, and the sender learns no more than a status.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ListenAddress } from '../settings/config.js';
import { callbackSegment, correlationIdOf } from '../gatekeeper/callback-url.js';
import type { GatekeeperClient } from '../gatekeeper/client.js';
import { replyOf } from '../gatekeeper/reply.js';
import { gatekeeperRequestSchema, type GatekeeperRequest } from '../gatekeeper/schema.js';
import { BodyTooLarge, readBounded } from '../http/outgoing.js';
import type { Logger } from '../observability/logger.js';
import { parseCorrelationId } from '../shared/correlation-id.js';
import { inSpan } from '../tracing/tracing.js';
import type { FindTrace } from './find-trace.js';
import type { SignalWorkflow } from './signal-workflow.js';

export interface CallbackServerOptions {
  address: ListenAddress;
  deployment: string;
  gatekeeper: GatekeeperClient;
  signalWorkflow: SignalWorkflow;
  /** Where callbacks have a span: the trace of each. */
  findTrace?: FindTrace | null;
  log: Logger;
}

export interface CallbackServer {
  /** Where it listens. */
  url: string;
  stop: () => Promise<void>;
}

/** A READY with its records has 3 to 4 MB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MOST_CONNECTIONS = 50;
const REQUEST_TIMEOUT_MS = 15_000;
/** Callbacks come once: while Temporal or the Gatekeeper does not answer, they are retried. */
const HOLD_AT_MOST_MS = 60_000;
const MOST_HELD = 100;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
const GRACE_MS = 10_000;

export async function serveCallbacks(options: CallbackServerOptions): Promise<CallbackServer> {
  const held = new HeldCallbacks();
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer({ ...options, held }, { request, response });
  });
  server.maxConnections = MOST_CONNECTIONS;
  const { host, port } = options.address;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.on('error', ({ message }) => options.log.error({ reason: message }, 'the callback server failed'));
  const actual = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    const closed = close(server);
    await held.stop();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://${host}:${String(actual.port)}`, stop };
}

type Answering = CallbackServerOptions & { held: HeldCallbacks };

async function answer(
  options: Answering,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const status = await statusOf(options, request).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    options.log.warn({ reason }, 'could not handle a callback of the Gatekeeper');
    return 500;
  });
  response.writeHead(status, { 'content-length': 0, connection: 'close' });
  response.end();
}

async function statusOf(options: Answering, request: IncomingMessage): Promise<number> {
  const url = request.url ?? '';
  const correlationId = correlationIdOf(url);
  const parts = correlationId === null ? null : parseCorrelationId(correlationId);
  if (correlationId === null || parts?.deployment !== options.deployment) return 404;
  if (request.method !== 'POST') return 405;
  const posted = await readRequest(request);
  if (posted === 'too-large') return 413;
  if (posted === null) return 400;
  const { workflowId } = parts;
  return await inServerSpan(options, { requestId: posted.id, url, correlationId, workflowId });
}

/** Its path is the address of one attempt, and is not told; nor is a trace taken from a sender who is not believed. */
async function inServerSpan(options: Answering, callback: Callback): Promise<number> {
  const { findTrace = null } = options;
  const { correlationId, workflowId } = callback;
  const parent = findTrace === null ? null : await findTrace({ correlationId, workflowId });
  const route = '/{correlationId}';
  const attributes = {
    'http.request.method': 'POST',
    'http.route': route,
    'url.scheme': 'http',
    temporalWorkflowId: workflowId,
  };
  return await inSpan({ name: `POST ${route}`, kind: 'server', attributes, parent }, async (span) => {
    const status = await answerTo(options, callback);
    span.set({ 'http.response.status_code': status });
    if (status >= 500) span.fail(String(status));
    return status;
  });
}

async function answerTo(options: Answering, callback: Callback): Promise<number> {
  const deliver = (): Promise<Delivered> => deliverOnce(options, callback);
  switch (await deliver()) {
    case 'delivered':
      return 204;
    case 'not-ours':
      return 404;
    case 'later':
      return options.held.hold(deliver) ? 202 : 503;
  }
}

type Delivered = 'delivered' | 'not-ours' | 'later';

interface Callback {
  requestId: string;
  url: string;
  correlationId: string;
  workflowId: string;
}

/** Reads the request that a callback names, and signals what it says. */
async function deliverOnce(
  { gatekeeper, signalWorkflow, log }: Answering,
  { requestId, url, correlationId, workflowId }: Callback,
): Promise<Delivered> {
  const asked = await gatekeeper.get(requestId);
  if (asked.kind === 'unreadable') return 'later';
  if (asked.kind === 'unknown' || !isFor(asked.request, url)) return 'not-ours';
  const reply = replyOf(asked.request, { correlationId, receivedAt: new Date().toISOString() });
  // It may post a change before it serves it.
  if (reply === null) return 'later';
  // Callback and polling report the same; one status is one event.
  const body = Buffer.from(`${asked.request.id} ${reply.status} ${reply.error ?? ''}`);
  const { kind } = await signalWorkflow({ workflowId, reply, body });
  log.debug({ workflowId, correlationId, status: reply.status, signalled: kind }, 'a callback');
  return kind === 'accepted' ? 'delivered' : kind === 'later' ? 'later' : 'not-ours';
}

/** Deliveries that are tried again, a bounded number for a bounded time. */
class HeldCallbacks {
  private readonly held = new Set<Promise<void>>();
  private readonly over = new AbortController();

  /** False: there are too many. */
  hold(deliver: () => Promise<Delivered>): boolean {
    if (this.held.size >= MOST_HELD) return false;
    const holding = this.tryAgain(deliver).finally(() => this.held.delete(holding));
    this.held.add(holding);
    return true;
  }

  async stop(): Promise<void> {
    const grace = delay(GRACE_MS, undefined, { ref: false });
    await Promise.race([Promise.all(this.held), grace]);
    this.over.abort();
    await Promise.all(this.held);
  }

  private async tryAgain(deliver: () => Promise<Delivered>): Promise<void> {
    const untilMs = Date.now() + HOLD_AT_MOST_MS;
    const { signal } = this.over;
    for (let waitMs = FIRST_RETRY_MS; Date.now() < untilMs; waitMs = Math.min(2 * waitMs, LONGEST_RETRY_MS)) {
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const delivered = await deliver().catch(() => 'later' as const);
      if (delivered !== 'later') return;
    }
  }
}

/**
 * The address was given to the Gatekeeper for this one request alone. A Gatekeeper that serves no address proves
 * nothing: the migration learns the status by polling.
 */
function isFor({ callback }: GatekeeperRequest, url: string): boolean {
  return typeof callback === 'string' && callbackSegment(callback) === callbackSegment(url);
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
  });
}
