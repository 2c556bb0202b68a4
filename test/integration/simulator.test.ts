/** The simulated MANO as users run it: a separate process on a real broker. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { load } from 'js-yaml';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import {
  CREATE_TOPIC,
  EXCHANGE_OPTIONS,
  EXCHANGE_TYPE,
  MIGRATE_TOPIC,
  SLM_APP_ID,
} from '../../src/mano/topics.js';
import {
  entriesOf,
  generateWorld,
  readLedger,
  startSimulator,
  type Simulator,
} from '../../src/simulator/index.js';

const WORLD = generateWorld({ services: 3, seed: 'integration' });
const [SERVICE] = WORLD.services as [(typeof WORLD.services)[0]];
const TASK = {
  service_instance_uuid: SERVICE.serviceInstanceUuid,
  vnf_uuid: SERVICE.vnfs[0]!.vnfUuid,
  vim_uuid: WORLD.vims[1]!,
};
const PROBE = { service_instance_uuid: SERVICE.serviceInstanceUuid };
const COMMAND = `
  import { simulateCommand } from './src/cli/commands/simulate.ts';
  await simulateCommand().parseAsync(process.argv.slice(1), { from: 'user' });
`;

interface ReplyOnTheWire {
  topic: string;
  properties: Record<string, unknown>;
  body: Record<string, unknown>;
}

interface ReadyLine {
  repositoryUrl: string;
  controlUrl: string;
}

describe('the simulated MANO as a process', () => {
  const { amqpUrl } = inject('stack');
  // Of its own for each run: other tests have MANOs on the same broker.
  const exchange = `son-kernel-simulator-${process.pid}`;
  let folder: string;
  let model: ChannelModel;
  let channel: Channel;
  let replies: ReplyOnTheWire[];
  let children: ChildProcess[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    model = await connect(amqpUrl);
    channel = await model.createChannel();
    await channel.assertExchange(exchange, EXCHANGE_TYPE, EXCHANGE_OPTIONS);
    const { queue } = await channel.assertQueue('', { exclusive: true });
    for (const topic of [MIGRATE_TOPIC, CREATE_TOPIC]) await channel.bindQueue(queue, exchange, topic);
    await channel.consume(queue, (message) => message && note(message), { noAck: true });
  });
  afterAll(async () => {
    await channel.deleteExchange(exchange);
    await model.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    replies = [];
    children = [];
  });
  afterEach(async () => {
    await Promise.all(children.map(kill));
  });

  function note({ fields, properties, content }: ConsumeMessage): void {
    if (properties.appId !== SLM_APP_ID) return;
    replies.push({
      topic: fields.routingKey,
      properties: Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)),
      body: load(content.toString()) as Record<string, unknown>,
    });
  }

  async function start(...args: string[]): Promise<{ child: ChildProcess; ready: ReadyLine }> {
    const seeded = ['--services', '3', '--seed', 'integration', '--json', ...args];
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', COMMAND, '--', ...seeded],
      {
        env: { ...process.env, AMQP_URL: amqpUrl, AMQP_EXCHANGE: exchange },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('it ended before it was ready')));
    const line = once(createInterface(child.stdout), 'line') as Promise<[string]>;
    const [ready] = await Promise.race([line, ended]);
    ended.catch(() => undefined);
    return { child, ready: JSON.parse(ready) as ReadyLine };
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  function ask(correlationId: string, fields: object): void {
    const properties = { correlationId, appId: 'requester', replyTo: MIGRATE_TOPIC };
    channel.publish(exchange, MIGRATE_TOPIC, Buffer.from(JSON.stringify(fields)), properties);
  }

  const replied = (count: number): Promise<void> =>
    vi.waitFor(() => expect(replies).toHaveLength(count), { timeout: 5_000, interval: 10 });

  it('answers with an ack and READY, in the properties of the real one', async () => {
    const { ready } = await start();
    ask('ä'.repeat(127), TASK);
    await replied(2);
    const properties = {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { key: 'default', type: 'request' },
      correlationId: 'ä'.repeat(127),
      appId: SLM_APP_ID,
    };
    expect(replies.map((reply) => [reply.topic, reply.properties])).toEqual([
      [MIGRATE_TOPIC, properties],
      [MIGRATE_TOPIC, properties],
    ]);
    expect(replies.map((reply) => reply.body['status'])).toEqual(['MIGRATING', 'READY']);
    const [, moved] = replies[1]!.body['vnfrs'] as { id: string }[];
    const vnfr = await fetch(`${ready.repositoryUrl}/records/vnfr/vnf-instances/${moved!.id}`);
    expect(await vnfr.json()).toMatchObject({ uuid: moved!.id, status: 'normal operation' });
  });

  it('takes rules, services and the state of its repository while it runs', async () => {
    const { ready } = await start();
    const post = (path: string, body: unknown): Promise<Response> =>
      fetch(`${ready.controlUrl}/${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect((await post('rules', { behaviour: 'network-fails', nth: 1 })).status).toBe(200);
    const refused = await post('rules', [{ behaviour: 'explodes' }, { behaviour: 'ok', nht: 1 }]);
    expect(refused.status).toBe(400);
    expect(((await refused.json()) as { problems: string[] }).problems).toHaveLength(2);
    ask('fails', TASK);
    await replied(2);
    expect(replies[1]).toMatchObject({
      topic: CREATE_TOPIC,
      body: { error: 'infrastructure error on ia_network' },
    });

    await post('repository', { state: '500' });
    ask('rejected', { ...TASK, service_instance_uuid: 'another' });
    await replied(3);
    expect(replies[2]!.body['error']).toBe(500);
    await post('repository', { state: 'up' });

    const added = { services: [{ serviceInstanceUuid: 'new', vnfs: [{ vnfUuid: 'v', vimUuids: ['x'] }] }] };
    expect((await post('world', added)).status).toBe(200);
    expect((await post('world', added)).status).toBe(400);
    ask('there', { service_instance_uuid: 'new', vnf_uuid: 'v', vim_uuid: 'x' });
    await replied(4);
    expect(replies[3]!.body['error']).toBe('vnf already deployed on this vim');
  });

  it('killed, leaves its ledger, and goes on from it without its locks', async () => {
    const ledger = join(folder, 'killed.jsonl');
    const first = await start('--ledger', ledger, '--migration-ms', '600');
    ask('killed', TASK);
    const stored = (): unknown[] =>
      entriesOf(readLedger(ledger), 'record').filter(({ change }) => change.change === 'recorded');
    await vi.waitFor(() => expect(stored()).toHaveLength(1), { timeout: 5_000, interval: 5 });
    await kill(first.child);
    expect(entriesOf(readLedger(ledger), 'request')).toMatchObject([
      { correlationId: 'killed', kind: 'migration' },
    ]);
    ask('into the void', PROBE);

    const { ready } = await start('--ledger', ledger);
    ask('free', PROBE);
    await replied(2);
    expect(replies.map((reply) => reply.properties['correlationId'])).toEqual(['killed', 'free']);
    expect(replies[1]!.body['error']).toBe('Missing vim uuid');
    const world = (await (await fetch(`${ready.controlUrl}/world`)).json()) as { orphans: unknown[] };
    expect(world.orphans).toMatchObject([{ name: 'fw-vnf', vimUuids: [WORLD.vims[1]] }]);
    expect(entriesOf(readLedger(ledger), 'request')).toHaveLength(2);
  });

  it('is deaf when told to be, and tells all of it in its ledger', async () => {
    const { ready } = await start();
    const post = (path: string): Promise<Response> =>
      fetch(`${ready.controlUrl}/${path}`, { method: 'POST' });
    await post('disconnect');
    ask('lost', {});
    await post('restart');
    ask('heard', {});
    await replied(1);
    expect(replies[0]!.properties['correlationId']).toBe('heard');
    const ledger = await (await fetch(`${ready.controlUrl}/ledger?from=2`)).text();
    const types = ledger
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual(['control', 'control', 'request', 'decision', 'reply']);
  });

  it('ends cleanly on SIGTERM', async () => {
    const { child } = await start();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  describe('after a lost connection', () => {
    let line: CuttableLine;
    beforeEach(async () => {
      line = await cuttableLine(amqpUrl);
    });
    afterEach(() => line.close());

    const start = (reconnect: boolean): Promise<Simulator> =>
      startSimulator({ amqpUrl: line.url, exchange, world: WORLD, reconnect });

    it('stays deaf, as the real one does, until it is told to connect again', async () => {
      const simulator = await start(false);
      line.cut();
      await vi.waitFor(() => expect(simulator.isConnected()).toBe(false));
      ask('lost', {});
      await setTimeout(600);
      expect(replies).toEqual([]);
      await simulator.reconnect();
      ask('heard', {});
      await replied(1);
      expect(replies[0]!.properties['correlationId']).toBe('heard');
      await simulator.stop();
    });

    it('comes back by itself where that was asked for, with its locks', async () => {
      const simulator = await start(true);
      simulator.addRule({ behaviour: 'ia-silent' });
      ask('locks', TASK);
      await replied(1);
      line.cut();
      await vi.waitFor(() => expect(simulator.isConnected()).toBe(false));
      await vi.waitFor(() => expect(simulator.isConnected()).toBe(true), { timeout: 5_000 });
      ask('busy', PROBE);
      await replied(2);
      expect(replies[1]!.body['error']).toMatch(/still going on/);
      await simulator.restart();
      ask('free', PROBE);
      await replied(3);
      expect(replies[2]!.body['error']).toBe('Missing vim uuid');
      await simulator.stop();
    });
  });
});

interface CuttableLine {
  url: string;
  cut: () => void;
  close: () => void;
}

/** A way to the broker that can be cut without touching the broker. */
async function cuttableLine(amqpUrl: string): Promise<CuttableLine> {
  const broker = new URL(amqpUrl);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(Number(broker.port), broker.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(amqpUrl);
  url.port = String((server.address() as AddressInfo).port);
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return { url: url.href, cut, close: () => (cut(), void server.close()) };
}
