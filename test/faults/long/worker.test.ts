/**
 * A worker is killed or stopped near its publish, when a request could be lost or sent twice. The tests wait mostly
 * for time limits that a user cannot shorten either.
 */
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Deployment, PATIENTLY, type Migration } from '../../support/deployment.js';
import { ManoProcess } from '../../support/mano-process.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LIMIT_MS = 240_000;
/** More than any heartbeat, less than any request. */
const REQUEST_BYTES = 150;

let mano: ManoProcess;
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  mano = await ManoProcess.start({ amqpUrl, services: 10, migrationMs: 3_000 });
});
afterAll(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  await mano.close();
});

async function deploy(settings: Record<string, string> = {}): Promise<Deployment> {
  const deployment = await Deployment.open({ amqpUrl, temporalAddress, mano, settings });
  ending.push(() => deployment.close());
  return deployment;
}

async function proxyTo(target: string): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(target);
  ending.push(() => proxy.close());
  return proxy;
}

/** Resolves once the request was written to the broker behind the proxy, whether or not it gets there. */
async function written(proxy: TcpProxy, start: () => Promise<Migration>): Promise<Migration> {
  const before = proxy.seen('toServer');
  const migration = await start();
  await vi.waitUntil(() => proxy.seen('toServer') > before + REQUEST_BYTES, PATIENTLY);
  return migration;
}

describe.concurrent('the worker', { timeout: LIMIT_MS }, () => {
  it('W1: killed before the request leaves: perhaps sent, the probe says free, the next attempt moves it', async () => {
    const deployment = await deploy();
    const broker = await proxyTo(amqpUrl);
    const worker = await deployment.startWorker({ AMQP_URL: broker.urlOf(amqpUrl) });
    broker.set('toServer', 'drop');
    const migration = await written(broker, () => deployment.migrate());
    await worker.kill();
    await deployment.startWorker();
    expect(await migration.result()).toMatchObject({
      outcome: 'migrated',
      evidence: 'reply',
      attempts: [
        { sent: 'perhaps', reason: 'first', replies: [] },
        { sent: 'confirmed', reason: 'probe-says-not-taken' },
      ],
    });
    expect(migration.requests()).toHaveLength(1);
    expect(migration.probes().length).toBeGreaterThan(0);
  });

  it('W2: killed after the write, before the confirm: not published again; replies, or probe and records, tell', async () => {
    const deployment = await deploy({ REPOSITORY_URL: mano.repositoryUrl });
    const broker = await proxyTo(amqpUrl);
    const worker = await deployment.startWorker({ AMQP_URL: broker.urlOf(amqpUrl) });
    // The confirm never arrives.
    broker.set('toClient', 'drop');
    const [answered, unanswered] = [mano.take(), mano.take()];
    const { vnfUuid } = unanswered;
    await mano.addRules({ behaviour: 'ack-lost', vnfUuid }, { behaviour: 'final-lost', vnfUuid });
    const told = await deployment.migrate({}, answered);
    const untold = await deployment.migrate({}, unanswered);
    await vi.waitUntil(() => told.requests().length > 0 && untold.requests().length > 0, PATIENTLY);
    await worker.kill();
    await deployment.startWorker();
    expect(await told.result()).toMatchObject({ evidence: 'reply', attempts: [{ sent: 'perhaps' }] });
    expect(await untold.result()).toMatchObject({ evidence: 'repository', attempts: [{ sent: 'perhaps' }] });
    expect(untold.probes().length).toBeGreaterThan(0);
    for (const migration of [told, untold]) {
      expect((await migration.result()).attempts).toHaveLength(1);
      expect(migration.requests()).toHaveLength(1);
    }
  });

  it('W2: killed after the confirm, before the activity completes: not published again', async () => {
    const deployment = await deploy();
    const [broker, temporal] = await Promise.all([proxyTo(amqpUrl), proxyTo(temporalAddress)]);
    const settings = { AMQP_URL: broker.urlOf(amqpUrl), TEMPORAL_ADDRESS: temporal.address };
    const worker = await deployment.startWorker(settings);
    broker.set('toServer', 'hold');
    const migration = await written(broker, () => deployment.migrate());
    // Its word will not reach Temporal any more.
    temporal.set('toServer', 'drop');
    broker.set('toServer', 'pass');
    const confirmed = (): Promise<number> =>
      worker.metric('vnf_migrator_publish_latency_count', { sent: 'confirmed' });
    await vi.waitUntil(async () => (await confirmed()) === 1, PATIENTLY);
    await worker.kill();
    await deployment.startWorker();
    const result = await migration.result();
    expect(result).toMatchObject({ outcome: 'migrated', evidence: 'reply', attempts: [{ sent: 'perhaps' }] });
    expect(result.attempts).toHaveLength(1);
    expect(migration.requests()).toHaveLength(1);
  });

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
