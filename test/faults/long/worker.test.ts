/** A worker that is stopped for longer than its activity may take. */
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Deployment, PATIENTLY } from '../../support/deployment.js';
import { ManoProcess } from '../../support/mano-process.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LIMIT_MS = 240_000;

let mano: ManoProcess;
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  mano = await ManoProcess.start({ amqpUrl, services: 10, migrationMs: 3_000 });
});
afterAll(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  await mano.close();
});

async function deploy(): Promise<Deployment> {
  const deployment = await Deployment.open({ amqpUrl, temporalAddress, mano, settings: {} });
  ending.push(() => deployment.close());
  return deployment;
}

async function proxyTo(target: string): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(target);
  ending.push(() => proxy.close());
  return proxy;
}

describe('the worker', { timeout: LIMIT_MS }, () => {
  it('W4: stopped longer than its activity may take, and woken: it writes nothing any more', async () => {
    const deployment = await deploy();
    const [broker, temporal] = await Promise.all([proxyTo(amqpUrl), proxyTo(temporalAddress)]);
    await broker.refuse();
    const settings = { AMQP_URL: broker.urlOf(amqpUrl), TEMPORAL_ADDRESS: temporal.address };
    const sleeper = await deployment.startRole(['worker'], settings);
    const migration = await deployment.migrate({ publishTimeout: '3m' });
    await vi.waitUntil(() => migration.hasStartedActivity(), PATIENTLY);
    sleeper.freeze();
    await deployment.startWorker();
    // What Temporal hands to the sleeper first is lost for a while.
    const given = { timeout: LIMIT_MS / 2 };
    const { attempts } = await migration.until({ attempts: [{ sent: 'perhaps' }] }, given);
    // Nobody tells the sleeper that it was given up: it must ask before it writes.
    temporal.set('toClient', 'hold');
    await broker.accept();
    sleeper.thaw();
    const publishes = (): Promise<number> => sleeper.metric('vnf_migrator_publish_latency_count');
    await vi.waitUntil(async () => (await publishes()) > 0, PATIENTLY);
    expect(await sleeper.metric('vnf_migrator_publish_latency_count', { sent: 'not-sent' })).toBe(1);
    await migration.cancel();
    const ids = migration.requests().map(({ correlationId }) => correlationId);
    expect(ids).not.toContain(attempts[0]!.correlationId);
  });
});
