/** Requests on a real broker: each is written once, and the publisher reports correctly whether it was sent. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Publisher, type OutgoingRequest, type PublishResult } from '../../src/amqp/publisher.js';
import { MIGRATE_TOPIC } from '../../src/mano/topics.js';
import { Bus } from '../support/bus.js';
import { logSink } from '../support/log-sink.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const { amqpUrl } = inject('stack');
const CONFIRM_TIMEOUT_MS = 400;

let bus: Bus;
let proxy: TcpProxy;
const publishers: Publisher[] = [];

beforeEach(async () => {
  bus = await Bus.open(amqpUrl);
  proxy = await TcpProxy.open(amqpUrl);
});
afterEach(async () => {
  await Promise.all(publishers.splice(0).map((publisher) => publisher.stop()));
  await proxy.close();
  await bus.close();
});

function startPublisher(url = amqpUrl): Publisher {
  const publisher = new Publisher({
    broker: { ...bus.broker, urls: [url] },
    deployment: bus.deployment,
    log: logSink().log,
    confirmTimeoutMs: CONFIRM_TIMEOUT_MS,
  });
  publishers.push(publisher);
  publisher.start();
  return publisher;
}

async function startReadyPublisher(url?: string): Promise<Publisher> {
  const publisher = startPublisher(url);
  await vi.waitUntil(() => publisher.status().state === 'ready', { timeout: 5_000 });
  return publisher;
}

function request(changes: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    body: Buffer.from('service_instance_uuid: "x"\n'),
    correlationId: 'vnfm:d:w:1',
    expirationMs: 120_000,
    timeoutMs: 10_000,
    mayWrite: () => Promise.resolve(true),
    signal: new AbortController().signal,
    ...changes,
  };
}

async function timed(work: Promise<PublishResult>): Promise<{ result: PublishResult; tookMs: number }> {
  const startedAtMs = performance.now();
  const result = await work;
  return { result, tookMs: performance.now() - startedAtMs };
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a request', () => {
  it('leaves with what the MANO needs and nothing else, once, and is confirmed', async () => {
    await bus.listen();
    const publisher = await startReadyPublisher();
    const body = Buffer.from('vnf_uuid: "ü"\n');
    expect(await publisher.publish(request({ body, expirationMs: 1234.6 }))).toEqual({ sent: 'confirmed' });
    await vi.waitUntil(() => bus.heard.length > 0);
    const [message] = bus.heard;
    expect(message!.fields.routingKey).toBe(MIGRATE_TOPIC);
    expect(message!.content).toEqual(body);
    const set = Object.entries(message!.properties).filter(([, value]) => value !== undefined);
    expect(Object.fromEntries(set)).toEqual({
      appId: 'vnf-migrator',
      correlationId: 'vnfm:d:w:1',
      replyTo: MIGRATE_TOPIC,
      contentType: 'application/x-yaml',
      // An integer: the broker closes the channel for anything else.
      expiration: '1235',
      headers: {},
    });
    expect(bus.heard).toHaveLength(1);
  });

  it('to which nobody listens is given back by the broker, tried again, and certainly not sent', async () => {
    const publisher = await startReadyPublisher();
    const { result, tookMs } = await timed(publisher.publish(request({ timeoutMs: 800 })));
    expect(result).toEqual({ sent: 'not-sent', reason: 'nobody listens on the topic' });
    expect(tookMs).toBeGreaterThan(700);
    expect(tookMs).toBeLessThan(10_000);
  });

  it('is sent, once, when somebody listens at last', async () => {
    const publisher = await startReadyPublisher(proxy.urlOf(amqpUrl));
    const before = proxy.seen('toServer');
    const publishing = publisher.publish(request());
    await vi.waitUntil(() => proxy.seen('toServer') > before);
    await bus.listen();
    expect(await publishing).toEqual({ sent: 'confirmed' });
    await vi.waitUntil(() => bus.heard.length > 0);
    expect(bus.heard).toHaveLength(1);
  });

  it('is never written when its time may be over, not even on a connection that came late', async () => {
    await bus.listen();
    await proxy.refuse();
    const publisher = startPublisher(proxy.urlOf(amqpUrl));
    let held = true;
    const publishing = publisher.publish(request({ mayWrite: () => Promise.resolve(held) }));
    held = false;
    await proxy.accept();
    expect(await publishing).toEqual({ sent: 'not-sent', reason: 'this publish may have been given up' });
    // The same connection is in order: what comes now is all that anybody hears.
    expect(await publisher.publish(request({ correlationId: 'next' }))).toEqual({ sent: 'confirmed' });
    await vi.waitUntil(() => bus.heard.length > 0);
    expect(bus.heard.map(({ properties }) => properties.correlationId as string)).toEqual(['next']);
  });
});

describe('a request that cannot be written', () => {
  it('because the publisher is about to close is not sent', async () => {
    const publisher = await startReadyPublisher();
    const publishing = publisher.publish(request());
    const stopping = publisher.stop();
    expect(await publishing).toMatchObject({ sent: 'not-sent' });
    await stopping;
  });

  it('because no message can carry its correlation id is not sent, and nothing is thrown', async () => {
    const publisher = await startReadyPublisher();
    const correlationId = 'x'.repeat(300);
    const result = await publisher.publish(request({ correlationId, timeoutMs: 50 }));
    expect(result).toMatchObject({
      sent: 'not-sent',
      reason: expect.stringMatching(/correlationId/) as string,
    });
  });
});

describe('without a broker', () => {
  it('a request is not sent within its time, and the reason can be read', async () => {
    const port = await closedPort();
    const publisher = startPublisher(`amqp://guest:canary@127.0.0.1:${port}`);
    const { result, tookMs } = await timed(publisher.publish(request({ timeoutMs: 600 })));
    expect(result).toEqual({ sent: 'not-sent', reason: `connect ECONNREFUSED 127.0.0.1:${port}` });
    expect(tookMs).toBeLessThan(10_000);
  });

  it('a request that waits ends as soon as the publisher is stopped', async () => {
    const publisher = startPublisher(`amqp://127.0.0.1:${await closedPort()}`);
    const publishing = timed(publisher.publish(request({ timeoutMs: 60_000 })));
    await publisher.stop();
    const { result, tookMs } = await publishing;
    expect(result.sent).toBe('not-sent');
    expect(tookMs).toBeLessThan(10_000);
  });

  it('a request that waits ends as soon as its caller gives up', async () => {
    const publisher = startPublisher(`amqp://127.0.0.1:${await closedPort()}`);
    const caller = new AbortController();
    const publishing = timed(publisher.publish(request({ timeoutMs: 60_000, signal: caller.signal })));
    caller.abort();
    const { result, tookMs } = await publishing;
    expect(result.sent).toBe('not-sent');
    expect(tookMs).toBeLessThan(10_000);
  });
});

describe('a request that was written and not confirmed', () => {
  it('B4: was perhaps sent; the socket is destroyed before that is said', async () => {
    await bus.listen();
    const publisher = await startReadyPublisher(proxy.urlOf(amqpUrl));
    proxy.set('toClient', 'drop');
    const { result, tookMs } = await timed(publisher.publish(request()));
    expect(result).toEqual({ sent: 'perhaps', reason: `no confirm within ${CONFIRM_TIMEOUT_MS} ms` });
    expect(tookMs).toBeGreaterThan(CONFIRM_TIMEOUT_MS - 50);
    // Nobody but us ends it: the other side is silent.
    await vi.waitUntil(() => proxy.open === 0, { timeout: 1_000 });
    await vi.waitUntil(() => bus.heard.length > 0);
    proxy.set('toClient', 'pass');
    expect(await publisher.publish(request({ correlationId: 'next' }))).toEqual({ sent: 'confirmed' });
    await vi.waitUntil(() => bus.heard.length > 1);
    expect(bus.heard.map(({ properties }) => properties.correlationId as string)).toEqual([
      'vnfm:d:w:1',
      'next',
    ]);
  });

  it('was perhaps sent when the connection is cut before the confirm, and is not written again', async () => {
    await bus.listen();
    const publisher = await startReadyPublisher(proxy.urlOf(amqpUrl));
    proxy.set('toClient', 'drop');
    const publishing = publisher.publish(request());
    await vi.waitUntil(() => bus.heard.length > 0);
    proxy.set('toClient', 'pass');
    proxy.reset();
    expect(await publishing).toEqual({ sent: 'perhaps', reason: 'channel closed' });
    expect(await publisher.publish(request({ correlationId: 'next' }))).toEqual({ sent: 'confirmed' });
    await vi.waitUntil(() => bus.heard.length > 1);
    expect(bus.heard).toHaveLength(2);
  });

  it('was perhaps sent when it is cut in the middle of the message', async () => {
    await bus.listen();
    const publisher = await startReadyPublisher(proxy.urlOf(amqpUrl));
    proxy.cutAfter('toServer', 40);
    expect(await publisher.publish(request())).toMatchObject({ sent: 'perhaps' });
    expect(await publisher.publish(request({ correlationId: 'next' }))).toEqual({ sent: 'confirmed' });
    await vi.waitUntil(() => bus.heard.length > 0);
    expect(bus.heard.map(({ properties }) => properties.correlationId as string)).toEqual(['next']);
  });

  it('was perhaps sent when the publisher is stopped meanwhile', async () => {
    await bus.listen();
    const publisher = await startReadyPublisher(proxy.urlOf(amqpUrl));
    proxy.set('toServer', 'hold');
    const before = proxy.seen('toServer');
    const publishing = publisher.publish(request());
    await vi.waitUntil(() => proxy.seen('toServer') > before);
    const stopping = publisher.stop();
    proxy.set('toServer', 'pass');
    expect(await publishing).toMatchObject({ sent: 'perhaps' });
    await stopping;
  });
});

describe('when the exchange is gone', () => {
  it('the request was perhaps sent, and the next one finds it declared again', async () => {
    const publisher = await startReadyPublisher();
    await bus.channel.deleteExchange(bus.exchange);
    expect(await publisher.publish(request())).toMatchObject({ sent: 'perhaps' });
    await vi.waitUntil(() => publisher.status().state === 'ready', { timeout: 2_000 });
    await bus.listen();
    expect(await publisher.publish(request())).toEqual({ sent: 'confirmed' });
  });
});
