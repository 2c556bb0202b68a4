/** Is the broker there, the exchange and its type, our queue and its binding, and how many MANOs answer? */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel, ChannelModel } from 'amqplib';
import { logsInByCertificate, type BrokerAccess } from '../settings/broker-tls-and-credentials.js';
import { nodeOf } from '../settings/broker-urls.js';
import { withinLimit } from '../amqp/connection.js';
import { classifyLoss } from '../amqp/connection-loss.js';
import { openOnce } from '../amqp/one-off-connection.js';
import { bindReplies, declareExchange, parkedQueue, repliesQueue } from '../amqp/topology.js';
import type { Config } from '../settings/config.js';
import { decodeReply } from '../mano/reply.js';
import { encodePing } from '../mano/request.js';
import { MIGRATE_TOPIC } from '../mano/topics.js';
import { messageOf, type Tell } from './check.js';

/** A MANO that is at work answers late; one that is idle within milliseconds. */
const ANSWER_WITHIN_MS = 3_000;
/** For one question to the broker: a queue without a leader never answers. */
const ASK_TIMEOUT_MS = 10_000;
const NOT_FOUND = 404;

export async function checkBroker(config: Config, tell: Tell): Promise<void> {
  const { amqp } = config;
  if (amqp.urls.length > 1) for (const url of amqp.urls) await checkNode(config, { url, tell });
  try {
    await openOnce(amqp, async (connection) => {
      tell({ name: 'broker', state: 'ok', text: brokerText(connection, amqp) });
      if (!(await checkExchange(connection, { config, tell }))) return;
      await checkQueue(connection, { config, tell });
      await checkParked(connection, { config, tell });
      await checkMano(connection, { config, tell });
    });
  } catch (error) {
    tell({ name: 'broker', state: 'failed', text: messageOf(error) });
  }
}

interface Checking {
  config: Config;
  tell: Tell;
}

/** One that is away is no failure as long as another one answers. */
async function checkNode({ amqp }: Config, { url, tell }: { url: string; tell: Tell }): Promise<void> {
  const name = `broker node ${nodeOf(url)}`;
  const access = { ...amqp, urls: [url] } as const;
  try {
    await openOnce(access, (connection) => {
      tell({ name, state: 'ok', text: brokerText(connection, access) });
      return Promise.resolve();
    });
  } catch (error) {
    tell({ name, state: 'warning', text: messageOf(error) });
  }
}

function brokerText(connection: ChannelModel, { urls, files }: BrokerAccess): string {
  const { product, version, cluster_name: cluster } = connection.connection.serverProperties;
  const way = urls.every((url) => new URL(url).protocol === 'amqps:') ? ', over TLS' : '';
  const login = urls.every((url) => logsInByCertificate({ url, files })) ? ', logged in by certificate' : '';
  return `${product} ${version}, cluster ${String(cluster)}${way}${login}`;
}

