/** Parked replies, which no workflow accepted: a person can list, show, replay and drop them. */
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Consumer } from '../../src/amqp/consumer.js';
import { throughParked, type ParkedMessage } from '../../src/amqp/parked-queue.js';
import { parkedQueue } from '../../src/amqp/topology.js';
import { ReplyListener } from '../../src/listener/reply-listener.js';
import { createAskNonces } from '../../src/listener/ask-nonces.js';
import { createSignalWorkflow } from '../../src/listener/signal-workflow.js';
import { decodeReply } from '../../src/mano/reply.js';
import { BareWorkflow } from '../support/bare-workflow.js';
import { ACK, Bus, READY } from '../support/bus.js';
import { runCli, type Ran } from '../support/cli.js';
import { logSink } from '../support/log-sink.js';

const { amqpUrl, temporalAddress } = inject('stack');

let client: Client;
let bus: Bus;
let consumer: Consumer;

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
});
afterAll(() => client.connection.close());
beforeEach(async () => {
  bus = await Bus.open(amqpUrl);
  const { log } = logSink();
  const listener = new ReplyListener({
    deployment: bus.deployment,
    appId: bus.broker.appId,
    decode: (message) => Promise.resolve(decodeReply(message)),
    signalWorkflow: createSignalWorkflow(client),
    askNonces: createAskNonces(client),
    log,
  });
  consumer = new Consumer({
    broker: bus.broker,
    deployment: bus.deployment,
    prefetch: 10,
    handler: listener.handle,
    log,
  });
  consumer.start();
  await consumer.ready(AbortSignal.timeout(10_000));
});
afterEach(async () => {
  await consumer.stop({ graceMs: 1_000 });
  await bus.close();
});

/** Parks a reply for a workflow that is not there. */
async function park(workflowId: string, body = READY): Promise<void> {
  const before = await bus.waiting('parked');
  bus.reply({ correlationId: bus.correlationId(workflowId), body });
  await vi.waitUntil(async () => (await bus.waiting('parked')) > before, { timeout: 5_000 });
}

async function look(): Promise<ParkedMessage[]> {
  const seen: ParkedMessage[] = [];
  await throughParked({ broker: bus.broker, deployment: bus.deployment }, (message) => {
    seen.push(message);
    return Promise.resolve('keep');
  });
  return seen;
}

