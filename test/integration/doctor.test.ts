/** `vnf-migrator doctor`: what a migration needs, whether it is present, and what to do if it is missing. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { Consumer } from '../../src/amqp/consumer.js';
import { Gatekeeper, startSimulator, type Simulator } from '../../src/simulator/index.js';
import { Bus } from '../support/bus.js';
import { runCli } from '../support/cli.js';
import { logSink } from '../support/log-sink.js';

const { amqpUrl, temporalAddress } = inject('stack');
const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType;

let bus: Bus;
let client: Client;
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

interface Finding {
  state: 'ok' | 'warning' | 'failed';
  text: string;
}

async function doctor(
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; ok: boolean; found: Record<string, Finding> }> {
  const { code, stdout, stderr } = await runCli(['doctor', '--json'], {
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_TASK_QUEUE: bus.deployment,
    DEPLOYMENT: bus.deployment,
    AMQP_URL: amqpUrl,
    AMQP_EXCHANGE: bus.exchange,
    ...env,
  });
  expect(stderr).toBe('');
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: (Finding & { name: string })[] };
  return {
    code,
    ok,
    found: Object.fromEntries(checks.map(({ name, state, text }) => [name, { state, text }])),
  };
}

async function listenHere(): Promise<void> {
  const { log } = logSink();
  const consumer = new Consumer({
    broker: bus.broker,
    deployment: bus.deployment,
    prefetch: 10,
    handler: () => Promise.resolve('ack'),
    log,
  });
  ending.push(() => consumer.stop({ graceMs: 500 }));
  consumer.start();
  await consumer.ready(AbortSignal.timeout(10_000));
}

async function manoHere(): Promise<Simulator> {
  const simulator = await startSimulator({ amqpUrl, exchange: bus.exchange });
  ending.push(() => simulator.stop());
  return simulator;
}

/** Somebody who asks for work, as a worker does. */
async function pollHere(): Promise<void> {
  const { workflowService, options } = client;
  const taskQueue = { name: bus.deployment };
  const polling = client
    .withDeadline(Date.now() + 60_000, () =>
      workflowService.pollWorkflowTaskQueue({
        namespace: options.namespace,
        taskQueue,
        identity: 'a worker',
      }),
    )
    .catch(() => undefined);
  // Ends the poll: it gets the task.
  ending.push(async () => {
    await client.workflow.start('any', { workflowId: randomUUID(), taskQueue: bus.deployment });
    await polling;
  });
  await vi.waitUntil(async () => {
    const { pollers } = await workflowService.describeTaskQueue({
      namespace: options.namespace,
      taskQueue,
      taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
    });
    return pollers.length > 0;
  });
}

