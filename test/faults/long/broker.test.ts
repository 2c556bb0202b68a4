/** Broker faults that last as long as the broker's own timers, and the time until a lost connection is noticed. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { repliesQueue } from '../../../src/amqp/topology.js';
import { MIGRATE_TOPIC } from '../../../src/mano/topics.js';
import { BareWorkflow } from '../../support/bare-workflow.js';
import { Bus, READY } from '../../support/bus.js';
import { PATIENTLY, Role } from '../../support/deployment.js';
import { p99, report } from '../../support/figures.js';
import { startOwnBroker, type OwnBroker } from '../../support/own-broker.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const { temporalAddress } = inject('stack');
const LIMIT_MS = 300_000;
const HEARTBEATS_3_MS = 30_000;
const REBOUND_WITHIN_MS = 30_000;
const BACK_WITHIN_MS = 2_000;
const LOSSES_OF_A_KIND = 50;
/** What the machine may add to a limit that is measured in half minutes. */
const SLACK_MS = 5_000;

let broker: OwnBroker;
let client: Client;
let bus: Bus;
let proxy: TcpProxy;
let listener: Role;
let workflow: BareWorkflow;

beforeAll(async () => {
  broker = await startOwnBroker();
  client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
});
afterAll(async () => {
  await client.connection.close();
  await broker.close();
});
beforeEach(async () => {
  [bus, proxy, workflow] = await Promise.all([
    Bus.open(broker.amqpUrl),
    TcpProxy.open(broker.amqpUrl),
    BareWorkflow.start(client),
  ]);
  listener = await startListener();
  await listener.untilReady();
});
afterEach(async () => {
  await listener.end();
  await proxy.close();
  await bus.close().catch(() => undefined);
});

function startListener(): Promise<Role> {
  const AMQP_URL = proxy.urlOf(broker.amqpUrl);
  return Role.listenOn(bus, { TEMPORAL_ADDRESS: temporalAddress, AMQP_URL });
}

/** Replies until the workflow has one more; resolves with how long that took. */
async function heardAgain(): Promise<number> {
  const before = (await workflow.replies()).length;
  const startedMs = performance.now();
  const correlationId = bus.correlationId(workflow.workflowId);
  for (let number = 0; (await workflow.replies()).length === before; number += 1) {
    bus.reply({ correlationId, body: `{status: ERROR, error: '${number}', timestamp: 1}` });
    await delay(200);
  }
  return performance.now() - startedMs;
}

async function notReadyAfter(reason: RegExp): Promise<number> {
  const startedMs = performance.now();
  await listener.untilNotReady(reason);
  return performance.now() - startedMs;
}

describe('a broker', { timeout: LIMIT_MS }, () => {
  it('B3: frozen, so that the handshake is silent: given up after five seconds, and tried again', async () => {
    await listener.end();
    process.kill(-broker.rabbitmq.pid, 'SIGSTOP');
    try {
      listener = await startListener();
      await listener.untilNotReady(/did not answer within 5000 ms/);
    } finally {
      process.kill(-broker.rabbitmq.pid, 'SIGCONT');
    }
    await listener.untilReady();
  });

  it('B4: half-open: noticed within three heartbeats, and left for a new connection', async () => {
    proxy.break();
    const noticedMs = await notReadyAfter(/[Hh]eartbeat/);
    report('half-open connection noticed', [noticedMs]);
    expect(noticedMs).toBeLessThan(HEARTBEATS_3_MS + SLACK_MS);
    proxy.mend();
    await listener.untilReady();
    await heardAgain();
  });

  it('B6b: its exchange deleted and declared anew, then a binding removed: bound again within 30 s', async () => {
    await bus.channel.deleteExchange(bus.exchange);
    await bus.declareExchange();
    expect(await heardAgain()).toBeLessThan(REBOUND_WITHIN_MS + SLACK_MS);
    await bus.channel.unbindQueue(repliesQueue(bus.deployment), bus.exchange, MIGRATE_TOPIC);
    expect(await heardAgain()).toBeLessThan(REBOUND_WITHIN_MS + SLACK_MS);
    expect(await listener.metric('vnf_migrator_connection_losses')).toBe(0);
  });

  it('B8: its reply queue without a leader: not ready, with the reason; deleted, it is declared again', async () => {
    const queue = repliesQueue(bus.deployment);
    const lookUp = `{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"${queue}">>))`;
    await broker.rabbitmq.ctl([
      'eval',
      `${lookUp}, {Name, _} = amqqueue:get_pid(Q), ra:stop_server(quorum_queues, {Name, node()}).`,
    ]);
    proxy.reset();
    const noticedMs = await notReadyAfter(/541/);
    report('queue without a leader noticed', [noticedMs]);
    expect(await listener.isAlive()).toBe(true);
    await broker.rabbitmq.ctl(['delete_queue', queue]).catch((error: unknown) => console.log(String(error)));
    await listener.untilReady();
    await heardAgain();
  });
});

describe('a connection that is lost', { timeout: LIMIT_MS }, () => {
  const kinds: [string, () => Promise<unknown>][] = [
    [
      'reset',
      async () => {
        proxy.reset();
        await Promise.resolve();
      },
    ],
    ['closed by the broker', () => broker.rabbitmq.ctl(['close_all_connections', 'a test'])],
  ];

  it.each(kinds)('B1, B6: %s: consumes again, p99 within two seconds', async (kind, lose) => {
    const tookMs: number[] = [];
    while (tookMs.length < LOSSES_OF_A_KIND) tookMs.push(await missedFor(lose));
    report(`broker connection ${kind} → consuming again`, tookMs);
    expect(p99(tookMs)).toBeLessThanOrEqual(BACK_WITHIN_MS);
  });

  /** From the loss to the consumer on its queue again. */
  async function missedFor(lose: () => Promise<unknown>): Promise<number> {
    const accepted = proxy.accepted;
    const losing = lose();
    await vi.waitUntil(() => proxy.open === 0 || proxy.accepted > accepted, { ...PATIENTLY, interval: 1 });
    const lostMs = performance.now();
    await vi.waitUntil(() => proxy.accepted > accepted && proxy.open === 1, { ...PATIENTLY, interval: 1 });
    const isReady = async (): Promise<boolean> => (await listener.readiness()).ready;
    await vi.waitUntil(isReady, { ...PATIENTLY, interval: 5 });
    const tookMs = performance.now() - lostMs;
    await losing;
    return tookMs;
  }

  it('B1, B6: a reply that is published meanwhile is late by no more than that', async () => {
    proxy.reset();
    bus.reply({ correlationId: bus.correlationId(workflow.workflowId), body: READY });
    await vi.waitFor(async () => expect(await workflow.replies()).toHaveLength(1), PATIENTLY);
  });
});