function cli(...args: string[]): Promise<Ran> {
  return runCli(['parked', ...args], {
    AMQP_URL: amqpUrl,
    AMQP_EXCHANGE: bus.exchange,
    TEMPORAL_ADDRESS: temporalAddress,
    DEPLOYMENT: bus.deployment,
  });
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('what is parked', () => {
  /** Many more than the 32 commands on their way from which RabbitMQ puts them into an order of its own. */
  const MANY = 120;

  function parkDirectly(count: number): void {
    for (let number = 0; number < count; number += 1) {
      bus.channel.sendToQueue(parkedQueue(bus.deployment), Buffer.from(`body ${number}`), {
        persistent: true,
      });
    }
  }

  it('stays, in its order, however often it is looked at, and whatever is taken from between', async () => {
    parkDirectly(MANY);
    await vi.waitUntil(async () => (await bus.waiting('parked')) === MANY, { timeout: 5_000 });
    const bodies = Array.from({ length: MANY }, (_, number) => `body ${number}`);
    const texts = async (): Promise<string[]> => (await look()).map(({ body }) => body.toString());
    expect(await texts()).toEqual(bodies);
    expect(await texts()).toEqual(bodies);
    await throughParked({ broker: bus.broker, deployment: bus.deployment }, ({ body }) =>
      Promise.resolve(Number(body.toString().slice(5)) % 3 === 0 ? 'remove' : 'keep'),
    );
    parkDirectly(1);
    expect(await texts()).toEqual([...bodies.filter((_, number) => number % 3 !== 0), 'body 0']);
  });

  it('stays when the look at it fails', async () => {
    parkDirectly(12);
    await vi.waitUntil(async () => (await bus.waiting('parked')) === 12, { timeout: 5_000 });
    let seen = 0;
    const failing = throughParked({ broker: bus.broker, deployment: bus.deployment }, () => {
      seen += 1;
      return seen === 11 ? Promise.reject(new Error('enough')) : Promise.resolve('keep');
    });
    await expect(failing).rejects.toThrow('enough');
    expect((await look()).map(({ body }) => body.toString())).toEqual(
      Array.from({ length: 12 }, (_, number) => `body ${number}`),
    );
  });
});

describe('vnf-migrator parked', () => {
  it('lists and shows what is parked, and leaves it', async () => {
    expect(await cli('list')).toMatchObject({ code: 0, stdout: 'nothing is parked\n' });
    await park('first');
    await park('second', 'no: [reply');
    const [first, second] = lines((await cli('list', '--json')).stdout);
    expect(first).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      reason: 'the migration was closed already (not_found)',
      correlationId: expect.stringMatching(/:first:/) as string,
      topic: 'service.instance.migrate',
      appId: 'son-plugin.ServiceLifecycleManager',
      bytes: Buffer.byteLength(READY),
    });
    expect(second!['reason']).toMatch(/YAML/);
    const [table, shown, unknown] = await Promise.all([
      cli('list'),
      cli('show', String(second!['id'])),
      cli('show', 'ffffffffffff'),
    ]);
    expect(table.stdout).toMatch(
      /^id .*for workflow.*\n-+.*\n[0-9a-f]{12} .* first .*\n[0-9a-f]{12} .* second .*\n$/,
    );
    expect(shown.stdout).toContain('no: [reply');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toBe('vnf-migrator: nothing with the id ffffffffffff is parked\n');
    expect(await bus.waiting('parked')).toBe(2);
  });

  it('replays what a workflow takes by now: a signal, and nothing is published to the MANO', async () => {
    await park('sleeper');
    await park('gone');
    await park('undecodable', 'no: [reply');
    const workflow = await BareWorkflow.start(client, 'sleeper');
    await bus.listen();
    const ran = await cli('replay', '--all', '--json');
    expect(ran.code).toBe(1);
    expect(lines(ran.stdout)).toMatchObject([
      { replayed: true, text: 'signalled to sleeper' },
      { replayed: false, text: 'stays parked: gone is closed (not_found)' },
      { replayed: false, text: expect.stringMatching(/^stays parked: the body /) as string },
    ]);
    expect(await workflow.replies()).toMatchObject([{ status: 'READY' }]);
    expect((await look()).map(({ correlationId }) => correlationId.split(':')[2])).toEqual([
      'gone',
      'undecodable',
    ]);
    // What comes now is all that anybody heard.
    bus.reply({ correlationId: 'last', body: ACK });
    await vi.waitUntil(() => bus.heard.length > 0);
    expect(bus.heard.map(({ properties }) => properties.correlationId as string)).toEqual(['last']);
    await workflow.terminate();
  });

  it('drops what is named and nothing else, and says which name it does not know', async () => {
    await park('one');
    await park('two');
    const [one] = await look();
    const ran = await cli('drop', one!.id, 'ffffffffffff');
    expect(ran).toMatchObject({
      code: 1,
      stdout: `${one!.id}: dropped\n`,
      stderr: 'vnf-migrator: nothing with the id ffffffffffff is parked\n',
    });
    expect((await look()).map(({ correlationId }) => correlationId.split(':')[2])).toEqual(['two']);
  });

  it('shows what strangers wrote without obeying it', async () => {
    await park('w\u001b[2J', 'no: [\u001b]0;title\u0007');
    const [message] = await look();
    const [listed, shown] = await Promise.all([cli('list'), cli('show', message!.id)]);
    expect(listed.stdout).toContain('w\\u001b[2J');
    expect(shown.stdout).toContain('no: [\\u001b]0;title\\u0007\n');
    expect(listed.stdout + shown.stdout).not.toMatch(/[^\P{Cc}\n\t]/u);
  });

  it.each([[['drop']], [['replay']], [['drop', '--all', 'x']]])(
    '%j asks for ids, or for all',
    async (args) => {
      const ran = await cli(...args);
      expect(ran).toMatchObject({ code: 2, stderr: 'vnf-migrator: name the ids, or --all\n' });
    },
  );
});
