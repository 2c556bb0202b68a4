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
import { createActivities } from './activities/index.js';
import { Consumer } from './amqp/consumer.js';
import { Publisher } from './amqp/publisher.js';
import { lazyClient } from './client/connect.js';
import type { Config } from './config.js';
import { startHealthServer, type HealthServer } from './http/health-server.js';
import { reserveMetricsExporter, type MetricsExporter } from './http/metrics-exporter.js';
import { watchTemporal, type TemporalWatch } from './http/temporal-watch.js';
import { brokerPart, readinessOf, temporalPart, type Part } from './http/readiness.js';
import { ReplyListener } from './listener/reply-listener.js';
import { createSignalWorkflow } from './listener/signal-workflow.js';
import type { Logger } from './log.js';
import { createReplyDecoder } from './mano/reply-decoder.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createRepositoryClient } from './repository/client.js';
import { runtimeLogger } from './runtime-logger.js';

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

/** What the roles tell of themselves. */
interface Watched {
  metrics: Metrics;
  /** The parts whose readiness `/readyz` answers with, by name. */
  parts: Map<string, () => Part>;
  /** Asked right before the metrics are read. */
  beforeScrape: (() => void)[];
}

/** Runs until `signal` is aborted. Throws only if it can never run: a missing bundle, a wrong namespace. */
export async function run(options: RunOptions): Promise<void> {
  const exporter = options.config.http === null ? null : await reserveMetricsExporter();
  Runtime.install({
    logger: runtimeLogger(options.log),
    shutdownSignals: [],
    telemetryOptions:
      exporter === null ? {} : { metrics: { prometheus: { bindAddress: exporter.bindAddress } } },
  });
  const metrics = createMetrics(Runtime.instance().metricMeter);
  const watched: Watched = { metrics, parts: new Map(), beforeScrape: [] };
  const health = exporter === null ? null : await serveHealth(options, { watched, exporter });
  const listener = options.roles.includes('listener') ? startListener(options, watched) : null;
  try {
    if (options.roles.includes('worker')) {
      await runWorker({ ...options, stopListener: () => listener?.stop() }, watched);
    } else await aborted(options.signal);
  } finally {
    await listener?.stop();
    await health?.stop();
  }
  options.log.info('stopped');
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
      return exporter.scrape();
    },
  });
  log.info({ address: health.address }, 'health and metrics are served');
  return health;
}

function startListener({ config, log }: RunOptions, watched: Watched): { stop: () => Promise<void> } {
  const client = lazyClient(config);
  const decoder = createReplyDecoder();
  const replies = new ReplyListener({
    deployment: config.deployment,
    appId: config.amqp.appId,
    decode: (message) => decoder.decode(message),
    signalWorkflow: createSignalWorkflow(client),
    observe: watched.metrics.reply,
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
  const temporal = watchTemporal(client.connection, config.temporal);
  watched.parts.set('listener on Temporal', () => temporalPart(temporal.trouble() ?? replies.trouble()));
  watched.beforeScrape.push(() => watched.metrics.held(consumer.held()));
  consumer.start();
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await consumer.stop({ graceMs: LISTENER_GRACE_MS });
    await decoder.close();
    temporal.stop();
    await client.connection.close();
    log.info({ fates: replies.fates }, 'the listener is done');
  };
  return { stop: () => (stopped ??= stop()) };
}

async function runWorker(
  { config, log, signal, stopListener }: RunOptions & { stopListener: () => Promise<void> | undefined },
  watched: Watched,
): Promise<void> {
  let temporal: TemporalWatch | null = null;
  const notRunning = 'the worker is not running';
  watched.parts.set('worker on Temporal', () =>
    temporalPart(temporal === null ? notRunning : temporal.trouble()),
  );
  const connection = await connectPatiently({ config, log, signal });
  if (connection === null) return;
  const onLoss = watched.metrics.connectionLost;
  const publisher = new Publisher({ broker: config.amqp, deployment: config.deployment, onLoss, log });
  watched.parts.set('publisher on the broker', () => brokerPart(publisher.status()));
  publisher.start();
  try {
    const repository =
      config.repositoryUrl === null ? null : createRepositoryClient({ baseUrl: config.repositoryUrl });
    const worker = await Worker.create({
      connection,
      namespace: config.temporal.namespace,
      taskQueue: config.temporal.taskQueue,
      activities: createActivities({ publisher, repository, deployment: config.deployment }),
      shutdownGraceTime: WORKER_GRACE_MS,
      shutdownForceTime: 2 * WORKER_GRACE_MS,
      maxConcurrentActivityTaskExecutions: CONCURRENT_ACTIVITIES,
      workflowTaskPollerBehavior: { type: 'autoscaling' },
      activityTaskPollerBehavior: { type: 'autoscaling' },
      ...workflowCode(),
    });
    const drain = async (): Promise<void> => {
      await aborted(signal);
      temporal?.stop();
      temporal = null;
      await stopListener();
      if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    temporal = watchTemporal(connection, config.temporal);
    log.info(
      { taskQueue: config.temporal.taskQueue, namespace: config.temporal.namespace },
      'the worker runs',
    );
    await Promise.all([worker.run(), drain()]);
  } finally {
    await publisher.stop();
    await connection.close();
  }
}

/** Null if stopped before Temporal was there. */
async function connectPatiently({
  config,
  log,
  signal,
}: Omit<RunOptions, 'roles'>): Promise<NativeConnection | null> {
  for (let waitMs = 250; !signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)) {
    try {
      const connecting = NativeConnection.connect(config.temporal.connectionOptions);
      return await Promise.race([connecting, aborted(signal).then(() => null)]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ address: config.temporal.address, reason, retryInMs: waitMs }, 'no connection to Temporal');
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return null;
}

/** Compiled: the prebuilt bundle, which must be there. From source: built at start. */
function workflowCode(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  if (import.meta.url.endsWith('.ts')) {
    return { workflowsPath: fileURLToPath(new URL('./workflows/index.ts', import.meta.url)) };
  }
  const codePath = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));
  if (!existsSync(codePath))
    throw new Error(`the workflow bundle is missing: run \`npm run build\` (${codePath})`);
  return { workflowBundle: { codePath } };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
