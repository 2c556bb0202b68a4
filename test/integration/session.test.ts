/**
 * The connection to the broker is kept up. Whatever happens to it, it is set up again completely, and reports what
 * is wrong.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Channel } from 'amqplib';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { brokerUrls } from '../../src/settings/broker-urls.js';
import { Consumer } from '../../src/amqp/consumer.js';
import type { Loss } from '../../src/amqp/connection-loss.js';
import { Session, type Link } from '../../src/amqp/session.js';
import { declareExchange, repliesQueue } from '../../src/amqp/topology.js';
import { Bus, READY } from '../support/bus.js';
import { logSink } from '../support/log-sink.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const { amqpUrl } = inject('stack');
const SET_UP_TIMEOUT_MS = 1_000;
const CANARY = 'canary-p@ss:word/%';

let bus: Bus;
let proxy: TcpProxy;
const ending: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  bus = await Bus.open(amqpUrl);
  proxy = await TcpProxy.open(amqpUrl);
});
afterEach(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  await proxy.close();
  await bus.close();
});

const sink = logSink();

function startSession<T>(amqpUrl: string, setUp: (link: Link) => Promise<T>): Session<T> {
  const session = new Session({
    name: 'test',
    access: { urls: brokerUrls(amqpUrl) },
    setUp,
    log: sink.log,
    setUpTimeoutMs: SET_UP_TIMEOUT_MS,
  });
  ending.push(() => session.stop());
  session.start();
  return session;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await act();
  return performance.now() - startedMs;
}

/** The least of several, because a busy machine may hold any one of them up. */
async function quickestOf(times: number, tookMs: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  while (all.length < times) all.push(await tookMs());
  return Math.min(...all);
}

const openChannel = (link: Link): Promise<Channel> => link.channel();

async function lossOf(session: Session<unknown>, timeout = 5_000): Promise<Loss> {
  return await vi.waitUntil(
    () => {
      const status = session.status();
      return status.state === 'connecting' ? status.loss : null;
    },
    { timeout },
  );
}

function ready<T>(session: Session<T>, timeoutMs = 5_000): Promise<T> {
  return session.ready(AbortSignal.timeout(timeoutMs));
}

