/**
 * Temporal is away, silent or refuses calls, or receives each reply many times. Each reply is held until Temporal
 * has accepted it, and is then one event.
 */
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { makeCorrelationId } from '../../src/shared/correlation-id.js';
import { BareWorkflow } from '../support/bare-workflow.js';
import { ACK, Bus, READY } from '../support/bus.js';
import { Deployment, PATIENTLY, type Role } from '../support/deployment.js';
import { ManoProcess } from '../support/mano-process.js';
import { startOwnTemporal, type OwnTemporal } from '../support/own-temporal.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TemporalFront } from '../support/temporal-front.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LIMIT_MS = 180_000;
/** What a listener holds at most. */
const PREFETCH = 200;
const COPIES = 2_000;
const HELD_CODES = [
  status.RESOURCE_EXHAUSTED,
  status.DEADLINE_EXCEEDED,
  status.UNAVAILABLE,
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
];
const PATIENT = { ackTimeout: '60s', finalTimeout: '60s' };

// They wait more than they work.
vi.setConfig({ maxConcurrency: 20 });

let client: Client;
let bus: Bus;
let mano: ManoProcess;
let own: OwnTemporal;
/** A deployment to which nothing is done. */
let well: { deployment: Deployment; listener: Role };
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
  [bus, mano, own] = await Promise.all([
    Bus.open(amqpUrl),
    ManoProcess.start({ amqpUrl, migrationMs: 3_000 }),
    startOwnTemporal(),
  ]);
  const deployment = await deploy();
  well = { deployment, listener: await deployment.startListener() };
});
afterAll(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  await Promise.all([bus.close(), mano.close(), own.close(), client.connection.close()]);
});

async function deploy(address = temporalAddress, settings: Record<string, string> = {}): Promise<Deployment> {
  const deployment = await Deployment.open({ amqpUrl, temporalAddress: address, mano, settings });
  ending.push(() => deployment.close());
  return deployment;
}

async function openProxy(): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(temporalAddress);
  ending.push(() => proxy.close());
  return proxy;
}

async function openFront(): Promise<TemporalFront> {
  const front = await TemporalFront.open(temporalAddress);
  ending.push(async () => {
    front.close();
    await Promise.resolve();
  });
  return front;
}

/** As the MANO replies to a workflow of this deployment. */
function reply(deployment: Deployment, { workflowId, body }: { workflowId: string; body: string }): void {
  const nonce = randomUUID().slice(0, 8);
  const correlationId = makeCorrelationId({ deployment: deployment.name, workflowId, nonce });
  bus.replyOn(mano.exchange, { correlationId, body });
}

