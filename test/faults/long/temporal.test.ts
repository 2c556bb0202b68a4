/**
 * Temporal is away for longer than the broker's delivery timeout. All of ten thousand copies of a reply are
 * handled, and Temporal is found again quickly.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { repliesQueue } from '../../../src/amqp/topology.js';
import { BareWorkflow } from '../../support/bare-workflow.js';
import { Bus, READY } from '../../support/bus.js';
import { PATIENTLY, Role } from '../../support/deployment.js';
import { report } from '../../support/figures.js';
import { startOwnBroker, type OwnBroker } from '../../support/own-broker.js';
import { startOwnTemporal, type OwnTemporal } from '../../support/own-temporal.js';

const LIMIT_MS = 600_000;
/** In place of RabbitMQ's 30 minutes: longer than a delivery may be held, shorter than Temporal is away. */
const BROKER_PATIENCE_MS = 100_000;
/** It looks once in a minute. */
const AWAY_MS = 2 * BROKER_PATIENCE_MS + 60_000;
const COPIES = 10_000;
const RESTARTS = 8;
const DELIVERED_WITHIN_MS = 2_000;

let broker: OwnBroker;
let own: OwnTemporal;
let client: Client;
let bus: Bus;
let listener: Role;
let workflow: BareWorkflow;

beforeAll(async () => {
  [broker, own] = await Promise.all([startOwnBroker(), startOwnTemporal()]);
  client = new Client({ connection: await Connection.connect({ address: own.address }) });
});
afterAll(async () => {
  await client.connection.close();
  await Promise.all([broker.close(), own.close()]);
});
beforeEach(async () => {
  [bus, workflow] = await Promise.all([Bus.open(broker.amqpUrl), BareWorkflow.start(client)]);
  listener = await Role.listenOn(bus, { TEMPORAL_ADDRESS: own.address });
  await listener.untilReady();
});
afterEach(async () => {
  await listener.end();
  await bus.close();
});

/** As the MANO replies. */
function reply(text: string): void {
  const correlationId = bus.correlationId(workflow.workflowId);
  bus.reply({ correlationId, body: `{status: ERROR, error: '${text}', timestamp: 1}` });
}

async function errors(): Promise<(string | null)[]> {
  return (await workflow.replies()).map(({ error }) => error);
}

describe('Temporal', { timeout: LIMIT_MS }, () => {
  it('T2: away for longer than the broker lets a delivery be held: given back in time, and delivered after', async () => {
    await broker.rabbitmq.ctl([
      'eval',
      `application:set_env(rabbit, consumer_timeout, ${BROKER_PATIENCE_MS}).`,
    ]);
    // A channel knows the limit from when it was opened.
    await listener.end();
    listener = await Role.listenOn(bus, { TEMPORAL_ADDRESS: own.address });
    await listener.untilReady();
    await own.temporal.kill();
    reply('held');
    await vi.waitUntil(async () => (await listener.held()) === 1, PATIENTLY);
    const awayFrom = performance.now();
    while (performance.now() - awayFrom < AWAY_MS) {
      expect(await listener.metric('vnf_migrator_connection_losses')).toBe(0);
      await delay(1_000);
    }
    expect(await listener.fate('requeued')).toBeGreaterThan(1);
    // No nack loop either: about once a minute.
    expect(await listener.fate('requeued')).toBeLessThan(10);
    await own.temporal.start();
    await vi.waitFor(async () => expect(await errors()).toEqual(['held']), PATIENTLY);
    expect(await bus.waitingIn(repliesQueue(bus.deployment))).toBe(0);
  });

  it('T5: ten thousand copies of one reply are one event; the rest is counted', async () => {
    const correlationId = bus.correlationId(workflow.workflowId);
    for (let copy = 0; copy < COPIES; copy += 1) bus.reply({ correlationId, body: READY });
    await vi.waitUntil(async () => (await listener.fate('signalled')) === COPIES, {
      ...PATIENTLY,
      timeout: LIMIT_MS,
    });
    expect(await workflow.replies()).toHaveLength(1);
  });

  it('T1: back: a reply that was held is delivered within two seconds', async () => {
    const tookMs: number[] = [];
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await own.temporal.kill();
      reply(`${restart}`);
      await vi.waitUntil(async () => (await listener.held()) === 1, PATIENTLY);
      // Long enough for every backoff to have grown to its longest.
      await delay(15_000 + restart * 250);
      await own.temporal.start();
      const backAtMs = Date.now();
      await vi.waitFor(async () => expect(await errors()).toContain(`${restart}`), PATIENTLY);
      // By Temporal's own clock: our connection has been away as well, and has its own patience.
      tookMs.push((await workflow.arrivals()).at(-1)!.atMs - backAtMs);
    }
    report('Temporal back → a held reply delivered', tookMs);
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(DELIVERED_WITHIN_MS);
  });
});
