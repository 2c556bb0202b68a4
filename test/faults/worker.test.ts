/**
 * The worker is killed while it waits, and stopped under load. Faults near its publish take longer, and are in
 * long/worker.
 */
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Deployment, PATIENTLY } from '../support/deployment.js';
import { ManoProcess } from '../support/mano-process.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LIMIT_MS = 240_000;
const LOAD = 25;

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

describe.concurrent('the worker', { timeout: LIMIT_MS }, () => {
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
