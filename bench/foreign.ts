/**
 * Measures how fast our listener drops messages of other requesters, compared with a consumer that only acks.
 *
 * The queue is filled before the consumer starts, so that no publisher uses the processor. The measured time starts
 * at the first poll that finds the queue shorter and ends at the poll that finds it empty.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { bindReplies, declareQueues } from '../src/amqp/topology.js';
import { MIGRATE_TOPIC } from '../src/mano/topics.js';
import { REPLY_PROPERTIES } from '../test/support/scripted-mano.js';
import { compared, inRotation, type BenchContext, type Figure, type Goal } from './harness.js';
import { READY_BODY } from './mano.js';
import { until, type Address, type Stage } from './stage.js';

const MESSAGES_PER_AT_ONCE = 500;
const UNCONFIRMED_AT_MOST = 1_000;
const LOOK_EVERY_MS = 10;
const ROUNDS = 5;
const GOAL: Goal = { of: 'ratio', atLeast: 0.8 };

export async function foreign({ stage, atOnce, rounds, report }: BenchContext): Promise<Figure[]> {
  const count = MESSAGES_PER_AT_ONCE * atOnce;
  const what = `foreign messages, a queue of ${String(count)}`;
  const perSecond = await inRotation({
    what,
    rounds: rounds(ROUNDS),
    subjects: {
      ours: () => drain(stage, { name: 'listener', count }),
      amqplib: () => drain(stage, { name: 'raw', count }),
    },
    report,
    // Each is a separate process, so none warms up another.
    warmUp: false,
  });
  const reference = { name: 'amqplib', values: perSecond.amqplib };
  return [compared({ what, unit: 'a second', ours: perSecond.ours, reference, goal: GOAL })];
}

async function drain(
  stage: Stage,
  { name, count }: { name: 'listener' | 'raw'; count: number },
): Promise<number> {
  const address = stage.newAddress(name);
  await fill(stage, { address, count });
  const process = await stage.spawn(name, { address });
  try {
    return await rateOf(stage, { address, count });
  } finally {
    await process.stop();
    await stage.forget(address);
  }
}

/** Fills the queue with READY replies to other requesters. */
async function fill(stage: Stage, { address, count }: { address: Address; count: number }): Promise<void> {
  const channel = await stage.model.createConfirmChannel();
  await declareQueues(channel, address);
  await bindReplies(channel, address);
  for (let nth = 0; nth < count; nth += 1) {
    const properties = { ...REPLY_PROPERTIES, correlationId: randomUUID() };
    channel.publish(address.exchange, MIGRATE_TOPIC, READY_BODY, properties);
    if (nth % UNCONFIRMED_AT_MOST === UNCONFIRMED_AT_MOST - 1) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
  await channel.close();
  await until('a full queue', async () => (await waiting(stage, address)) === count);
}

async function rateOf(
  stage: Stage,
  { address, count }: { address: Address; count: number },
): Promise<number> {
  let first: { atMs: number; left: number } | null = null;
  for (;;) {
    const left = await waiting(stage, address);
    const atMs = performance.now();
    if (left < count) first ??= { atMs, left };
    if (first !== null && left === 0) return (1_000 * first.left) / (atMs - first.atMs);
    await delay(LOOK_EVERY_MS);
  }
}

async function waiting(stage: Stage, { deployment }: Address): Promise<number> {
  return (await stage.repliesOf(deployment))?.messageCount ?? 0;
}