describe('the doctor', () => {
  it('finds all well where all is well, and ends with 0', async () => {
    await Promise.all([listenHere(), pollHere()]);
    const simulator = await manoHere();
    const { code, ok, found } = await doctor({ REPOSITORY_URL: simulator.repositoryUrl });
    expect(found).toEqual({
      Temporal: { state: 'ok', text: expect.stringContaining(temporalAddress) as string },
      namespace: { state: 'ok', text: 'default' },
      workers: { state: 'ok', text: expect.stringMatching(/^1 on task queue/) as string },
      'search attributes': { state: 'ok', text: 'all registered' },
      broker: { state: 'ok', text: expect.stringMatching(/^RabbitMQ \d/) as string },
      exchange: { state: 'ok', text: `${bus.exchange}, topic, non-durable` },
      'reply queue': {
        state: 'ok',
        text: expect.stringContaining('1 listeners, 0 replies waiting') as string,
      },
      binding: { state: 'ok', text: expect.stringContaining('both topics') as string },
      parked: { state: 'ok', text: 'nothing is parked' },
      MANO: { state: 'ok', text: 'one answers' },
      repository: { state: 'ok', text: '10 services' },
      'list of VIMs': { state: 'ok', text: '3 VIMs' },
    });
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    // Its question changed nothing.
    const entries = simulator.ledger().map(({ type }) => type);
    expect(entries.filter((type) => type === 'record')).toHaveLength(1);
    expect(entries.filter((type) => type === 'request')).toHaveLength(1);
  });

  it('misses listener, worker and MANO, says what to run, and ends with 1', async () => {
    const { code, ok, found } = await doctor();
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    expect(found['workers']).toEqual({
      state: 'failed',
      text: `none on task queue ${bus.deployment}: run \`vnf-migrator worker\``,
    });
    expect(found['reply queue']).toMatchObject({
      state: 'failed',
      text: expect.stringContaining('no listener has run yet') as string,
    });
    expect(found['MANO']).toMatchObject({
      state: 'failed',
      text: expect.stringMatching(/^none answers .* within 3 s/) as string,
    });
    expect(found['repository']).toMatchObject({
      state: 'warning',
      text: expect.stringMatching(/^REPOSITORY_URL is not set/) as string,
    });
  });

  it('notices a second MANO, and what waits for a person', async () => {
    await listenHere();
    await Promise.all([manoHere(), manoHere()]);
    bus.channel.sendToQueue(`vnf-migrator.${bus.deployment}.parked.v1`, Buffer.from('x'));
    await vi.waitUntil(async () => (await bus.waiting('parked')) === 1);
    const { found } = await doctor();
    expect(found['MANO']).toMatchObject({
      state: 'warning',
      text: expect.stringMatching(/^2 answer/) as string,
    });
    expect(found['parked']).toMatchObject({
      state: 'warning',
      text: expect.stringMatching(/^1 replies wait .*parked list/) as string,
    });
  });

  it('names a durable exchange, and one that is not there', async () => {
    await bus.channel.deleteExchange(bus.exchange);
    const absent = await doctor();
    expect(absent.found['exchange']).toEqual({
      state: 'failed',
      text: expect.stringMatching(/AMQP_EXCHANGE\) does not exist/) as string,
    });
    await bus.declareExchange({ durable: true });
    const durable = await doctor();
    expect(durable.found['exchange']).toEqual({
      state: 'failed',
      text: expect.stringMatching(/is no non-durable topic exchange.*durable/s) as string,
    });
    expect([absent.code, durable.code]).toEqual([1, 1]);
  });

  it('asks each node of a cluster; one that is away is a warning', async () => {
    await listenHere();
    await manoHere();
    const { found } = await doctor({ AMQP_URL: `amqp://127.0.0.1:1,${amqpUrl}` });
    expect(found).toMatchObject({
      'broker node 127.0.0.1:1': {
        state: 'warning',
        text: expect.stringMatching(/ECONNREFUSED/) as string,
      },
      [`broker node ${new URL(amqpUrl).host}`]: {
        state: 'ok',
        text: expect.stringMatching(/^RabbitMQ \d/) as string,
      },
      'reply queue': { state: 'ok' },
      MANO: { state: 'ok' },
    });
    const nowhere = await doctor({ AMQP_URL: 'amqp://127.0.0.1:1,amqp://127.0.0.1:2' });
    expect(nowhere.found['broker']).toEqual({
      state: 'failed',
      text: expect.stringMatching(/\(AMQP_URL\): 127\.0\.0\.1:1: .*; 127\.0\.0\.1:2: /) as string,
    });
  });

  it('goes on when a part is not there at all', async () => {
    const { code, found } = await doctor({
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      AMQP_URL: 'amqp://127.0.0.1:1',
      REPOSITORY_URL: 'http://127.0.0.1:2',
    });
    expect(found).toEqual({
      Temporal: {
        state: 'failed',
        text: expect.stringMatching(
          /^no Temporal at 127.0.0.1:1 \(TEMPORAL_ADDRESS\): no connection can be made/,
        ) as string,
      },
      broker: {
        state: 'failed',
        text: expect.stringMatching(/\(AMQP_URL\): connect ECONNREFUSED/) as string,
      },
      repository: {
        state: 'failed',
        text: expect.stringMatching(/^REPOSITORY_URL: .*ECONNREFUSED/) as string,
      },
    });
    expect(code).toBe(1);
  });

  it('asks a Gatekeeper where one is named, and looks for no broker where none is', async () => {
    const gatekeeper = new Gatekeeper({ amqpUrl, exchange: bus.exchange, queue: `gk.${bus.deployment}` });
    await gatekeeper.start({ port: 0 });
    const environment = { GATEKEEPER_URL: gatekeeper.url, AMQP_URL: '' };
    const alive = await doctor(environment);
    expect(alive.found).toMatchObject({
      Gatekeeper: { state: 'ok' },
      'callbacks of the Gatekeeper': { state: 'warning' },
    });
    expect(alive.found).not.toHaveProperty('broker');
    await gatekeeper.stop();
    const dead = await doctor(environment);
    expect(dead.found['Gatekeeper']).toEqual({
      state: 'failed',
      text: expect.stringContaining('GATEKEEPER_URL: connect ECONNREFUSED') as string,
    });
    expect(dead.code).toBe(1);
  });

  it('names a namespace that is not there', async () => {
    const { code, found } = await doctor({ TEMPORAL_NAMESPACE: 'absent', AMQP_URL: 'amqp://127.0.0.1:1' });
    expect(found['namespace']).toEqual({
      state: 'failed',
      text: expect.stringMatching(/^absent \(TEMPORAL_NAMESPACE\): .*not found/) as string,
    });
    expect(code).toBe(1);
  });
});
