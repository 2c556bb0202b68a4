/**
 * The broker is killed, frozen, out of memory, refuses connections, or has lost our queues. Everything is set up
 * again, and no listener stops consuming without a report.
 */
import { Client, Connection } from '@temporalio/client';
import type { ConsumeMessage } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Consumer, type DeliveryHandler } from '../../src/amqp/consumer.js';
import { Publisher, type OutgoingRequest } from '../../src/amqp/publisher.js';
import { repliesQueue } from '../../src/amqp/topology.js';
import { BareWorkflow } from '../support/bare-workflow.js';
import { Bus, READY } from '../support/bus.js';
import { PATIENTLY, Role } from '../support/deployment.js';
import { logSink } from '../support/log-sink.js';
import { startOwnBroker, type OwnBroker } from '../support/own-broker.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const { temporalAddress } = inject('stack');
const WAIT = { timeout: 30_000, interval: 20 };
const LIMIT_MS = 120_000;
const SECRET = 'canary-7531';
/** Two seconds, and what a busy machine adds. */
const BACK_WITHIN_MS = 15_000;

let broker: OwnBroker;
let bus: Bus;
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await startOwnBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  bus = await Bus.open(broker.amqpUrl);
});
afterEach(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  // The broker may have been killed under it.
  await bus.close().catch(() => undefined);
});

/** A listener, as a process, of a deployment and an exchange of this test's own. */
async function startListener(settings: Record<string, string> = {}): Promise<Role> {
  const listener = await Role.listenOn(bus, { TEMPORAL_ADDRESS: temporalAddress, ...settings });
  ending.push(() => listener.end());
  return listener;
}

function startConsumer(handler: DeliveryHandler): Consumer {
  const { log } = logSink();
  const consumer = new Consumer({
    broker: bus.broker,
    deployment: bus.deployment,
    prefetch: 10,
    handler,
    log,
  });
  ending.push(() => consumer.stop({ graceMs: 500 }));
  consumer.start();
  return consumer;
}

function startPublisher(): Publisher {
  const { log } = logSink();
  const publisher = new Publisher({ broker: bus.broker, deployment: bus.deployment, log });
  ending.push(() => publisher.stop());
  publisher.start();
  return publisher;
}

function request(correlationId: string, timeoutMs = 20_000): OutgoingRequest {
  return {
    body: Buffer.from('x'),
    correlationId,
    expirationMs: 60_000,
    timeoutMs,
    mayWrite: () => Promise.resolve(true),
    signal: new AbortController().signal,
  };
}

const idsOf = (messages: readonly ConsumeMessage[]): unknown[] =>
  messages.map(({ properties }) => properties.correlationId as unknown);

const alarm = (): Promise<string> => broker.rabbitmq.ctl(['set_vm_memory_high_watermark', '0']);
const calm = (): Promise<string> => broker.rabbitmq.ctl(['set_vm_memory_high_watermark', '0.6']);

async function isReadingLess(): Promise<boolean> {
  return (await broker.rabbitmq.ctl(['list_connections', 'state'])).includes('blocked');
}

