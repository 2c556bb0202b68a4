/**
 * The parked queue, looked through by a person.
 *
 * Invariant: what is neither replayed nor dropped stays, in its order. Messages are taken without an ack, so
 * that none is lost however this ends, and given back one by one, a few at a time: what a quorum queue gets back
 * all at once, when a channel closes or commands pile up, it puts into another order.
 */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel, ChannelModel, GetMessage } from 'amqplib';
import type { BrokerSettings } from '../settings/config.js';
import { openOnce } from './one-off-connection.js';
import { declareQueues, parkedQueue } from './topology.js';

export interface ParkedMessage {
  /** Made of the message itself, so that it is the same at every look. */
  id: string;
  correlationId: string;
  topic: string;
  appId: string;
  /** Why no workflow has it. */
  reason: string;
  receivedAt: string;
  body: Buffer;
}

export interface ParkedRoom {
  broker: BrokerSettings;
  deployment: string;
}

const LOCK_TIMEOUT_MS = 15_000;
const LOCK_RETRY_MS = 200;

/** Well below the 32 commands on their way from which RabbitMQ bundles them by message, in an order of its own. */
const GIVEN_BACK_AT_ONCE = 16;
/** Only the order of the rest depends on it: whatever has not come back by then is not waited for. */
const GIVEN_BACK_TIMEOUT_MS = 2_000;
const GIVEN_BACK_RETRY_MS = 5;

/** What to do with a message: keep it parked, or take it off the queue. */
export type Decide = (message: ParkedMessage) => Promise<'keep' | 'remove'>;

/** Goes through all parked messages, the oldest first. */
export async function throughParked({ broker, deployment }: ParkedRoom, decide: Decide): Promise<void> {
  await openOnce(broker, async (connection) => {
    await lock(connection, deployment);
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await declareQueues(channel, { exchange: broker.exchange, deployment });
    const queue = parkedQueue(deployment);
    const kept: Pick<GetMessage, 'fields'>[] = [];
    try {
      for (;;) {
        const message = await channel.get(queue);
        if (message === false) break;
        kept.push({ fields: message.fields });
        if ((await decide(parkedMessage(message))) === 'keep') continue;
        kept.pop();
        channel.ack(message);
      }
    } catch (error) {
      // On a channel that the broker has closed everything is given back already.
      await giveBack(channel, { queue, kept }).catch(() => undefined);
      throw error;
    }
    await giveBack(channel, { queue, kept });
  });
}

interface Held {
  queue: string;
  kept: readonly Pick<GetMessage, 'fields'>[];
}

async function giveBack(channel: Channel, { queue, kept }: Held): Promise<void> {
  const { messageCount } = await channel.checkQueue(queue);
  for (const [index, message] of kept.entries()) {
    channel.nack(message as GetMessage, false, true);
    const givenBack = index + 1;
    if (givenBack % GIVEN_BACK_AT_ONCE === 0) await filled(channel, { queue, to: messageCount + givenBack });
  }
  await channel.close();
}

/** Until the queue holds so many messages that are free to take. */
async function filled(channel: Channel, { queue, to }: { queue: string; to: number }): Promise<void> {
  const untilMs = Date.now() + GIVEN_BACK_TIMEOUT_MS;
  while ((await channel.checkQueue(queue)).messageCount < to && Date.now() < untilMs) {
    await delay(GIVEN_BACK_RETRY_MS);
  }
}

/**
 * One look at a time, until the connection closes: what one holds, another would not see. An exclusive queue is
 * what AMQP has for a lock.
 */
async function lock(connection: ChannelModel, deployment: string): Promise<void> {
  const untilMs = Date.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    try {
      await channel.assertQueue(`${parkedQueue(deployment)}.lock`, { exclusive: true, durable: false });
      return;
    } catch (error) {
      const isLocked = error instanceof Error && error.message.includes('RESOURCE_LOCKED');
      if (!isLocked) throw error;
      if (Date.now() > untilMs) {
        throw new Error('another command is looking through the parked replies', { cause: error });
      }
      await delay(LOCK_RETRY_MS);
    }
  }
}

function parkedMessage({ content, properties }: GetMessage): ParkedMessage {
  const headers = (properties.headers ?? {}) as Record<string, unknown>;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const message = {
    correlationId: text(properties.correlationId),
    topic: text(headers['x-vnfm-topic']),
    appId: text(properties.appId),
    reason: text(headers['x-vnfm-reason']),
    receivedAt: text(headers['x-vnfm-received-at']),
    body: content,
  };
  return { id: idOf(message), ...message };
}

function idOf({ correlationId, topic, receivedAt, body }: Omit<ParkedMessage, 'id'>): string {
  const hash = createHash('sha256').update([correlationId, topic, receivedAt].join('\0')).update(body);
  return hash.digest('hex').slice(0, 12);
}
