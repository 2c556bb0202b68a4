/** The MANO's replies on a real broker become signals to workflows of a real Temporal, and none of them is lost. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Consumer, type Delivery, type Park, type Settlement } from '../../src/amqp/consumer.js';
import { parkedQueue, repliesQueue } from '../../src/amqp/topology.js';
import { lazyClient, type ConnectedClient } from '../../src/client/connect.js';
import { loadConfig } from '../../src/settings/config.js';
import { noFates, type FateCounts } from '../../src/listener/delivery-outcomes.js';
import { ReplyListener } from '../../src/listener/reply-listener.js';
import { createAskNonces } from '../../src/listener/ask-nonces.js';
import { createSignalWorkflow, type SignalWorkflow } from '../../src/listener/signal-workflow.js';
import { decodeReply, type ReceivedMessage } from '../../src/mano/reply.js';
import { CREATE_TOPIC, MIGRATE_TOPIC, SLM_APP_ID } from '../../src/mano/topics.js';
import { BareWorkflow } from '../support/bare-workflow.js';
import { ACK, Bus, FINAL_ERROR, READY } from '../support/bus.js';
import { logSink } from '../support/log-sink.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const { amqpUrl, temporalAddress } = inject('stack');
const WAIT = { timeout: 10_000, interval: 20 };

let client: Client;
let bus: Bus;
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
});
afterAll(() => client.connection.close());
beforeEach(async () => {
  bus = await Bus.open(amqpUrl);
});
afterEach(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  await bus.close();
});

interface Listening {
  consumer: Consumer;
  listener: ReplyListener;
  /** The bodies that were decoded. */
  decoded: ReceivedMessage[];
  log: () => string;
}

interface ListeningOptions {
  signalWorkflow?: SignalWorkflow;
  around?: (handle: ReplyListener['handle']) => ReplyListener['handle'];
  prefetch?: number;
  rebindIntervalMs?: number;
  url?: string;
  manoAppIds?: string[];
}

async function listen(options: ListeningOptions = {}): Promise<Listening> {
  const decoded: ReceivedMessage[] = [];
  const { log, text } = logSink();
  const listener = new ReplyListener({
    deployment: bus.deployment,
    appId: bus.broker.appId,
    manoAppIds: options.manoAppIds ?? null,
    decode: (message) => {
      decoded.push(message);
      return Promise.resolve(decodeReply(message));
    },
    signalWorkflow: options.signalWorkflow ?? createSignalWorkflow(client),
    askNonces: createAskNonces(client),
    log,
  });
  const {
    around = (handle: ReplyListener['handle']) => handle,
    prefetch = 200,
    rebindIntervalMs,
    url = amqpUrl,
  } = options;
  const consumer = new Consumer({
    broker: { ...bus.broker, urls: [url] },
    deployment: bus.deployment,
    prefetch,
    handler: around(listener.handle),
    log,
    ...(rebindIntervalMs === undefined ? {} : { rebindIntervalMs }),
  });
  ending.push(() => consumer.stop({ graceMs: 100 }));
  consumer.start();
  await consumer.ready(AbortSignal.timeout(10_000));
  return { consumer, listener, decoded, log: text };
}

/** Waits for these fates, and no others. */
async function fates({ listener }: Listening, expected: Partial<FateCounts>): Promise<void> {
  await vi.waitFor(() => expect(listener.fates).toEqual({ ...noFates(), ...expected }), WAIT);
}

/** Nothing is held any more, and nothing waits: every delivery was acknowledged. */
async function allSettled(...listening: Listening[]): Promise<void> {
  await Promise.all(listening.map(({ consumer }) => vi.waitUntil(() => consumer.held() === 0, WAIT)));
  await Promise.all(listening.map(({ consumer }) => consumer.stop({ graceMs: 1_000 })));
  expect(await bus.waiting('replies')).toBe(0);
}

/** The broker has one reply again that a consumer held. */
async function givenBack(): Promise<void> {
  await vi.waitUntil(async () => (await bus.waiting('replies')) === 1, WAIT);
}

function gate(): { open: () => void; opened: Promise<void> } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

/** Signals for real, once the gate is open. */
function gated(opened: Promise<void>, calls: string[] = []): SignalWorkflow {
  const signalWorkflow = createSignalWorkflow(client);
  return async (signal) => {
    calls.push(signal.workflowId);
    await opened;
    return await signalWorkflow(signal);
  };
}

