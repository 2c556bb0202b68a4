/**
 * The reference for our worker: the bare workflow with our own publish activity, and a consumer that decodes,
 * signals and acks a reply, without the code that makes our worker safe. It ends on SIGTERM.
 *
 * Invariant: the options of the worker, of the queue and of the socket, and the prefetch, are those of
 * src/worker.ts, so that only the code differs and not the settings.
 */
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { connect, type ConsumeMessage } from 'amqplib';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { openActivities } from '../../src/activities/dependencies.js';
import { bindReplies, declareExchange, declareQueues, repliesQueue } from '../../src/amqp/topology.js';
import { loadConfig } from '../../src/settings/config.js';
import { createLogger } from '../../src/observability/logger.js';
import { SLM_APP_ID } from '../../src/mano/topics.js';
import { parseCorrelationId } from '../../src/shared/correlation-id.js';

const PREFETCH = 200;

const config = loadConfig(process.env);
const { temporal, amqp, deployment } = config;
const { namespace, taskQueue, connectionOptions } = temporal;

// The default includes SIGUSR2, which the memory probe uses.
Runtime.install({ shutdownSignals: ['SIGTERM'] });
const connection = await NativeConnection.connect(connectionOptions);
const { activities, close } = openActivities({ config, log: createLogger({ level: config.logLevel }) });
const stopConsuming = await consumeReplies();
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  activities: { publishRequest: activities.publishRequest },
  workflowBundle: { codePath: process.env['BENCH_BARE_BUNDLE'] ?? '' },
  stickyQueueScheduleToStartTimeout: 4_000,
  maxConcurrentActivityTaskExecutions: 500,
  workflowTaskPollerBehavior: { type: 'autoscaling' },
  activityTaskPollerBehavior: { type: 'autoscaling' },
});
try {
  await worker.run();
} finally {
  await stopConsuming();
  await close();
  await connection.close();
}

async function consumeReplies(): Promise<() => Promise<void>> {
  const client = new Client({ connection: await Connection.connect(connectionOptions), namespace });
  const model = await connect(amqp.urls[0], { noDelay: true });
  const channel = await model.createChannel();
  const topology = { exchange: amqp.exchange, deployment };
  await declareExchange(channel, topology);
  await declareQueues(channel, topology);
  await bindReplies(channel, topology);
  await channel.prefetch(PREFETCH);
  await channel.consume(repliesQueue(deployment), (message) => {
    if (message !== null) void signal(client, message).then(() => channel.ack(message));
  });
  return async () => {
    await model.close();
    await client.connection.close();
  };
}

async function signal(client: Client, { properties, fields, content }: ConsumeMessage): Promise<void> {
  const { appId, correlationId = '' } = properties as { appId?: string; correlationId?: string };
  const workflowId = parseCorrelationId(correlationId)?.workflowId;
  if (appId !== SLM_APP_ID || workflowId === undefined) return;
  const body = load(content.toString(), { schema: YAML11_SCHEMA }) as Record<string, unknown>;
  const envelope = { correlationId, appId, topic: fields.routingKey, receivedAt: new Date().toISOString() };
  await client.workflow.getHandle(workflowId).signal('manoReply', { ...envelope, ...body });
}
