/**
 * The composition root: settings → connections → worker, listener.
 *
 * Invariants: it stays up while Temporal or the broker is away, and says why; it ends in the order
 * stop consuming → drain the worker → close the publisher → close connections, so that nothing that was
 * taken is dropped.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { logSubject } from './activities/log-fields.js';
import { openActivities } from './activities/dependencies.js';
import { Consumer } from './amqp/consumer.js';
import { repliesQueue } from './amqp/topology.js';
import { connectClient, lazyClient } from './client/connect.js';
import { temporalProblem } from './client/connection-errors.js';
import type { Config } from './settings/config.js';
import { createGatekeeperClient } from './gatekeeper/client.js';
import { startHealthServer, type HealthServer } from './observability/health-server.js';
import { reserveMetricsExporter, type MetricsExporter } from './observability/metrics-exporter.js';
import { watchTemporal, type TemporalWatch } from './observability/temporal-watch.js';
import { brokerPart, partOf, readinessOf, type Part } from './observability/readiness.js';
import { ReplyListener } from './listener/reply-listener.js';
import { serveCallbacks } from './listener/callback-server.js';
import { createAskNonces } from './listener/ask-nonces.js';
import type { AskNonces } from './listener/crowds.js';
import { createFindTrace, type FindTrace } from './listener/find-trace.js';
import { createSignalWorkflow, type SignalWorkflow } from './listener/signal-workflow.js';
import type { Logger } from './observability/logger.js';
import { createReplyDecoder } from './mano/reply-decoder.js';
import { CensusTaker } from './observability/census.js';
import { createMetrics, zeroWorkflowCounters, type Metrics } from './observability/metrics.js';
import { HISTOGRAM_BUCKETS_MS } from './shared/metric-names.js';
import { createNexusService } from './nexus/handlers.js';
import { runtimeLogger } from './observability/runtime-logger.js';

export type Role = 'worker' | 'listener';

export interface RunOptions {
  config: Config;
  roles: readonly Role[];
  log: Logger;
  /** Ends the run, gracefully. */
  signal: AbortSignal;
}

/** Deliveries held at a time: bounds memory, and what an outage of Temporal keeps from other listeners. */
const PREFETCH = 200;
const LISTENER_GRACE_MS = 10_000;
const WORKER_GRACE_MS = 10_000;
/** Publishes wait in their slots while the broker is away; others must not starve behind them. */
const CONCURRENT_ACTIVITIES = 500;
const LONGEST_RETRY_MS = 5_000;
/** How long what a dead worker had in hand waits for it, before another takes it over. Histories are short to replay. */
const AFTER_DEATH_MS = 4_000;

/** What the roles report about themselves. */
interface Watched {
  metrics: Metrics;
  /** The parts whose readiness `/readyz` answers with, by name. */
  parts: Map<string, () => Part>;
  /** Asked right before the metrics are read. */
  beforeScrape: (() => void)[];
}

/** Runs until `signal` is aborted. Throws only if it can never run: a missing bundle, a wrong namespace. */
export async function run(options: RunOptions): Promise<void> {
  logKeys(options);
  logReceivers(options);
  const exporter = options.config.http === null ? null : await reserveMetricsExporter();
  const runtime = Runtime.install({
    logger: runtimeLogger(options.log),
    shutdownSignals: [],
    telemetryOptions: {
      // To the logger above, where the SDK's core would write lines of its own form to standard error.
      logging: { forward: {} },
      ...(exporter === null ? {} : { metrics: { prometheus: prometheusOf(exporter) } }),
    },
  });
  const metrics = createMetrics(runtime.metricMeter);
  const watched: Watched = { metrics, parts: new Map(), beforeScrape: [] };
  if (options.roles.includes('worker')) zeroWorkflowCounters(runtime.metricMeter, options.config.temporal);
  let health: HealthServer | null = null;
  let census: { stop: () => Promise<void> } | null = null;
  let listener: { stop: () => Promise<void> } | null = null;
  try {
    if (exporter !== null) {
      census = takeCensus(options, watched);
      health = await serveHealth(options, { watched, exporter });
    }
    if (options.roles.includes('listener')) listener = startListener(options, watched);
    if (options.roles.includes('worker')) {
      await runWorker({ ...options, stopListener: () => listener?.stop() }, watched);
    } else await aborted(options.signal);
  } finally {
    await listener?.stop();
    await health?.stop();
    await census?.stop();
    // The last worker's end ends it; without one, its log collector would keep the process alive.
    await runtime.shutdown();
  }
  options.log.info('stopped');
}