describe.concurrent('Temporal', { timeout: LIMIT_MS }, () => {
  it('T1: killed when replies arrive: held up to the prefetch, not ready, no nack loop; delivered after', async () => {
    const deployment = await deploy(own.address);
    const worker = await deployment.startWorker();
    const bare = await BareWorkflow.start(deployment.client);
    const migration = await deployment.migrate(PATIENT);
    await migration.until({ phase: 'awaiting-final' });
    await own.temporal.kill();
    const more = PREFETCH + 50;
    for (let number = 0; number < more; number += 1) {
      reply(deployment, {
        workflowId: bare.workflowId,
        body: `{status: ERROR, error: '${number}', timestamp: 1}`,
      });
    }
    await worker.untilNotReady(/"listener on Temporal":{"ready":false/);
    await vi.waitUntil(async () => (await worker.held()) === PREFETCH, PATIENTLY);
    await vi.waitUntil(() => mano.replies(migration.ids).some(({ isFinal }) => isFinal), PATIENTLY);
    await vi.waitUntil(
      async () => (await bus.waitingIn(deployment.queues.replies)) === more + 1 - PREFETCH,
      PATIENTLY,
    );
    expect(await worker.isAlive()).toBe(true);
    expect(await worker.held()).toBe(PREFETCH);
    expect(await worker.fate('requeued')).toBe(0);
    await own.temporal.start();
    expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
    await vi.waitFor(async () => expect(await bare.replies()).toHaveLength(more), PATIENTLY);
    await worker.untilReady();
    expect(migration.requests()).toHaveLength(1);
  });

  it('T3: the signal was applied, its answer lost and its listener killed: one event', async () => {
    const deployment = await deploy();
    const temporal = await openProxy();
    const deaf = await deployment.startListener({ TEMPORAL_ADDRESS: temporal.address });
    const bare = await BareWorkflow.start(client);
    temporal.set('toClient', 'drop');
    reply(deployment, { workflowId: bare.workflowId, body: ACK });
    await vi.waitFor(async () => expect(await bare.replies()).toHaveLength(1), PATIENTLY);
    expect(await deaf.held()).toBe(1);
    await deaf.kill();
    const next = await deployment.startListener();
    await vi.waitUntil(async () => (await next.fate('signalled')) === 1, PATIENTLY);
    expect(await bare.replies()).toHaveLength(1);
  });

  it('T4: no such workflow: a final is parked; closed and carried out: late', async () => {
    const { deployment, listener } = well;
    const closed = await BareWorkflow.start(client);
    await closed.complete();
    reply(deployment, { workflowId: randomUUID(), body: READY });
    reply(deployment, { workflowId: randomUUID(), body: ACK });
    reply(deployment, { workflowId: closed.workflowId, body: READY });
    await vi.waitUntil(async () => (await listener.fate('late')) === 2, PATIENTLY);
    await vi.waitUntil(async () => (await listener.fate('parked')) === 1, PATIENTLY);
    expect(await bus.waitingIn(deployment.queues.parked)).toBe(1);
  });

  it('T4: no such namespace: held, not ready, never parked', async () => {
    const deployment = await deploy();
    const absent = { TEMPORAL_NAMESPACE: `absent-${randomUUID()}` };
    const listener = await deployment.startRole(['listener'], absent);
    const consumes = async (): Promise<boolean> =>
      (await listener.readiness()).parts['listener on the broker']?.ready === true;
    await vi.waitUntil(consumes, PATIENTLY);
    reply(deployment, { workflowId: randomUUID(), body: READY });
    await listener.untilNotReady(/[Nn]amespace.*not found/);
    await vi.waitUntil(async () => (await listener.held()) === 1, PATIENTLY);
    expect(await bus.waitingIn(deployment.queues.parked)).toBe(0);
  });

  it('T4: refuses us, overloaded, late, away: not ready, tried again, never parked; an invalid signal is parked', async () => {
    const deployment = await deploy();
    const front = await openFront();
    const listener = await deployment.startListener({ TEMPORAL_ADDRESS: front.address });
    const start = (): Promise<BareWorkflow> => BareWorkflow.start(client);
    const [invalid, ...held] = await Promise.all([start(), ...HELD_CODES.map(start)]);
    front.fail(
      { code: status.INVALID_ARGUMENT, about: invalid.workflowId },
      ...held.map(({ workflowId }, index) => ({ code: HELD_CODES[index]!, about: workflowId })),
    );
    for (const { workflowId } of [invalid, ...held]) reply(deployment, { workflowId, body: READY });
    await listener.untilNotReady(/"listener on Temporal":[^}]*told to answer/);
    await listener.untilSaid('Temporal accepts no signals; holding replies');
    const isTriedAgain = ({ workflowId }: BareWorkflow): boolean => (front.refused.get(workflowId) ?? 0) > 1;
    await vi.waitUntil(() => held.every(isTriedAgain), PATIENTLY);
    await vi.waitUntil(async () => (await listener.fate('parked')) === 1, PATIENTLY);
    expect(await listener.held()).toBe(HELD_CODES.length);
    front.pass();
    await vi.waitUntil(async () => (await listener.fate('signalled')) === HELD_CODES.length, PATIENTLY);
    await listener.untilReady();
    for (const workflow of held) expect(await workflow.replies()).toHaveLength(1);
    expect(await invalid.replies()).toEqual([]);
    expect(await bus.waitingIn(deployment.queues.parked)).toBe(1);
  });

  it('T5: two thousand copies of one reply are one event; the rest is counted', async () => {
    const { deployment, listener } = well;
    const bare = await BareWorkflow.start(client);
    const id = { deployment: deployment.name, workflowId: bare.workflowId, nonce: '1' };
    const copy = { correlationId: makeCorrelationId(id), body: READY };
    for (let sent = 0; sent < COPIES; sent += 1) bus.replyOn(mano.exchange, copy);
    await vi.waitUntil(async () => (await listener.fate('repeated')) === COPIES - 3, PATIENTLY);
    expect(await listener.fate('signalled')).toBe(3);
    expect(await bare.replies()).toHaveLength(1);
  });
});
