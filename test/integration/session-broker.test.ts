/** What needs a broker of our own: one that is out of memory, and one that is killed. */
import type { ConsumeMessage } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Consumer, type DeliveryHandler } from '../../src/amqp/consumer.js';
import { Publisher, type OutgoingRequest } from '../../src/amqp/publisher.js';
import { Bus, READY } from '../support/bus.js';
import { logSink } from '../support/log-sink.js';
import { startOwnBroker, type OwnBroker } from '../support/own-broker.js';

const WAIT = { timeout: 15_000, interval: 20 };

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

describe('a broker that is out of memory', () => {
  it('is written nothing once it said so; what waits is sent when it is well again', async () => {
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

  it('does not keep replies from being taken, not even behind one that is to be parked', async () => {
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
    const consumer = startConsumer(async ({ correlationId, body }, park) => {
      if (correlationId === 'poison') await park({ body, properties: { correlationId } });
      else taken.push(correlationId);
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
  it('finds everything set up again within two seconds, and has kept the replies', async () => {
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