/** A server that treats every connection as it is told. */
async function server(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const listening: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  ending.push(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
    return once(listening, 'close');
  });
  return `amqp://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

describe('what only a person can mend is told as such, without the password', () => {
  it('B2: a wrong password', async () => {
    const url = new URL(amqpUrl);
    url.password = encodeURIComponent(CANARY);
    const loss = await lossOf(startSession(url.href, openChannel));
    expect(loss).toMatchObject({
      kind: 'misconfigured',
      reason: expect.stringMatching(/^the broker refused the credentials in AMQP_URL/) as string,
    });
    for (const secret of [CANARY, encodeURIComponent(CANARY)]) {
      expect(loss.reason).not.toContain(secret);
      expect(sink.text()).not.toContain(secret);
    }
  });

  it('B2: a virtual host that is not there', async () => {
    const loss = await lossOf(startSession(`${amqpUrl}/nowhere`, openChannel));
    expect(loss).toMatchObject({
      kind: 'misconfigured',
      reason: expect.stringMatching(/virtual host in AMQP_URL/) as string,
    });
  });

  it('B2: a host that cannot be resolved', async () => {
    const loss = await lossOf(startSession('amqp://no-such-host.invalid', openChannel));
    expect(loss).toMatchObject({
      kind: 'misconfigured',
      reason: expect.stringMatching(/host in AMQP_URL/) as string,
    });
  });

  it('B2: TLS where the broker speaks none', async () => {
    const loss = await lossOf(startSession(amqpUrl.replace('amqp:', 'amqps:'), openChannel));
    expect(loss).toMatchObject({
      kind: 'misconfigured',
      reason: expect.stringMatching(/^TLS to the broker failed/) as string,
    });
  });

  it('B7: an exchange that somebody declared as durable; it is well again once that one is gone, and never spins', async () => {
    await bus.channel.deleteExchange(bus.exchange);
    await bus.declareExchange({ durable: true });
    const topology = { exchange: bus.exchange, deployment: bus.deployment };
    const session = startSession(proxy.urlOf(amqpUrl), async (link) => {
      await declareExchange(await link.channel(), topology);
    });
    const loss = await lossOf(session);
    expect(loss).toMatchObject({
      kind: 'misconfigured',
      reason: expect.stringMatching(/^the exchange in AMQP_EXCHANGE exists.*durable/s) as string,
    });
    // The second try has failed as well.
    await vi.waitUntil(() => proxy.accepted === 2 && proxy.open === 0, { timeout: 5_000 });
    const failedMs = performance.now();
    await bus.channel.deleteExchange(bus.exchange);
    await vi.waitUntil(() => session.status().state === 'ready', { timeout: 10_000 });
    // After the second failure: 2 to 3 s.
    expect(performance.now() - failedMs).toBeGreaterThan(1_500);
    expect(proxy.accepted).toBe(3);
  });

  it('a queue that somebody declared with other arguments', async () => {
    await bus.channel.assertQueue(repliesQueue(bus.deployment), { durable: true });
    const consumer = startConsumer(amqpUrl);
    const loss = await vi.waitUntil(() => {
      const status = consumer.status();
      return status.state === 'connecting' ? status.loss : null;
    });
    expect(loss).toMatchObject({
      kind: 'misconfigured',
      reason: expect.stringMatching(/^our queue exists with other arguments/) as string,
    });
  });
});

describe('a server that is no broker', () => {
  it('B3: and accepts connections in silence is given up after five seconds', async () => {
    const session = startSession(await server(() => undefined), openChannel);
    const startedMs = performance.now();
    const loss = await lossOf(session, 8_000);
    expect(performance.now() - startedMs).toBeGreaterThan(4_500);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(loss.kind).toBe('outage');
  });

  it('and trickles is given up after five seconds as well', async () => {
    const url = await server((socket) => {
      // The head of a frame of 50 bytes, then byte by byte.
      socket.write(Buffer.from([1, 0, 0, 0, 0, 0, 50]));
      const timer = setInterval(() => socket.write(Buffer.from([0])), 1_000);
      socket.on('close', () => clearInterval(timer));
    });
    const session = startSession(url, openChannel);
    const startedMs = performance.now();
    await lossOf(session, 12_000);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it.each([
    ['speaks HTTP', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['sends noise', (socket: Socket) => socket.write(Buffer.alloc(70_000, 0xff))],
    ['hangs up', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['closes during the handshake', (socket: Socket) => socket.once('data', () => socket.destroy())],
  ])('and %s is an outage, tried again after a second, not more often', async (_, behaviour) => {
    let connections = 0;
    const url = await server((socket) => {
      connections += 1;
      behaviour(socket);
    });
    const session = startSession(url, openChannel);
    const startedMs = performance.now();
    expect((await lossOf(session)).kind).toBe('outage');
    await vi.waitUntil(() => connections === 3, { timeout: 5_000 });
    // The second try comes soon, the third after a second or more.
    expect(performance.now() - startedMs).toBeGreaterThan(1_000);
  });
});

describe('a connection', () => {
  it('B9: that was lost during set-up is never adopted', async () => {
    let built = 0;
    const session = startSession(proxy.urlOf(amqpUrl), async (link) => {
      const channel = await link.channel();
      built += 1;
      if (built === 1) {
        proxy.reset();
        await once(channel, 'close');
      }
      return { channel, number: built };
    });
    const { channel, number } = await ready(session);
    expect(number).toBe(2);
    await channel.checkExchange(bus.exchange);
  });

  it('that falls silent during set-up is given up after its time limit', async () => {
    const session = startSession(proxy.urlOf(amqpUrl), async (link) => {
      proxy.set('toClient', 'drop');
      return await link.channel();
    });
    expect(await lossOf(session)).toEqual({
      kind: 'outage',
      reason: `the broker did not answer within ${SET_UP_TIMEOUT_MS} ms`,
    });
  });

  it('that is reset is replaced within two seconds, and what was built on it is never given out again', async () => {
    const session = startSession(proxy.urlOf(amqpUrl), openChannel);
    const first = await ready(session);
    proxy.reset();
    await once(first, 'close');
    expect(session.current()).toBeNull();
    const second = await ready(session, 2_000);
    expect(second).not.toBe(first);
    await second.checkExchange(bus.exchange);
  });

  it('B6: whose channel the broker closed is replaced within two seconds', async () => {
    const session = startSession(proxy.urlOf(amqpUrl), openChannel);
    const first = await ready(session);
    const closed = new Promise((resolve) => first.on('close', resolve));
    first.publish('no-such-exchange', 'x', Buffer.from('x'));
    await closed;
    await (await ready(session, 2_000)).checkExchange(bus.exchange);
    expect(proxy.accepted).toBe(2);
  });

  it('whose set-up always fails is tried again and again, a second apart', async () => {
    let tries = 0;
    const startedMs = performance.now();
    startSession(proxy.urlOf(amqpUrl), async (link) => {
      tries += 1;
      const channel = await link.channel();
      // 404
      await channel.checkQueue('no-such-queue');
    });
    await vi.waitUntil(() => tries === 3, { timeout: 5_000 });
    expect(performance.now() - startedMs).toBeGreaterThan(1_000);
    // The dead ones are gone.
    expect(proxy.open).toBeLessThanOrEqual(1);
  });
});

describe('several nodes', () => {
  it('B10: one that is lost is left for the next one, and that for the first again', async () => {
    const other = await TcpProxy.open(amqpUrl);
    ending.push(() => other.close());
    const session = startSession(`${proxy.urlOf(amqpUrl)},${other.urlOf(amqpUrl)}`, openChannel);
    const first = await ready(session);
    expect([proxy.open, other.open]).toEqual([1, 0]);
    await Promise.all([once(first, 'close'), proxy.refuse()]);
    const second = await ready(session);
    await second.checkExchange(bus.exchange);
    expect([proxy.open, other.open]).toEqual([0, 1]);
    await proxy.accept();
    await Promise.all([once(second, 'close'), other.refuse()]);
    await (await ready(session)).checkExchange(bus.exchange);
    expect(proxy.open).toBe(1);
  });

  it('B10: that refuse us are all tried before the one that takes us; passwords are told nowhere', async () => {
    const nowhere = new URL(amqpUrl);
    nowhere.port = '1';
    const refused = new URL(amqpUrl);
    const gone = await TcpProxy.open(amqpUrl);
    await gone.close();
    for (const url of [nowhere, refused]) url.password = encodeURIComponent(CANARY);
    const urls = [nowhere.href, refused.href, gone.urlOf(amqpUrl), proxy.urlOf(amqpUrl)];
    const session = startSession(urls.join(','), openChannel);
    await ready(session);
    expect(sink.text()).toContain(`"node":"127.0.0.1:1"`);
    for (const secret of [CANARY, encodeURIComponent(CANARY)]) expect(sink.text()).not.toContain(secret);
  });

  it('B10: of which none can be had: the reason names the node', async () => {
    const loss = await lossOf(startSession('amqp://127.0.0.1:1,amqp://127.0.0.1:2', openChannel));
    expect(loss).toEqual({
      kind: 'outage',
      reason: expect.stringMatching(/^127\.0\.0\.1:[12]: connect ECONNREFUSED/) as string,
    });
  });
});

describe('stop', () => {
  it('while a silent server is being connected to ends at once', async () => {
    const url = await server(() => undefined);
    const tookMs = await quickestOf(3, async () => {
      const session = startSession(url, openChannel);
      const stopMs = await timed(() => session.stop());
      expect(session.status()).toEqual({ state: 'stopped' });
      return stopMs;
    });
    expect(tookMs).toBeLessThan(SET_UP_TIMEOUT_MS - 50);
  });

  it('while the handshake is under way ends, and leaves no connection behind', async () => {
    proxy.delay('toClient', 100);
    const session = startSession(proxy.urlOf(amqpUrl), openChannel);
    await vi.waitUntil(() => proxy.seen('toClient') > 0);
    await session.stop();
    await vi.waitUntil(() => proxy.open === 0, { timeout: 2_000 });
    expect(session.current()).toBeNull();
  });

  it('while it waits for the next try ends at once', async () => {
    const url = await server((socket) => socket.destroy());
    const tookMs = await quickestOf(3, async () => {
      const session = startSession(url, openChannel);
      await lossOf(session);
      return await timed(() => session.stop());
    });
    expect(tookMs).toBeLessThan(450);
  });

  it('closes what is open as the protocol wants it, and wakes those who wait', async () => {
    const session = startSession(proxy.urlOf(amqpUrl), openChannel);
    const waiting = startSession(await server(() => undefined), openChannel);
    const waiter = expect(ready(waiting)).rejects.toThrow('the session was stopped');
    const channel = await ready(session);
    const closed = once(channel, 'close');
    await session.stop();
    await closed;
    await waiting.stop();
    await waiter;
    await expect(ready(session)).rejects.toThrow('the session was stopped');
  });

  it('ends within its time limit when the broker does not answer the close', async () => {
    const session = startSession(proxy.urlOf(amqpUrl), openChannel);
    await ready(session);
    proxy.set('toServer', 'drop');
    const startedMs = performance.now();
    await session.stop();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    await vi.waitUntil(() => proxy.open === 0);
  });
});

describe('a consumer', () => {
  it('B6: whose queue is deleted is cancelled by the broker, and is back within seconds', async () => {
    const consumer = startConsumer(proxy.urlOf(amqpUrl));
    await consumer.ready(AbortSignal.timeout(5_000));
    await bus.channel.deleteQueue(repliesQueue(bus.deployment));
    const deletedMs = performance.now();
    await vi.waitUntil(() => proxy.accepted === 2 && consumer.status().state === 'ready', { timeout: 5_000 });
    expect(performance.now() - deletedMs).toBeLessThan(5_000);
    bus.reply({ correlationId: 'x', body: READY });
    await vi.waitUntil(() => taken.length > 0);
  });
});

const taken: string[] = [];

function startConsumer(url: string): Consumer {
  taken.length = 0;
  const consumer = new Consumer({
    broker: { ...bus.broker, urls: [url] },
    deployment: bus.deployment,
    prefetch: 10,
    handler: ({ correlationId }) => {
      taken.push(correlationId);
      return Promise.resolve('ack');
    },
    log: sink.log,
  });
  ending.push(() => consumer.stop({ graceMs: 100 }));
  consumer.start();
  return consumer;
}
