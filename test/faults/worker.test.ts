/**
 * The worker killed, stopped and ended at the points where a request could be lost, or sent twice.
 *
 * Each test has a deployment of its own and they run beside each other: most of their time is spent waiting for
 * time limits that a user could not shorten either.
 */
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Deployment, PATIENTLY, type Migration } from '../support/deployment.js';
import { ManoProcess } from '../support/mano-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LIMIT_MS = 240_000;
const LOAD = 25;
/** More than any heartbeat, less than any request. */
const REQUEST_BYTES = 150;

// They wait more than they work.
vi.setConfig({ maxConcurrency: 20 });

let mano: ManoProcess;
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // Slow enough for a worker to die and come back meanwhile.
  mano = await ManoProcess.start({ amqpUrl, services: 40, migrationMs: 3_000 });
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

  it('W3: killed while it waits, between any two events: the same outcome, one request each', async () => {
    const deployment = await deploy();
    const first = await deployment.startWorker();
    const [acked, probed, late] = [mano.take(), mano.take(), mano.take()];
    await mano.addRules(
      { behaviour: 'ack-lost', vnfUuid: probed.vnfUuid },
      { behaviour: 'ack-late', delayMs: 5_000, vnfUuid: late.vnfUuid },
    );
    const patient = { ackTimeout: '30s', finalTimeout: '30s' };
    const [beforeFinal, afterProbe, beforeAck] = await Promise.all([
      deployment.migrate(patient, acked),
      deployment.migrate({ ackTimeout: '1s', finalTimeout: '30s' }, probed),
      deployment.migrate(patient, late),
    ]);
    await Promise.all([
      beforeFinal.until({ phase: 'awaiting-final' }),
      afterProbe.until({ phase: 'awaiting-final' }),
      beforeAck.until({ phase: 'awaiting-ack' }),
    ]);
    await first.kill();
    await (await deployment.startWorker()).kill();
    // The last events come while nobody is there.
    const all = [beforeFinal, afterProbe, beforeAck];
    const ready = ({ ids }: (typeof all)[0]): boolean =>
      mano.replies(ids).some(({ status }) => status === 'READY');
    await vi.waitUntil(() => all.every(ready), PATIENTLY);
    await deployment.startWorker();
    for (const migration of all) {
      const result = await migration.result();
      expect(result).toMatchObject({
        outcome: 'migrated',
        evidence: 'reply',
        attempts: [{ sent: 'confirmed' }],
      });
      expect(migration.requests()).toHaveLength(1);
    }
  });

  it('W5: SIGTERM under load: it ends with 0 within its grace time, nothing is lost or applied twice', async () => {
    const deployment = await deploy();
    const worker = await deployment.startWorker();
    const patient = { ackTimeout: '60s', finalTimeout: '60s' };
    const migrations = await Promise.all(Array.from({ length: LOAD }, () => deployment.migrate(patient)));
    const replies = (): number => migrations.flatMap(({ ids }) => mano.replies(ids)).length;
    // Between the acks and the last finals.
    await vi.waitUntil(() => replies() > LOAD, PATIENTLY);
    const startedMs = performance.now();
    expect(await worker.stop()).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(45_000);
    await deployment.startWorker();
    for (const migration of migrations) {
      expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
      expect(migration.requests()).toHaveLength(1);
      expect((await migration.signals()).map(({ status }) => status).sort()).toEqual(['MIGRATING', 'READY']);
    }
  });
});