/** Before a key is removed, or begins to encrypt, an operator must know that every process has it. */
function logKeys({ config, log }: RunOptions): void {
  const { encrypting, byId } = config.payloads.keys;
  if (byId.size === 0) return;
  const reads = [...byId.keys()];
  log.info({ encryptsWith: encrypting?.id ?? null, reads }, 'read the payload keys');
}

/** A campaign is refused where a receiver of its is on no worker. */
function logReceivers({ config, roles, log }: RunOptions): void {
  const { receivers } = config.notify;
  if (receivers.size === 0 || !roles.includes('worker')) return;
  log.info({ receivers: [...receivers.keys()] }, 'read the receivers of notifications');
}

function prometheusOf({ bindAddress }: MetricsExporter) {
  return { bindAddress, histogramBucketOverrides: HISTOGRAM_BUCKETS_MS };
}

/** On a connection of its own, which connects when metrics are first scraped. */
function takeCensus({ config, log }: RunOptions, watched: Watched): { stop: () => Promise<void> } {
  const client = lazyClient(config);
  const { taskQueue } = config.temporal;
  const taker = new CensusTaker({
    client,
    taskQueue,
    brokerUrls: config.hasBus ? config.amqp.urls : [],
    log,
  });
  watched.beforeScrape.push(() => {
    const census = taker.latest();
    if (census !== null) watched.metrics.census(census);
  });
  const stop = async (): Promise<void> => {
    const stopped = taker.stop();
    // What is asked now fails at once: a census takes longer than a process may take to end.
    await client.connection.close();
    await stopped;
  };
  return { stop };
}

async function serveHealth(
  { config, log }: RunOptions,
  { watched, exporter }: { watched: Watched; exporter: MetricsExporter },
): Promise<HealthServer> {
  const { host, port } = config.http ?? { host: '127.0.0.1', port: 0 };
  const health = await startHealthServer({
    host,
    port,
    readiness: () =>
      readinessOf(Object.fromEntries([...watched.parts].map(([name, part]) => [name, part()]))),
    metrics: () => {
      for (const measure of watched.beforeScrape) measure();
      for (const [name, part] of watched.parts) watched.metrics.ready(name, part().ready);
      return exporter.scrape();
    },
  });
  log.info({ address: health.address }, 'serving health and metrics');
  return health;
}

/** The sources of replies: the bus, the Gatekeeper's callbacks, or both. */
function startListener({ config, log }: RunOptions, watched: Watched): { stop: () => Promise<void> } {
  const client = lazyClient(config);
  const temporal = watchTemporal(client.connection, config.temporal);
  const signalWorkflow = createSignalWorkflow(client);
  const findTrace = config.traces === null ? null : createFindTrace(client);
  const listening = { config, log, signalWorkflow, findTrace };
  const askNonces = createAskNonces(client);
  const bus = config.hasBus ? listenOnBus({ ...listening, askNonces }, watched) : null;
  watched.parts.set('listener on Temporal', () =>
    partOf(temporal.trouble() ?? bus?.replies.trouble() ?? null),
  );
  const callbacks = listenForCallbacks(listening, watched);
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await Promise.all([bus?.stop(), callbacks?.stop()]);
    await temporal.stop();
    await client.connection.close();
    log.info({ fates: bus?.replies.fates }, 'stopped the listener');
  };
  return { stop: () => (stopped ??= stop()) };
}

interface ListenOptions extends Pick<RunOptions, 'config' | 'log'> {
  signalWorkflow: SignalWorkflow;
  /** Null: there are no traces. */
  findTrace: FindTrace | null;
}

