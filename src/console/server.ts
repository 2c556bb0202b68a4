/**
 * The HTTP server of the console: its plugins, its routes, and the form of its errors.
 *
 * Invariants: every answer that is no success is a problem (RFC 9457). No token, cookie, query or body is ever logged. A
 * body is read only up to its limit, and within its time.
 */
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { fastify, LogController, type FastifyBaseLogger, type FastifyReply } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Api } from './api/app.js';
import { refuseOtherMethods } from './api/other-methods.js';
import { apiRoutes } from './api/routes.js';
import { codecRoutes } from './codec/routes.js';
import type { ConsoleContext } from './context.js';
import { describeApi } from './openapi.js';
import { guard, isSafe } from './guard.js';
import { refuseLongLists } from './long-lists.js';
import { servePages } from './pages-folder.js';
import { bodyOf, problemFrom, type Problem } from './problem.js';
import { traceRequests } from './traces.js';
import { answerUnreadable } from './unreadable-request.js';

export interface ServerOptions {
  context: ConsoleContext;
  /** The built pages; null: none, the API alone. */
  pagesDirectory: string | null;
}

const LARGEST_BODY_BYTES = 4_194_304;
/** A request that takes longer to arrive is dropped. */
const REQUEST_WITHIN_MS = 20_000;
const HEADERS_WITHIN_MS = 10_000;
/** Node drops what is late only so often. */
const LATE_CHECK_MS = 2_000;
const LARGEST_HEADERS_BYTES = 16_384;
/** A workflow id has at most 1,000 bytes, each of which may be percent-encoded. */
const LONGEST_PARAMETER = 3_000;
const REQUESTS_A_MINUTE = 1_200;
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  fontSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

export async function createServer({ context, pagesDirectory }: ServerOptions): Promise<Api> {
  const app = newApp(context);
  app.setValidatorCompiler(validatorCompiler);
  // What a form of another site can send.
  app.removeContentTypeParser('text/plain');
  refuseLongLists(app);
  // What we answer is checked by tests; a worker that is newer than the console may say more than the schema.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  answerWithProblems(app);
  traceRequests(app);
  await protect(app, context);
  await describeApi(app, context.version);
  logOrders(app);
  healthRoutes(app, context);
  await app.register(
    (api) => {
      apiRoutes(api.withTypeProvider<ZodTypeProvider>(), context);
      return Promise.resolve();
    },
    { prefix: '/api/v1' },
  );
  await app.register((codec) => codecRoutes(codec.withTypeProvider<ZodTypeProvider>(), context), {
    prefix: '/codec',
  });
  await servePages(app, pagesDirectory);
  app.addHook('onClose', () => {
    context.campaignFeeds.stop();
    context.migrationFeeds.stop();
  });
  return app;
}

function newApp({ config, log }: ConsoleContext): Api {
  const { proxy } = config.console;
  const logger: FastifyBaseLogger = log;
  return fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: LARGEST_BODY_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    http: {
      headersTimeout: HEADERS_WITHIN_MS,
      connectionsCheckingInterval: LATE_CHECK_MS,
      maxHeaderSize: LARGEST_HEADERS_BYTES,
    },
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    // Of a path that cannot be read: no route is found then, and no hook runs.
    frameworkErrors: (error, ...[, reply]) => void answerWith(reply, problemFrom(error)),
    clientErrorHandler: (...[error, socket]) => answerUnreadable(error, socket),
    trustProxy: proxy === null ? false : [...proxy.addresses],
    // Event streams would keep the process from ending.
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
}

/** The order of the plugins is that of their hooks. */
async function protect(app: Api, { identify, tokens, config }: ConsoleContext): Promise<void> {
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    // Behind a proxy with TLS the proxy says so, for its own host name.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
  refuseOtherMethods(app);
  guard(app, { identify, needsNoLogin: tokens === null && config.console.proxy === null });
  await app.register(rateLimit, {
    max: REQUESTS_A_MINUTE,
    timeWindow: '1 minute',
    keyGenerator: ({ caller, ip }) => caller?.actor ?? ip,
  });
}

function healthRoutes(app: Api, { client, config }: ConsoleContext): void {
  const { namespace } = config.temporal;
  const options = { schema: { hide: true }, config: { access: 'public' as const } };
  app.get('/livez', options, () => 'alive\n');
  app.get('/readyz', options, async () => {
    await client.withDeadline(Date.now() + READY_WITHIN_MS, () =>
      client.workflowService.describeNamespace({ namespace }),
    );
    return { ready: true };
  });
}

const READY_WITHIN_MS = 3_000;

function answerWithProblems(app: Api): void {
  app.setErrorHandler(async (error, ...[request, reply]) => {
    const problem = problemFrom(error);
    if (bodyOf(problem).status >= 500) {
      const { cause = error } = problem;
      request.log.error(
        { err: cause, method: request.method, route: request.routeOptions.url },
        'failed to answer',
      );
    }
    return await answerWith(reply, problem);
  });
}

function answerWith(reply: FastifyReply, problem: Problem): FastifyReply {
  const body = bodyOf(problem);
  return reply.code(body.status).type('application/problem+json').send(JSON.stringify(body));
}

/** Orders are told with who gave them; what is read is told at level debug. */
function logOrders(app: Api): void {
  app.addHook('onResponse', (request, reply) => {
    const { method, caller, routeOptions } = request;
    const level = isSafe(method) ? 'debug' : 'info';
    const fields = {
      ...{ method, route: routeOptions.url ?? null, params: request.params, status: reply.statusCode },
      ...{ actor: caller?.actor ?? null, tookMs: Math.round(reply.elapsedTime) },
    };
    request.log[level](fields, 'answered a request');
    return Promise.resolve();
  });
}