describe('a reply', () => {
  it('reaches its workflow as the signal of the contract, from either topic', async () => {
    const workflow = await BareWorkflow.start(client, `vnf-migration/${randomUUID()}:with:colons/ü`);
    const listening = await listen();
    const correlationId = bus.correlationId(workflow.workflowId);
    bus.reply({ correlationId, body: ACK });
    bus.reply({ correlationId, body: FINAL_ERROR, topic: CREATE_TOPIC });
    await fates(listening, { signalled: 2 });
    const common = { correlationId, appId: SLM_APP_ID, recordsSummarised: false, nsr: null, vnfrs: null };
    expect((await workflow.replies()).sort((a, b) => a.status.localeCompare(b.status))).toEqual([
      {
        ...common,
        status: 'ERROR',
        error: 'it broke',
        errorCode: null,
        isFinal: true,
        topic: CREATE_TOPIC,
        timestamp: 1.5,
        durationSeconds: null,
        receivedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
      {
        ...common,
        status: 'MIGRATING',
        error: null,
        errorCode: null,
        isFinal: false,
        topic: MIGRATE_TOPIC,
        timestamp: null,
        durationSeconds: null,
        receivedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    ]);
    await allSettled(listening);
  });

  it('M10: that is not ours is counted and dropped, and nothing in it is decoded', async () => {
    const listening = await listen();
    const bomb = 'status: READY\na: &a [x, x]\nb: [*a, *a]\n';
    for (const correlationId of [
      '',
      'sonmano-1',
      `vnfm:another:${randomUUID()}:1`,
      'vnfm::w:1',
      'vnfm:%zz:w:1',
      randomUUID(),
    ]) {
      bus.reply({ correlationId, body: bomb });
    }
    bus.reply({ correlationId: bus.correlationId('w'), body: bomb, appId: bus.broker.appId });
    await fates(listening, { foreign: 6, 'own-echo': 1 });
    expect(listening.decoded).toEqual([]);
    await allSettled(listening);
  });

  it('M11: of a sender that is not on the list is parked unread, where there is a list', async () => {
    const listening = await listen({ manoAppIds: [SLM_APP_ID] });
    const workflow = await BareWorkflow.start(client);
    const correlationId = bus.correlationId(workflow.workflowId);
    bus.reply({ correlationId, body: READY, appId: 'somebody' });
    await fates(listening, { parked: 1 });
    expect(listening.decoded).toEqual([]);
    const [parked] = await bus.takeParked();
    expect(parked?.properties.headers?.['x-vnfm-reason']).toContain('AMQP_MANO_APP_IDS');
    bus.reply({ correlationId, body: READY });
    await fates(listening, { parked: 1, signalled: 1 });
    expect(await workflow.replies()).toHaveLength(1);
    await allSettled(listening);
  });

  it('is acknowledged only after Temporal has taken the signal', async () => {
    const workflow = await BareWorkflow.start(client);
    const never = gate();
    const calls: string[] = [];
    const listening = await listen({ signalWorkflow: gated(never.opened, calls) });
    bus.reply({ correlationId: bus.correlationId(workflow.workflowId), body: READY });
    await vi.waitUntil(() => calls.length === 1, WAIT);
    expect(await bus.waiting('replies')).toBe(0);
    expect(listening.consumer.held()).toBe(1);
    // Whoever ends now gives it back.
    await listening.consumer.stop({ graceMs: 0 });
    await givenBack();
    expect(await workflow.replies()).toEqual([]);
    const after = await listen();
    await fates(after, { signalled: 1 });
    expect(await workflow.replies()).toHaveLength(1);
    await allSettled(after);
    never.open();
  });

  it('that is delivered again, by another process, is one event in the history', async () => {
    const workflow = await BareWorkflow.start(client);
    const { opened, open } = gate();
    const taken: string[] = [];
    // Temporal takes the signal, and the listener dies before it can acknowledge.
    const signalWorkflow: SignalWorkflow = async (signal) => {
      const signalled = await createSignalWorkflow(client)(signal);
      taken.push(signalled.kind);
      await opened;
      return signalled;
    };
    const first = await listen({ signalWorkflow });
    bus.reply({ correlationId: bus.correlationId(workflow.workflowId), body: READY });
    await vi.waitUntil(() => taken.length === 1, WAIT);
    await first.consumer.stop({ graceMs: 0 });
    const second = await listen();
    await fates(second, { signalled: 1 });
    expect(await workflow.replies()).toHaveLength(1);
    await allSettled(second);
    open();
  });

  it('that is sent a thousand times is a handful of events', async () => {
    const workflow = await BareWorkflow.start(client);
    const listening = await listen();
    const correlationId = bus.correlationId(workflow.workflowId);
    for (let copy = 0; copy < 1_000; copy += 1) bus.reply({ correlationId, body: READY });
    await fates(listening, { signalled: 3, repeated: 997 });
    expect(await workflow.replies()).toHaveLength(1);
    await allSettled(listening);
  });

  it('is another event when its topic or its body is another', async () => {
    const workflow = await BareWorkflow.start(client);
    const listening = await listen();
    const correlationId = bus.correlationId(workflow.workflowId);
    for (const topic of [MIGRATE_TOPIC, CREATE_TOPIC]) {
      for (const body of [FINAL_ERROR, READY]) bus.reply({ correlationId, body, topic });
    }
    await fates(listening, { signalled: 4 });
    expect(await workflow.replies()).toHaveLength(4);
    await allSettled(listening);
  });

  it('of a status that nobody knows is counted', async () => {
    const workflow = await BareWorkflow.start(client);
    const listening = await listen();
    const correlationId = bus.correlationId(workflow.workflowId);
    bus.reply({ correlationId, body: '{status: PAUSED, error: null}\n' });
    await fates(listening, { 'unknown-status': 1 });
    expect(listening.log()).toContain('PAUSED');
    expect(await workflow.replies()).toEqual([]);
    await allSettled(listening);
  });

  it('of ours that cannot be decoded is parked, whole, with the reason', async () => {
    const listening = await listen();
    const correlationId = bus.correlationId('some-workflow');
    const body = Buffer.from([0xff, 0xfe, 0x00]);
    bus.reply({ correlationId, body, topic: CREATE_TOPIC });
    await fates(listening, { parked: 1 });
    await allSettled(listening);
    const [message] = await bus.takeParked();
    expect(message!.content).toEqual(body);
    expect(message!.properties).toMatchObject({
      correlationId,
      appId: SLM_APP_ID,
      deliveryMode: 2,
      headers: {
        'x-vnfm-topic': CREATE_TOPIC,
        'x-vnfm-reason': expect.stringMatching(/not UTF-8/) as string,
        'x-vnfm-received-at': expect.stringMatching(/^\d{4}-.*Z$/) as string,
      },
    });
  });

  it('that cannot be parked, because that queue was deleted, is parked once it is there again', async () => {
    const listening = await listen();
    bus.reply({ correlationId: bus.correlationId('some-workflow'), body: 'no reply' });
    await fates(listening, { parked: 1 });
    await bus.channel.deleteQueue(parkedQueue(bus.deployment));
    bus.reply({ correlationId: bus.correlationId('some-workflow'), body: 'no reply either' });
    await vi.waitUntil(() => listening.listener.fates.parked === 2, WAIT);
    await allSettled(listening);
    expect((await bus.takeParked()).map(({ content }) => content.toString())).toEqual(['no reply either']);
  });
});

describe('a reply for a migration that is over', () => {
  it('is late when the migration was carried out, whatever it says', async () => {
    const workflow = await BareWorkflow.start(client);
    await workflow.complete();
    const listening = await listen();
    const correlationId = bus.correlationId(workflow.workflowId);
    for (const body of [ACK, READY, FINAL_ERROR]) bus.reply({ correlationId, body });
    await fates(listening, { late: 3 });
    await allSettled(listening);
    expect(await bus.waiting('parked')).toBe(0);
  });

  it.each([
    ['failed', (workflow: BareWorkflow) => workflow.fail()],
    ['terminated', (workflow: BareWorkflow) => workflow.terminate()],
  ])('is parked when the migration %s and it is a final; an ack is late', async (how, end) => {
    const workflow = await BareWorkflow.start(client);
    await end(workflow);
    const listening = await listen();
    const correlationId = bus.correlationId(workflow.workflowId);
    for (const body of [ACK, READY, FINAL_ERROR]) bus.reply({ correlationId, body });
    await fates(listening, { late: 1, parked: 2 });
    await allSettled(listening);
    const parked = await bus.takeParked();
    expect(parked.map(({ properties }) => properties.headers?.['x-vnfm-reason'] as string)).toEqual([
      `the migration was closed already (${how})`,
      `the migration was closed already (${how})`,
    ]);
  });

  it('is parked when Temporal knows the workflow no more', async () => {
    const listening = await listen();
    bus.reply({ correlationId: bus.correlationId(randomUUID()), body: READY });
    await fates(listening, { parked: 1 });
    await allSettled(listening);
  });

  it('goes to the run that has been started anew', async () => {
    const first = await BareWorkflow.start(client);
    await first.fail();
    const again = await BareWorkflow.start(client, first.workflowId);
    const listening = await listen();
    bus.reply({ correlationId: bus.correlationId(first.workflowId), body: READY });
    await fates(listening, { signalled: 1 });
    expect(await again.replies()).toHaveLength(1);
    await allSettled(listening);
  });
});

describe('while Temporal cannot take it', () => {
  const clients: ConnectedClient[] = [];
  afterEach(() => Promise.all(clients.splice(0).map(({ connection }) => connection.close())));

  /** As the listener's own: it connects when it must. */
  function clientAt(address: string, namespace = 'default'): Client {
    const made = lazyClient(loadConfig({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace }));
    clients.push(made);
    return made;
  }

  it('replies are held, unacknowledged, and delivered once it can; the log does not fill meanwhile', async () => {
    const workflow = await BareWorkflow.start(client);
    const proxy = await TcpProxy.open(temporalAddress);
    await proxy.refuse();
    const listening = await listen({ signalWorkflow: createSignalWorkflow(clientAt(proxy.address)) });
    for (let number = 0; number < 30; number += 1) {
      const correlationId = bus.correlationId(workflow.workflowId);
      bus.reply({ correlationId, body: `{status: ERROR, error: '${number}', timestamp: 1}` });
    }
    const trouble = await vi.waitUntil(() => listening.listener.trouble(), WAIT);
    expect(trouble).toMatch(/ECONNREFUSED|UNAVAILABLE|Deadline/);
    await vi.waitUntil(() => listening.consumer.held() === 30, WAIT);
    expect(await bus.waiting('replies')).toBe(0);
    expect(listening.listener.fates).toEqual(noFates());
    const count = (line: RegExp): number => listening.log().match(line)?.length ?? 0;
    await vi.waitUntil(() => count(/holding a reply/g) >= 30, WAIT);
    expect(count(/Temporal accepts no signals/g)).toBe(1);
    await proxy.accept();
    await fates(listening, { signalled: 30 });
    expect(listening.listener.trouble()).toBeNull();
    expect(await workflow.replies()).toHaveLength(30);
    await allSettled(listening);
    await proxy.close();
  });

  it('T3: because it does not answer, a call is given up in time, and the reply is one event after all', async () => {
    const workflow = await BareWorkflow.start(client);
    const proxy = await TcpProxy.open(temporalAddress);
    const silent = clientAt(proxy.address);
    await silent.connection.ensureConnected();
    // What is sent arrives there; no answer comes back.
    proxy.set('toClient', 'drop');
    const listening = await listen({ signalWorkflow: createSignalWorkflow(silent) });
    bus.reply({ correlationId: bus.correlationId(workflow.workflowId), body: READY });
    await vi.waitUntil(() => listening.listener.trouble(), { timeout: 8_000 });
    expect(await workflow.replies()).toHaveLength(1);
    proxy.set('toClient', 'pass');
    proxy.reset();
    await fates(listening, { signalled: 1 });
    expect(await workflow.replies()).toHaveLength(1);
    await allSettled(listening);
    await proxy.close();
  });

  it('because its namespace is not there, a reply is held and never parked', async () => {
    const absent = clientAt(temporalAddress, `absent-${randomUUID()}`);
    const calls: string[] = [];
    const signalWorkflow = createSignalWorkflow(absent);
    const listening = await listen({
      signalWorkflow: async (signal) => {
        calls.push(signal.workflowId);
        return await signalWorkflow(signal);
      },
    });
    bus.reply({ correlationId: bus.correlationId('any'), body: READY });
    await vi.waitUntil(() => calls.length >= 3, WAIT);
    expect(listening.listener.trouble()).toMatch(/[Nn]amespace.* not found/);
    expect(listening.listener.fates).toEqual(noFates());
    await listening.consumer.stop({ graceMs: 0 });
    await givenBack();
    expect(await bus.waiting('parked')).toBe(0);
  });
});

describe('a signal that Temporal refuses', () => {
  it('is parked with its reason', async () => {
    const workflow = await BareWorkflow.start(client);
    const signalWorkflow = createSignalWorkflow(client);
    const listening = await listen({
      // Larger than Temporal takes; the decoder lets no such reply through.
      signalWorkflow: ({ reply, ...signal }) =>
        signalWorkflow({ ...signal, reply: { ...reply, error: 'x'.repeat(3_000_000) } }),
    });
    bus.reply({ correlationId: bus.correlationId(workflow.workflowId), body: READY });
    await fates(listening, { parked: 1 });
    await allSettled(listening);
    const [message] = await bus.takeParked();
    expect(message!.properties.headers?.['x-vnfm-reason']).toMatch(/^Temporal refused the signal: ./);
  });
});

describe('a handler that fails', () => {
  it('B6: has the reply delivered again after a pause, neither lost nor tried in a circle', async () => {
    const workflow = await BareWorkflow.start(client);
    let failures = 0;
    const failing =
      (handle: ReplyListener['handle']) =>
      async (delivery: Delivery, park: Park): Promise<Settlement> => {
        if (failures < 2) {
          failures += 1;
          throw new Error('out of order');
        }
        return await handle(delivery, park);
      };
    const listening = await listen({ around: failing });
    const startedMs = performance.now();
    bus.reply({ correlationId: bus.correlationId(workflow.workflowId), body: READY });
    await fates(listening, { signalled: 1 });
    expect(performance.now() - startedMs).toBeGreaterThan(1_900);
    expect(await workflow.replies()).toHaveLength(1);
    await allSettled(listening);
  });
});

describe('several listeners of one deployment', () => {
  it('share the replies: each is signalled once', async () => {
    const workflow = await BareWorkflow.start(client);
    const several = await Promise.all([1, 2, 3].map(() => listen({ prefetch: 5 })));
    for (let number = 0; number < 60; number += 1) {
      const correlationId = bus.correlationId(workflow.workflowId);
      bus.reply({ correlationId, body: `{status: ERROR, error: '${number}', timestamp: 1}\n` });
    }
    const shares = (): number[] => several.map(({ listener }) => listener.fates.signalled);
    await vi.waitFor(() => expect(shares().reduce((sum, share) => sum + share, 0)).toBe(60), WAIT);
    expect(Math.min(...shares())).toBeGreaterThan(0);
    const errors = (await workflow.replies()).map(({ error }) => Number(error));
    expect(errors.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, number) => number));
    await allSettled(...several);
  });

  it('of another deployment have replies of their own', async () => {
    const workflow = await BareWorkflow.start(client);
    const listening = await listen();
    const otherBus = await Bus.open(amqpUrl);
    const other = new Consumer({
      broker: { ...otherBus.broker, exchange: bus.exchange },
      deployment: otherBus.deployment,
      prefetch: 5,
      handler: () => Promise.resolve('ack'),
      log: logSink().log,
    });
    other.start();
    await other.ready(AbortSignal.timeout(5_000));
    bus.reply({ correlationId: bus.correlationId(workflow.workflowId), body: READY });
    await fates(listening, { signalled: 1 });
    await allSettled(listening);
    await other.stop({ graceMs: 100 });
    await otherBus.close();
  });
});