function listenOnBus(
  { config, log, signalWorkflow, findTrace, askNonces }: ListenOptions & { askNonces: AskNonces },
  watched: Watched,
): { replies: ReplyListener; stop: () => Promise<void> } {
  const decoder = createReplyDecoder();
  const queue = repliesQueue(config.deployment);
  const replies = new ReplyListener({
    deployment: config.deployment,
    appId: config.amqp.appId,
    manoAppIds: config.manoAppIds,
    decode: (message) => decoder.decode(message),
    signalWorkflow,
    askNonces,
    traces: findTrace === null ? null : { find: findTrace, exchange: config.amqp.exchange, queue },
    observe: watched.metrics.reply,
    onSecondReply: watched.metrics.secondReply,
    log,
  });
  const consumer = new Consumer({
    broker: config.amqp,
    deployment: config.deployment,
    prefetch: PREFETCH,
    handler: replies.handle,
    onLoss: watched.metrics.connectionLost,
    log,
  });
  watched.parts.set('listener on the broker', () => brokerPart(consumer.status()));
  watched.beforeScrape.push(() => {
    watched.metrics.held(consumer.held());
    const parked = consumer.parked();
    if (parked !== null) watched.metrics.parked(parked);
  });
  consumer.start();
  const stop = async (): Promise<void> => {
    await consumer.stop({ graceMs: LISTENER_GRACE_MS });
    await decoder.close();
  };
  return { replies, stop };
}

/** Null where no callback address is configured. */
function listenForCallbacks(
  { config, log, signalWorkflow, findTrace }: ListenOptions,
  watched: Watched,
): { stop: () => Promise<void> } | null {
  if (config.gatekeeper?.callback == null) return null;
  const { url, callback } = config.gatekeeper;
  const { deployment } = config;
  const gatekeeper = createGatekeeperClient({ baseUrl: url });
  let trouble: string | null = 'it is not served yet';
  watched.parts.set('callbacks of the Gatekeeper', () => partOf(trouble));
  const { address: at } = callback;
  const serving = serveCallbacks({ address: at, deployment, gatekeeper, signalWorkflow, findTrace, log });
  serving.then(
    ({ url: address }) => {
      trouble = null;
      log.info({ address }, 'serving callbacks of the Gatekeeper');
    },
    (error: unknown) => {
      // The request is asked after all the same: it only takes longer.
      trouble = error instanceof Error ? error.message : String(error);
      log.error({ reason: trouble }, 'cannot serve callbacks of the Gatekeeper');
    },
  );
  const stop = async (): Promise<void> => (await serving.catch(() => null))?.stop();
  return { stop };
}