/** A channel of its own, because a failed question closes the channel that asked. */
async function ask<T>(
  connection: ChannelModel,
  question: (channel: Channel) => Promise<T>,
): Promise<T | Error> {
  const channel = await connection.createChannel();
  const refused = new Promise<never>((_, reject) => channel.on('error', reject));
  refused.catch(() => undefined);
  try {
    // Only the channel reports a refused publish.
    const answer = await withinLimit(Promise.race([question(channel), refused]), ASK_TIMEOUT_MS);
    await channel.close();
    return answer;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isMissing(error: Error): boolean {
  return 'code' in error && error.code === NOT_FOUND;
}

async function checkExchange(connection: ChannelModel, { config, tell }: Checking): Promise<boolean> {
  const { exchange } = config.amqp;
  const exists = await ask(connection, (channel) => channel.checkExchange(exchange));
  if (exists instanceof Error) {
    const text = isMissing(exists)
      ? `${exchange} (AMQP_EXCHANGE) does not exist: neither a MANO nor a listener of ours has declared it since the broker started`
      : `${exchange} (AMQP_EXCHANGE): ${classifyLoss(exists).reason}`;
    tell({ name: 'exchange', state: 'failed', text });
    return false;
  }
  const topology = { exchange, deployment: config.deployment };
  const declared = await ask(connection, (channel) => declareExchange(channel, topology));
  if (declared instanceof Error) {
    tell({ name: 'exchange', state: 'failed', text: `${exchange}: ${classifyLoss(declared).reason}` });
    return false;
  }
  tell({ name: 'exchange', state: 'ok', text: `${exchange}, topic, non-durable` });
  return true;
}

async function checkQueue(connection: ChannelModel, { config, tell }: Checking): Promise<void> {
  const queue = repliesQueue(config.deployment);
  const found = await ask(connection, (channel) => channel.checkQueue(queue));
  if (found instanceof Error) {
    const text = isMissing(found)
      ? `${queue} does not exist: no listener has run yet (\`vnf-migrator worker\` or \`listener\`)`
      : `${queue}: ${classifyLoss(found).reason}`;
    tell({ name: 'reply queue', state: 'failed', text });
    return;
  }
  const { consumerCount, messageCount } = found;
  const text = `${queue}: ${String(consumerCount)} listeners, ${String(messageCount)} replies waiting`;
  tell(
    consumerCount > 0
      ? { name: 'reply queue', state: 'ok', text }
      : {
          name: 'reply queue',
          state: 'failed',
          text: `${text}; run \`vnf-migrator worker\` or \`listener\``,
        },
  );
  // The protocol cannot list bindings; declaring one that exists changes nothing.
  const topology = { exchange: config.amqp.exchange, deployment: config.deployment };
  const bound = await ask(connection, (channel) => bindReplies(channel, topology));
  tell(
    bound instanceof Error
      ? { name: 'binding', state: 'failed', text: classifyLoss(bound).reason }
      : { name: 'binding', state: 'ok', text: 'bound to both topics (just declared again)' },
  );
}

async function checkParked(connection: ChannelModel, { config, tell }: Checking): Promise<void> {
  const found = await ask(connection, (channel) => channel.checkQueue(parkedQueue(config.deployment)));
  if (found instanceof Error) return;
  const { messageCount } = found;
  tell(
    messageCount === 0
      ? { name: 'parked', state: 'ok', text: 'nothing is parked' }
      : {
          name: 'parked',
          state: 'warning',
          text: `${String(messageCount)} replies wait for a person: vnf-migrator parked list`,
        },
  );
}

/** An empty request changes nothing; every MANO on the bus answers it. */
async function checkMano(connection: ChannelModel, { config, tell }: Checking): Promise<void> {
  const answers = await ask(connection, (channel) => ping(channel, config));
  if (answers instanceof Error) {
    tell({ name: 'MANO', state: 'failed', text: classifyLoss(answers).reason });
    return;
  }
  switch (answers) {
    case 0: {
      const text = `none answers an empty request within ${String(ANSWER_WITHIN_MS / 1_000)} s: it is down, deaf since a restart of the broker (restart it), or waits for its repository`;
      tell({ name: 'MANO', state: 'failed', text });
      return;
    }
    case 1:
      tell({ name: 'MANO', state: 'ok', text: 'one answers' });
      return;
    default: {
      const text = `${String(answers)} answer: two Service Lifecycle Managers on one bus answer each request twice; stop one`;
      tell({ name: 'MANO', state: 'warning', text });
    }
  }
}

/** The number of MANOs that answer. */
async function ping(channel: Channel, config: Config): Promise<number> {
  const { exchange, appId } = config.amqp;
  const correlationId = `vnf-migrator-doctor:${randomUUID()}`;
  const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
  await channel.bindQueue(queue, exchange, MIGRATE_TOPIC);
  let answers = 0;
  await channel.consume(
    queue,
    (message) => {
      if (message?.properties.correlationId !== correlationId || message.properties.appId === appId) return;
      const decoded = decodeReply({
        body: message.content,
        correlationId,
        topic: message.fields.routingKey,
        appId: String(message.properties.appId),
        receivedAt: '',
      });
      if (decoded.kind === 'reply') answers += 1;
    },
    { noAck: true },
  );
  const properties = { appId, correlationId, replyTo: MIGRATE_TOPIC, expiration: ANSWER_WITHIN_MS };
  channel.publish(exchange, MIGRATE_TOPIC, encodePing(), properties);
  await delay(ANSWER_WITHIN_MS);
  return answers;
}
