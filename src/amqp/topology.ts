/**
 * What we declare on the bus: the MANO's exchange as the MANO declares it, and two queues of our own.
 *
 * Invariant: declaring is idempotent, and done on every connect; a broker restart takes the exchange away.
 */
import type { Channel } from 'amqplib';
import { EXCHANGE_OPTIONS, EXCHANGE_TYPE, REPLY_TOPICS } from '../mano/topics.js';

export interface Topology {
  exchange: string;
  deployment: string;
}

const DAY_MS = 86_400_000;
const GIBIBYTE = 1_073_741_824;

/** Where the MANO's replies wait for the listeners of a deployment. */
export function repliesQueue(deployment: string): string {
  return `vnf-migrator.${deployment}.replies.v1`;
}

/** Where messages for us that no workflow took wait for a person. */
export function parkedQueue(deployment: string): string {
  return `vnf-migrator.${deployment}.parked.v1`;
}

/** Where the answers to one query for the list of VIMs arrive. */
export function vimListQueue({ deployment, queryId }: { deployment: string; queryId: string }): string {
  return `vnf-migrator.${deployment}.vims.${queryId}`;
}

export async function declareExchange(channel: Channel, { exchange }: Topology): Promise<void> {
  await channel.assertExchange(exchange, EXCHANGE_TYPE, EXCHANGE_OPTIONS);
}

/** Returns the number of replies that are parked. */
export async function declareQueues(channel: Channel, topology: Topology): Promise<number> {
  const { deployment } = topology;
  await channel.assertQueue(repliesQueue(deployment), {
    durable: true,
    arguments: {
      // Quorum: it keeps the MANO's transient messages over a broker's restart. In a cluster it has three copies by
      // default; the argument that says so would make the queues of before it ones with other arguments.
      'x-queue-type': 'quorum',
      // -1 drops at the first requeue on 3.10, and RabbitMQ 4 defaults to 20.
      'x-delivery-limit': 1_000_000,
      'x-expires': 14 * DAY_MS,
      // A forgotten deployment must not fill the MANO's broker.
      'x-max-length-bytes': GIBIBYTE,
      'x-overflow': 'drop-head',
    },
  });
  return await declareParkedQueue(channel, topology);
}

/** Returns the number of replies in it that nobody looks at now. */
export async function declareParkedQueue(channel: Channel, { deployment }: Topology): Promise<number> {
  const { messageCount } = await channel.assertQueue(parkedQueue(deployment), {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      // Looking at them gives them back, which counts as a delivery.
      'x-delivery-limit': 1_000_000,
      'x-max-length': 10_000,
      'x-overflow': 'drop-head',
    },
  });
  return messageCount;
}

/** Binds the reply queue to every topic on which a reply can come; also mends what others unbound. */
export async function bindReplies(channel: Channel, topology: Topology): Promise<void> {
  await declareExchange(channel, topology);
  for (const topic of REPLY_TOPICS) {
    await channel.bindQueue(repliesQueue(topology.deployment), topology.exchange, topic);
  }
}