async function runWorker(
  { config, log, signal, stopListener }: RunOptions & { stopListener: () => Promise<void> | undefined },
  watched: Watched,
): Promise<void> {
  let temporal: TemporalWatch | null = null;
  let isDraining = false;
  let notRunning: string | null = null;
  watched.parts.set('worker on Temporal', () =>
    partOf(
      temporal === null || isDraining ? (notRunning ?? 'the worker is not running') : temporal.trouble(),
    ),
  );
  const onFailure = (reason: string): void => {
    notRunning = `no Temporal at ${config.temporal.address}: ${reason}`;
  };
  const connection = await connectPatiently({ config, log, signal, onFailure });
  if (connection === null) return;
  notRunning = null;
  const { activities, publisher, dataConverter, close } = openActivities({
    config,
    log,
    onLoss: watched.metrics.connectionLost,
    onUnreadablePayload: watched.metrics.unreadablePayload,
  });
  if (publisher !== null) {
    watched.parts.set('publisher on the broker', () => brokerPart(publisher.status()));
  }
  try {
    const worker = await Worker.create({
      connection,
      namespace: config.temporal.namespace,
      taskQueue: config.temporal.taskQueue,
      dataConverter,
      activities,
      nexusServices: [createNexusService()],
      stickyQueueScheduleToStartTimeout: AFTER_DEATH_MS,
      shutdownGraceTime: WORKER_GRACE_MS,
      shutdownForceTime: 2 * WORKER_GRACE_MS,
      maxConcurrentActivityTaskExecutions: CONCURRENT_ACTIVITIES,
      workflowTaskPollerBehavior: { type: 'autoscaling' },
      activityTaskPollerBehavior: { type: 'autoscaling' },
      ...(await workflowCode(config)),
      ...versionOf(config),
    });
    const drain = async (): Promise<void> => {
      await aborted(signal);
      isDraining = true;
      await stopListener();
      if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    temporal = watchTemporal(connection, config.temporal);
    const { taskQueue, namespace, workerVersion } = config.temporal;
    log.info({ taskQueue, namespace, ...workerVersion }, 'started the worker');
    await Promise.all([worker.run(), drain()]);
  } finally {
    await close();
    await temporal?.stop();
    await connection.close();
  }
}

/** Null if stopped before Temporal was there. */
async function connectPatiently({
  config,
  log,
  signal,
  onFailure,
}: Omit<RunOptions, 'roles'> & {
  onFailure: (reason: string) => void;
}): Promise<NativeConnection | null> {
  for (let waitMs = 250; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
    try {
      return await Promise.race([connectOnce(config), aborted(signal).then(() => null)]);
    } catch (error) {
      const reason = temporalProblem(error);
      onFailure(reason);
      log.warn({ address: config.temporal.address, reason, retryInMs: waitMs }, 'no connection to Temporal');
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

/** Asked by another client first: a native connection that fails ends the SDK's Runtime, and our metrics with it. */
async function connectOnce(config: Config): Promise<NativeConnection> {
  const { connection } = await connectClient(config);
  await connection.close();
  return await NativeConnection.connect(config.temporal.connectionOptions);
}

/** Compiled: the prebuilt bundle, which must be there. From source: built at start. */
async function workflowCode({
  temporal: { workerVersion },
  payloads,
  traces,
}: Config): Promise<
  Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'bundlerOptions' | 'interceptors' | 'sinks'>
> {
  const isVersioned = workerVersion !== null;
  const { interceptors, sinks } = await interceptorsOf(traces);
  if (import.meta.url.endsWith('.ts')) {
    const source = (name: string): string =>
      fileURLToPath(new URL(`./workflows/${name}.ts`, import.meta.url));
    const workflowsPath = source(isVersioned ? 'versioned' : 'index');
    const workflowModules = ['runtime/task-guard', ...(traces === null ? [] : ['tracing/interceptors'])];
    return {
      workflowsPath,
      bundlerOptions: { preloadModules: [workflowsPath] },
      interceptors: { ...interceptors, workflowModules: workflowModules.map(source) },
      sinks,
    };
  }
  // A bundle holds one failure converter, which no setting reaches; see scripts/bundle-workflows.mjs.
  const kind = [
    ...(isVersioned ? ['.versioned'] : []),
    ...(payloads.keys.encrypting === null ? [] : ['.encrypting']),
    ...(traces === null ? [] : ['.tracing']),
  ].join('');
  const name = `workflow-bundle${kind}.js`;
  const codePath = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (!existsSync(codePath))
    throw new Error(`the workflow bundle is missing: run \`npm run build\` (${codePath})`);
  return { workflowBundle: { codePath }, interceptors, sinks };
}

/** Spans of activities and workflows, where there are traces. Nothing of them is loaded otherwise. */
async function interceptorsOf(
  traces: Config['traces'],
): Promise<Required<Pick<WorkerOptions, 'interceptors' | 'sinks'>>> {
  if (traces === null) return { interceptors: { activity: [logSubject] }, sinks: {} };
  const { workerInterceptors } = await import('./tracing/otel/worker-interceptors.js');
  const { workflowSinks } = await import('./tracing/otel/workflow-spans.js');
  const { activity = [], ...others } = workerInterceptors();
  return { interceptors: { ...others, activity: [logSubject, ...activity] }, sinks: workflowSinks };
}

/** workflows/versioned.ts states which workflows stay with their build; all others do. */
function versionOf({ temporal: { workerVersion } }: Config): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (workerVersion === null) return {};
  return {
    workerDeploymentOptions: {
      version: workerVersion,
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
