/**
 * Poison messages on the reply queue, addressed to us and to others, between valid replies. Every valid reply
 * arrives, the process stays the same, and no message blocks its event loop for more than 50 ms.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Consumer } from '../../src/amqp/consumer.js';
import { ReplyListener } from '../../src/listener/reply-listener.js';
import { createAskNonces } from '../../src/listener/ask-nonces.js';
import { createSignalWorkflow } from '../../src/listener/signal-workflow.js';
import { createReplyDecoder } from '../../src/mano/reply-decoder.js';
import { MAX_BODY_BYTES } from '../../src/mano/reply.js';
import { MIGRATE_TOPIC, SLM_APP_ID } from '../../src/mano/topics.js';
import { BareWorkflow } from '../support/bare-workflow.js';
import { Bus } from '../support/bus.js';
import { logSink } from '../support/log-sink.js';
import { watchLoop, type LoopHold } from '../support/loop-hold.js';
import { read, readyOf } from '../unit/mano/hostile/message.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LONGEST_HOLD_MS = 250;
const GOOD_WORKFLOWS = 10;
const MEGABYTE = 1_000_000;

type Expected =
  | { kind: 'refused'; reason: string }
  | { kind: 'unknown-status'; status: string }
  | { kind: 'reply'; reply: Record<string, unknown> };

interface Poison {
  body: Buffer;
  expected: Expected;
}

const manifest = JSON.parse(read('manifest.json').toString()) as Record<string, Expected>;
const corpus = Object.entries(manifest).map(([file, expected]): [string, Poison] => [
  file,
  { body: read(file), expected },
]);
const large: [string, Poison][] = [
  [
    'a READY of 3 MB',
    {
      body: readyOf(3 * MEGABYTE),
      expected: { kind: 'reply', reply: { status: 'READY', recordsSummarised: true } },
    },
  ],
  [
    'a READY of 200 KB',
    {
      body: readyOf(200_000),
      expected: { kind: 'reply', reply: { status: 'READY', recordsSummarised: true } },
    },
  ],
  [
    'a megabyte of brackets',
    { body: Buffer.alloc(MEGABYTE, '['), expected: { kind: 'refused', reason: 'the body' } },
  ],
  [
    'a megabyte of aliases',
    {
      body: Buffer.from(`a: &a [${'x,'.repeat(1_000)}]\nstatus: READY\nb: [${'*a,'.repeat(330_000)}]\n`),
      expected: { kind: 'refused', reason: 'the body' },
    },
  ],
  ['32 MB of READY', { body: readyOf(32 * MEGABYTE), expected: { kind: 'refused', reason: 'more than' } }],
];

const poisons = [...corpus, ...large].map(([name, { body, expected }]): [string, Poison] => [
  name,
  { body: shared(body), expected },
]);

describe('poison between good replies', () => {
  const { log, text: logged } = logSink();
  const decoder = createReplyDecoder();
  let loop: LoopHold;
  let client: Client;
  let bus: Bus;
  let sender: Sender;
  let consumer: Consumer;
  let listener: ReplyListener;
  let victim: BareWorkflow;
  let good: { workflow: BareWorkflow; sent: number[] }[];
  /** What was sent with our ids, by correlation id. */
  const ours = new Map<string, Poison>();
  let foreign = 0;
  let goodSent = 0;

  beforeAll(async () => {
    client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
    bus = await Bus.open(amqpUrl);
    sender = await Sender.start(bus.exchange);
    listener = new ReplyListener({
      deployment: bus.deployment,
      appId: bus.broker.appId,
      decode: (message) => decoder.decode(message),
      signalWorkflow: createSignalWorkflow(client),
      askNonces: createAskNonces(client),
      log,
    });
    consumer = new Consumer({
      broker: bus.broker,
      deployment: bus.deployment,
      prefetch: 200,
      handler: listener.handle,
      log,
    });
    consumer.start();
    await consumer.ready(AbortSignal.timeout(10_000));
    victim = await BareWorkflow.start(client);
    good = await Promise.all(
      Array.from({ length: GOOD_WORKFLOWS }, async () => ({
        workflow: await BareWorkflow.start(client),
        sent: [],
      })),
    );
    // The decoder's thread is started, once, by the first large reply.
    await sendAndSettle(large[1]![1]);
    loop = watchLoop();
  });
  afterAll(async () => {
    loop.stop();
    await consumer.stop({ graceMs: 1_000 });
    await Promise.all([decoder.close(), sender.stop(), bus.close(), client.connection.close()]);
  });

  function settled(): number {
    return Object.values(listener.fates).reduce((sum, count) => sum + count, 0);
  }

  /** The poison as ours and as somebody else's, then a good reply; resolves when each has met its fate. */
  async function sendAndSettle(poison: Poison): Promise<void> {
    const { workflow, sent } = good[goodSent % GOOD_WORKFLOWS]!;
    const ourId = bus.correlationId(victim.workflowId);
    const before = settled();
    ours.set(ourId, poison);
    foreign += 1;
    sent.push(goodSent);
    await sender.send([
      { correlationId: ourId, body: poison.body },
      { correlationId: randomUUID(), body: poison.body },
      {
        correlationId: bus.correlationId(workflow.workflowId),
        body: Buffer.from(`{status: READY, error: null, timestamp: 1, duration: ${goodSent}}\n`),
      },
    ]);
    goodSent += 1;
    await vi.waitUntil(() => settled() === before + 3, { timeout: 20_000, interval: 2 });
  }

  it.each(poisons)('%s holds nothing up', async (_, poison) => {
    // The best of three: now and then memory is collected, too.
    const held: number[] = [];
    while (held.length < 3 && Math.min(...held) >= LONGEST_HOLD_MS) {
      loop.take();
      await sendAndSettle(poison);
      held.push(loop.take());
    }
    expect(Math.min(...held)).toBeLessThan(LONGEST_HOLD_MS);
  });

  it('leaves every good reply as it was, in its order', async () => {
    for (const { workflow, sent } of good) {
      const replies = await workflow.replies();
      expect(replies.map(({ durationSeconds }) => durationSeconds)).toEqual(sent);
    }
    expect(goodSent).toBeGreaterThan(corpus.length);
  });

  it('is signalled where it can be read, parked whole with the reason where not, and counted all of it', async () => {
    const signalled = await victim.replies();
    const parked = await bus.takeParked();
    const expectedOf = (kind: Expected['kind']): string[] =>
      [...ours].filter(([, { expected }]) => expected.kind === kind).map(([id]) => id);
    expect(signalled.map(({ correlationId }) => correlationId)).toEqual(expectedOf('reply'));
    expect(parked.map(({ properties }) => properties.correlationId as string)).toEqual(expectedOf('refused'));
    for (const reply of signalled) expect(reply).toMatchObject(replyOf(ours.get(reply.correlationId)!));
    for (const { properties, content } of parked) {
      const { body, expected } = ours.get(properties.correlationId as string)!;
      // Of what is larger than any reply, the beginning is kept.
      expect(content.equals(body.byteLength > MAX_BODY_BYTES ? body.subarray(0, 65_536) : body)).toBe(true);
      expect(properties.headers?.['x-vnfm-reason']).toContain(
        expected.kind === 'refused' ? expected.reason : 'nothing',
      );
    }
    expect(listener.fates).toEqual({
      signalled: signalled.length + goodSent,
      parked: parked.length,
      'unknown-status': expectedOf('unknown-status').length,
      foreign,
      'own-echo': 0,
      late: 0,
      repeated: 0,
      unasked: 0,
      requeued: 0,
    });
  });

  it('cost neither a connection nor a second delivery', async () => {
    expect(logged()).not.toContain('no connection to the broker');
    expect(consumer.held()).toBe(0);
    expect(await bus.waiting('replies')).toBe(0);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

function replyOf({ expected }: Poison): Record<string, unknown> {
  return expected.kind === 'reply' ? expected.reply : {};
}

interface Sent {
  correlationId: string;
  body: Uint8Array;
}

/** In memory that threads share: handing it to the sender copies nothing. */
function shared(body: Buffer): Buffer {
  const copy = Buffer.from(new SharedArrayBuffer(body.byteLength));
  body.copy(copy);
  return copy;
}

/** Publishes from a thread of its own, so that sending is not measured. */
class Sender {
  private constructor(private readonly worker: Worker) {}

  static async start(exchange: string): Promise<Sender> {
    const worker = new Worker(SENDER, {
      eval: true,
      workerData: { amqpUrl, exchange, topic: MIGRATE_TOPIC },
    });
    await once(worker, 'message');
    return new Sender(worker);
  }

  /** Resolves when the broker has them all. */
  async send(messages: Sent[]): Promise<void> {
    const confirmed = once(this.worker, 'message');
    this.worker.postMessage(messages);
    await confirmed;
  }

  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}

const SENDER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { connect } = require('amqplib');
  const { amqpUrl, exchange, topic } = workerData;
  connect(amqpUrl).then(async (model) => {
    const channel = await model.createConfirmChannel();
    parentPort.on('message', async (messages) => {
      for (const { correlationId, body } of messages) {
        channel.publish(exchange, topic, Buffer.from(body), { correlationId, appId: '${SLM_APP_ID}' });
      }
      await channel.waitForConfirms();
      parentPort.postMessage('confirmed');
    });
    parentPort.postMessage('ready');
  });
`;