describe('a broker that refuses us', { timeout: LIMIT_MS }, () => {
  it('B2: absent at first: alive, not ready, the reason shown; ready once it is there; never a hot loop', async () => {
    const proxy = await TcpProxy.open(broker.amqpUrl);
    ending.push(() => proxy.close());
    await proxy.refuse();
    const listener = await startListener({ AMQP_URL: proxy.urlOf(broker.amqpUrl) });
    await listener.untilNotReady(/ECONNREFUSED/);
    expect(await listener.isAlive()).toBe(true);
    await proxy.accept();
    await listener.untilReady();
    expect(proxy.accepted).toBe(1);
  });

  it('B2: wrong password, no rights: told as such, without the password; alive, and not ready', async () => {
    await broker.rabbitmq.ctl(['add_user', 'limited', SECRET]);
    const secretUrl = new URL(broker.amqpUrl);
    secretUrl.password = SECRET;
    const wrongPassword = secretUrl.href;
    secretUrl.username = 'limited';
    const noRights = secretUrl.href;
    await broker.rabbitmq.ctl(['set_permissions', 'limited', '^$', '^$', '^$']);
    await Promise.all(
      [
        [wrongPassword, /refused the credentials in AMQP_URL/] as const,
        [noRights, /the broker's user lacks a permission/] as const,
      ].map(async ([AMQP_URL, reason]) => {
        const listener = await startListener({ AMQP_URL });
        await listener.untilNotReady(reason);
        expect(await listener.isAlive()).toBe(true);
        expect(listener.said() + JSON.stringify(await listener.readiness())).not.toContain(SECRET);
      }),
    );
  });

  it('B7: the exchange exists as durable: the mismatch and the setting are named; well once it is gone', async () => {
    await bus.channel.deleteExchange(bus.exchange);
    await bus.declareExchange({ durable: true });
    const listener = await startListener();
    await listener.untilNotReady(/exchange in AMQP_EXCHANGE exists, but is no non-durable topic exchange/);
    await bus.channel.deleteExchange(bus.exchange);
    await listener.untilReady();
  });
});

describe('a broker that loses what we need', { timeout: LIMIT_MS }, () => {
  it('B6: its queue deleted, every connection closed: the listener sets everything up again, and hears', async () => {
    const client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
    ending.push(() => client.connection.close());
    const workflow = await BareWorkflow.start(client);
    const correlationId = bus.correlationId(workflow.workflowId);
    const listener = await startListener();
    await listener.untilReady();
    const losses = [
      ['delete_queue', repliesQueue(bus.deployment)],
      ['close_all_connections', 'a test'],
    ];
    for (const [index, lose] of losses.entries()) {
      await broker.rabbitmq.ctl(lose);
      const lostMs = performance.now();
      const lost = (): Promise<number> => listener.metric('vnf_migrator_connection_losses');
      await vi.waitUntil(async () => (await lost()) === index + 1, PATIENTLY);
      await listener.untilReady();
      expect(performance.now() - lostMs).toBeLessThan(BACK_WITHIN_MS);
      const after = await Bus.open(broker.amqpUrl);
      ending.push(() => after.model.close().catch(() => undefined));
      after.replyOn(bus.exchange, {
        correlationId,
        body: `{status: ERROR, error: '${index}', timestamp: 1}`,
      });
      await vi.waitFor(async () => expect(await workflow.replies()).toHaveLength(index + 1), PATIENTLY);
    }
  });
});

describe('a broker that is out of memory', () => {
  it('B5: is written nothing once it said so; what waits is sent when it is well again', async () => {
    await bus.listen();
    const publisher = startPublisher();
    expect(await publisher.publish(request('before'))).toEqual({ sent: 'confirmed' });
    await alarm();
    // It tells a connection only when that one publishes, and takes this message yet.
    const told = publisher.publish(request('tells'));
    await vi.waitUntil(() => publisher.status().state === 'blocked', WAIT);
    expect(await publisher.publish(request('refused', 500))).toEqual({
      sent: 'not-sent',
      reason: 'the broker accepts no publishes: low on memory',
    });
    const waiting = publisher.publish(request('waits'));
    await calm();
    expect(await waiting).toEqual({ sent: 'confirmed' });
    expect((await told).sent).toBe('confirmed');
    await vi.waitUntil(() => bus.heard.length >= 3, WAIT);
    expect(idsOf(bus.heard)).toEqual(['before', 'tells', 'waits']);
  });

  it('B5: does not keep replies from being taken, not even behind one that is to be parked', async () => {
    // Declares the queue; then they pile up.
    const first = startConsumer(() => Promise.resolve('ack'));
    await first.ready(AbortSignal.timeout(10_000));
    await first.stop({ graceMs: 100 });
    bus.reply({ correlationId: 'poison', body: 'poison' });
    const good = Array.from({ length: 40 }, (_, number) => `good ${number}`);
    for (const correlationId of good) bus.reply({ correlationId, body: READY });
    await vi.waitUntil(async () => (await bus.waiting('replies')) === 41, WAIT);
    await alarm();
    const taken: string[] = [];
    // The rest comes after what is to be parked was written, and the broker has stopped to read from where it was.
    const isParking = vi.waitUntil(isReadingLess, WAIT);
    const consumer = startConsumer(async ({ correlationId, body }, park) => {
      if (correlationId === 'poison') {
        await park({ body, properties: { correlationId } });
      } else {
        await isParking;
        taken.push(correlationId);
      }
      return 'ack';
    });
    // Four times what it may hold: the broker must have read the acknowledgements.
    await vi.waitUntil(() => taken.length === 40, WAIT);
    expect(taken.sort()).toEqual(good.sort());
    expect(consumer.status().state).toBe('ready');
    await calm();
    await vi.waitUntil(async () => (await bus.waiting('parked')) === 1, WAIT);
    await vi.waitUntil(() => consumer.held() === 0, WAIT);
  });
});

describe('a broker that is killed and comes back', () => {
  it('B1: finds everything set up again within two seconds, and has kept the replies', async () => {
    const held: string[] = [];
    let isHolding = true;
    const consumer = startConsumer(async ({ correlationId, signal }) => {
      held.push(correlationId);
      if (!isHolding) return 'ack';
      // Until the session is over.
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return 'ack';
    });
    const publisher = startPublisher();
    await consumer.ready(AbortSignal.timeout(10_000));
    expect(await publisher.publish(request('before'))).toEqual({ sent: 'confirmed' });
    bus.reply({ correlationId: 'kept', body: READY });
    await vi.waitUntil(() => held.length === 2, WAIT);
    expect(held).toEqual(['before', 'kept']);

    await broker.rabbitmq.kill();
    isHolding = false;
    await vi.waitUntil(() => consumer.status().state === 'connecting', WAIT);
    expect(consumer.status()).toMatchObject({ loss: { kind: 'outage' } });
    const waiting = publisher.publish(request('meanwhile', 60_000));
    await broker.rabbitmq.start();
    const backMs = performance.now();

    await consumer.ready(AbortSignal.timeout(5_000));
    expect(performance.now() - backMs).toBeLessThan(5_000);
    expect(await waiting).toEqual({ sent: 'confirmed' });
    // What was held comes again; the exchange is there again, and bound.
    await vi.waitUntil(() => held.length === 5, WAIT);
    expect(held.slice(2).sort()).toEqual(['before', 'kept', 'meanwhile']);
    expect(await publisher.publish(request('after'))).toEqual({ sent: 'confirmed' });
    await vi.waitUntil(() => held.includes('after'), WAIT);
  });
});