describe('the consumer', () => {
  it('B6b: is bound again to an exchange that was deleted and declared anew, of which no event tells it', async () => {
    const workflow = await BareWorkflow.start(client);
    const listening = await listen({ rebindIntervalMs: 100 });
    await bus.channel.deleteExchange(bus.exchange);
    await bus.declareExchange();
    const correlationId = bus.correlationId(workflow.workflowId);
    await vi.waitUntil(
      () => {
        for (const topic of [MIGRATE_TOPIC, CREATE_TOPIC]) bus.reply({ correlationId, body: READY, topic });
        return listening.listener.fates.signalled > 1;
      },
      { timeout: 10_000, interval: 50 },
    );
    const topics = (await workflow.replies()).map(({ topic }) => topic);
    expect(new Set(topics)).toEqual(new Set([MIGRATE_TOPIC, CREATE_TOPIC]));
  });

  it('holds no more than its prefetch', async () => {
    const { opened, open } = gate();
    const listening = await listen({ signalWorkflow: gated(opened), prefetch: 3 });
    const workflow = await BareWorkflow.start(client);
    for (let number = 0; number < 5; number += 1) {
      bus.reply({ correlationId: bus.correlationId(workflow.workflowId), body: READY });
    }
    await vi.waitUntil(() => listening.consumer.held() === 3, WAIT);
    await vi.waitUntil(async () => (await bus.waiting('replies')) === 2, WAIT);
    open();
    await fates(listening, { signalled: 5 });
    await allSettled(listening);
  });

  it('lets what is under way end before it stops, and takes nothing more', async () => {
    const workflow = await BareWorkflow.start(client);
    const { opened, open } = gate();
    const calls: string[] = [];
    const proxy = await TcpProxy.open(amqpUrl);
    const listening = await listen({ signalWorkflow: gated(opened, calls), url: proxy.urlOf(amqpUrl) });
    const correlationId = bus.correlationId(workflow.workflowId);
    bus.reply({ correlationId, body: ACK });
    await vi.waitUntil(() => calls.length === 1, WAIT);
    const before = proxy.seen('toClient');
    const stopping = listening.consumer.stop({ graceMs: 10_000 });
    // The broker has confirmed that nobody consumes any more.
    await vi.waitUntil(() => proxy.seen('toClient') > before, WAIT);
    bus.reply({ correlationId, body: READY });
    await vi.waitUntil(async () => (await bus.waiting('replies')) === 1, WAIT);
    open();
    await stopping;
    expect(listening.listener.fates.signalled).toBe(1);
    expect((await workflow.replies()).map(({ status }) => status)).toEqual(['MIGRATING']);
    expect(await bus.waiting('replies')).toBe(1);
    await proxy.close();
  });

  it('stops within its grace time although a signal never ends', async () => {
    const calls: string[] = [];
    const listening = await listen({ signalWorkflow: gated(gate().opened, calls) });
    bus.reply({ correlationId: bus.correlationId('any'), body: ACK });
    await vi.waitUntil(() => calls.length === 1, WAIT);
    const startedMs = performance.now();
    await listening.consumer.stop({ graceMs: 300 });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});

describe('the queues', () => {
  const DAYS_14 = 1_209_600_000;
  const arguments_ = {
    replies: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1_000_000,
      'x-expires': DAYS_14,
      'x-max-length-bytes': 1_073_741_824,
      'x-overflow': 'drop-head',
    },
    parked: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': 1_000_000,
      'x-max-length': 10_000,
      'x-overflow': 'drop-head',
    },
  };

  /** Declares it on a channel of its own, which the broker closes if there is one with other arguments. */
  async function declare(queue: string, args: Record<string, unknown>): Promise<void> {
    const channel = await bus.model.createChannel();
    channel.on('error', () => undefined);
    await channel.assertQueue(queue, { durable: true, arguments: args });
    await channel.close();
  }

  it.each([['replies', repliesQueue] as const, ['parked', parkedQueue] as const])(
    'of %s have exactly the arguments of the design',
    async (which, nameOf) => {
      await listen();
      const queue = nameOf(bus.deployment);
      expect(queue).toBe(`vnf-migrator.${bus.deployment}.${which}.v1`);
      const args: Record<string, unknown> = arguments_[which];
      await declare(queue, args);
      for (const [name, value] of Object.entries(args)) {
        const other =
          typeof value === 'number' ? value + 1 : value === 'quorum' ? 'classic' : 'reject-publish';
        await expect(declare(queue, { ...args, [name]: other }), name).rejects.toThrow(/PRECONDITION_FAILED/);
      }
      for (const name of ['x-expires', 'x-message-ttl', 'x-max-length', 'x-max-length-bytes']) {
        if (name in args) continue;
        await expect(declare(queue, { ...args, [name]: 1_000_000 }), name).rejects.toThrow(
          /PRECONDITION_FAILED/,
        );
      }
    },
  );
});
