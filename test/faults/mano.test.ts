/**
 * Faults of the MANO and its bus: replies lost, late, doubled and forged, and a MANO that dies, hangs, or exists
 * twice.
 *
 * Each test moves VNFs of its own services, so that the tests run in parallel. A test that kills, stops or slows a
 * MANO has its own MANO.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { MIGRATE_TOPIC } from '../../src/mano/topics.js';
import { entriesOf } from '../../src/simulator/index.js';
import { Bus, READY } from '../support/bus.js';
import { runCli } from '../support/cli.js';
import { Deployment, PATIENTLY, type Role } from '../support/deployment.js';
import { ManoProcess, type ManoOptions, type VnfIds } from '../support/mano-process.js';

const { amqpUrl, temporalAddress } = inject('stack');
const LIMIT_MS = 180_000;
const FOREIGN = 2_000;
/** Where nothing but the fault itself may end a wait. */
const PATIENT = { ackTimeout: '60s', finalTimeout: '60s' };

interface Site {
  mano: ManoProcess;
  /** Without a repository. */
  plain: Deployment;
  worker: Role;
  /** With one. */
  informed: Deployment;
  /** Without one, on the bus of a MANO that is slow. */
  slow: Deployment;
}

// They wait more than they work.
vi.setConfig({ maxConcurrency: 20 });

let site: Site;
let bus: Bus;
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  bus = await Bus.open(amqpUrl);
  const [mano, slowMano] = await Promise.all([
    startMano({ migrationMs: 3_000 }),
    startMano({ ackDelayMs: 1_500 }),
  ]);
  const [plain, informed, slow] = await Promise.all([
    deploy(mano),
    deployWithRepository(mano),
    deploy(slowMano),
  ]);
  const [worker] = await Promise.all([plain, informed, slow].map((deployment) => deployment.startWorker()));
  site = { mano, plain, worker: worker!, informed, slow };
});
afterAll(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  await bus.close();
});

async function startMano(options: Partial<ManoOptions> = {}): Promise<ManoProcess> {
  const mano = await ManoProcess.start({ amqpUrl, ...options });
  ending.push(() => mano.close());
  return mano;
}

async function deploy(mano: ManoProcess, settings: Record<string, string> = {}): Promise<Deployment> {
  const deployment = await Deployment.open({ amqpUrl, temporalAddress, mano, settings });
  ending.push(() => deployment.close());
  return deployment;
}

function deployWithRepository(mano: ManoProcess): Promise<Deployment> {
  return deploy(mano, { REPOSITORY_URL: mano.repositoryUrl });
}

/** As another requester asks, by the same topic. */
function askAsSomebodyElse(
  exchange: string,
  { ids, correlationId }: { ids: VnfIds; correlationId: string },
): void {
  const { serviceInstanceUuid: service_instance_uuid, vnfUuid: vnf_uuid, vimUuid: vim_uuid } = ids;
  const body = Buffer.from(JSON.stringify({ service_instance_uuid, vnf_uuid, vim_uuid }));
  bus.channel.publish(exchange, MIGRATE_TOPIC, body, {
    appId: 'somebody',
    correlationId,
    replyTo: MIGRATE_TOPIC,
  });
}

describe.concurrent('a reply', { timeout: LIMIT_MS }, () => {
  it('M1: the ack is lost: the probe says busy, it waits on, and the final counts', async () => {
    const { mano, plain } = site;
    const ids = mano.take();
    await mano.addRules({ behaviour: 'ack-lost', vnfUuid: ids.vnfUuid });
    const migration = await plain.migrate({ ackTimeout: '500ms', finalTimeout: '60s' }, ids);
    expect(await migration.result()).toMatchObject({
      outcome: 'migrated',
      evidence: 'reply',
      attempts: [{ ackedAt: null, sent: 'confirmed' }],
    });
    expect(migration.requests()).toHaveLength(1);
    expect(migration.probes().length).toBeGreaterThan(0);
  });

  it('M2: the final is lost: the probe says free, the records say moved', async () => {
    const { mano, informed } = site;
    const ids = mano.take();
    await mano.addRules({ behaviour: 'final-lost', vnfUuid: ids.vnfUuid });
    const migration = await informed.migrate({}, ids);
    expect(await migration.result()).toMatchObject({
      outcome: 'migrated',
      evidence: 'repository',
      newVnfUuid: expect.any(String) as string,
    });
    expect(migration.requests()).toHaveLength(1);
  });

  it('M3: ack after final, five acks, five finals: the same verdict, one event for each reply', async () => {
    const { mano, plain } = site;
    const [reversed, doubled, both] = [mano.take(), mano.take(), mano.take()];
    const late = { behaviour: 'ack-late', delayMs: 4_500 } as const;
    const finals = { behaviour: 'duplicate-final', copies: 5, delayMs: 20 } as const;
    await mano.addRules(
      { ...late, vnfUuid: reversed.vnfUuid },
      { behaviour: 'duplicate-ack', copies: 5, delayMs: 20, vnfUuid: doubled.vnfUuid },
      { ...finals, vnfUuid: doubled.vnfUuid },
      { ...late, vnfUuid: both.vnfUuid },
      { ...finals, vnfUuid: both.vnfUuid },
    );
    const migrations = await Promise.all([reversed, doubled, both].map((ids) => plain.migrate(PATIENT, ids)));
    for (const migration of migrations) {
      const result = await migration.result();
      expect(result).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
      expect(result.attempts).toHaveLength(1);
      expect(migration.requests()).toHaveLength(1);
    }
    const statuses = (await migrations[1]!.signals()).map(({ status }) => status);
    expect(statuses).toEqual(['MIGRATING', 'READY']);
  });

  it('M4: a late ack of an earlier attempt stops the newer one, and its late final counts', async () => {
    const { mano, plain } = site;
    const ids = mano.take();
    const { vnfUuid } = ids;
    await mano.addRules(
      { behaviour: 'ack-late', nth: 1, delayMs: 11_000, vnfUuid },
      { behaviour: 'final-late', nth: 1, delayMs: 16_000, vnfUuid },
      { behaviour: 'request-lost', nth: 2, vnfUuid },
    );
    // Asked when the move is over and its replies are still to come: free.
    const migration = await plain.migrate({ ackTimeout: '4s', finalTimeout: '60s', maxAttempts: 5 }, ids);
    const result = await migration.result();
    expect(result).toMatchObject({
      outcome: 'migrated',
      evidence: 'late-reply',
      attempts: [
        { finalAt: expect.any(String) as string },
        { reason: 'probe-says-not-taken', ackedAt: null },
      ],
    });
    expect(result.attempts).toHaveLength(2);
    expect(migration.requests()).toHaveLength(2);
  });

  it('M5: "still going on" with the id of the running attempt is no failure', async () => {
    const { mano, plain } = site;
    const migration = await plain.migrate(PATIENT);
    const { attempts } = await migration.until({ phase: 'awaiting-final' });
    const { correlationId } = attempts[0]!;
    askAsSomebodyElse(mano.exchange, { ids: migration.ids, correlationId });
    const errors = async (): Promise<(string | null)[]> =>
      (await migration.signals()).map(({ error }) => error);
    await vi.waitFor(async () => expect((await errors()).join()).toContain('still going on'), PATIENTLY);
    expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
    expect(migration.requests()).toHaveLength(1);
  });

  it('M10: two thousand foreign messages with bombs in them are dropped unread, our own replies arrive', async () => {
    const { mano, plain, worker } = site;
    const before = await worker.fate('foreign');
    const bomb = `a: &a [${'x,'.repeat(1_000)}]\nb: [${'*a,'.repeat(50)}]\nstatus: READY\n`;
    const exchange = mano.exchange;
    for (let number = 0; number < FOREIGN; number += 1)
      bus.replyOn(exchange, { correlationId: randomUUID(), body: bomb });
    const migration = await plain.migrate(PATIENT);
    expect(await migration.result()).toMatchObject({ outcome: 'migrated' });
    await vi.waitUntil(async () => (await worker.fate('foreign')) - before >= FOREIGN, PATIENTLY);
  });

  it('M11: a forged READY is set aside, because the records still list the VNF', async () => {
    const { mano, informed } = site;
    const ids = mano.take();
    await mano.addRules({ behaviour: 'ia-silent', vnfUuid: ids.vnfUuid });
    const migration = await informed.migrate({ ...PATIENT, deadline: '12s' }, ids);
    const { attempts } = await migration.until({ phase: 'awaiting-final' });
    bus.replyOn(mano.exchange, { correlationId: attempts[0]!.correlationId, body: READY });
    expect(await migration.failure()).toMatchObject({ type: 'MigrationOutcomeUnknown' });
    expect((await migration.signals()).map(({ status }) => status)).toEqual(['MIGRATING', 'READY']);
    expect(migration.requests()).toHaveLength(1);
  });
});

describe.concurrent('a MANO', { timeout: LIMIT_MS }, () => {
  it('M6: busy for ever: ServiceBusy after busyTimeout, and that it must be restarted', async () => {
    const { mano, plain } = site;
    const ids = mano.take();
    await mano.addRules({ behaviour: 'ia-silent', vnfUuid: ids.vnfUuid });
    askAsSomebodyElse(mano.exchange, { ids, correlationId: randomUUID() });
    await vi.waitUntil(() => mano.moves(ids).length === 1, PATIENTLY);
    const migration = await plain.migrate({ busyTimeout: '4s' }, ids);
    expect(await migration.failure()).toMatchObject({
      type: 'ServiceBusy',
      message: expect.stringMatching(/must be restarted/) as string,
    });
    // Nothing but what locked it was begun.
    expect(mano.moves(ids)).toHaveLength(1);
  });

  it('M7: killed mid-way: silence, the probe says free, and only the records say whether to send again', async () => {
    const mano = await startMano({ migrationMs: 3_000 });
    const deployment = await deployWithRepository(mano);
    await deployment.startWorker();
    const [moved, untouched] = [mano.take(), mano.take()];
    await mano.addRules({ behaviour: 'final-late', delayMs: 600_000, vnfUuid: moved.vnfUuid });
    const done = await deployment.migrate({ finalTimeout: '6s' }, moved);
    await vi.waitUntil(() => changes(mano, moved).length === 4, PATIENTLY);
    const begun = await deployment.migrate({}, untouched);
    await begun.until({ phase: 'awaiting-final' });
    await mano.restart();
    expect(changes(mano, untouched)).toEqual([]);
    expect(await begun.result()).toMatchObject({
      outcome: 'migrated',
      attempts: [{ reason: 'first' }, { reason: 'repository-says-untouched' }],
    });
    expect(begun.requests()).toHaveLength(2);
    expect(await done.result()).toMatchObject({ outcome: 'migrated', evidence: 'repository' });
    expect(done.requests()).toHaveLength(1);
  });

  it('M7b: blocked for long: probes unanswered are not "free", and all late answers count', async () => {
    const { slow } = site;
    slow.mano.freeze();
    const policy = { ackTimeout: '500ms', probeTimeout: '500ms', finalTimeout: '60s' };
    const migration = await slow.migrate({ ...policy, maximumInterval: '4s' });
    await vi.waitFor(async () => {
      expect((await migration.state()).attempts[0]?.notes.length).toBeGreaterThan(2);
    }, PATIENTLY);
    slow.mano.thaw();
    const result = await migration.result();
    expect(result).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
    expect(result.attempts).toHaveLength(1);
    expect(migration.requests()).toHaveLength(1);
  });

  it('M7c: could not remove the old VNF: no retry, whatever the policy, and the copy is named', async () => {
    const { mano, informed } = site;
    const ids = mano.take();
    await mano.addRules({ behaviour: 'removal-fails', vnfUuid: ids.vnfUuid });
    const migration = await informed.migrate({ ...PATIENT, onUnknownOutcome: 'retry' }, ids);
    const failure = await migration.failure();
    expect(failure).toMatchObject({ type: 'MigrationFailed', state: { mayBeRunning: true } });
    const copy = changes(mano, ids).find(({ change }) => change === 'recorded');
    expect(failure.message).toContain(copy?.move.newVnfUuid);
    expect(migration.requests()).toHaveLength(1);
  });

  it('M8: there twice: migrated, because one of the two says READY; the doctor sees both', async () => {
    const mano = await startMano({ migrationMs: 5_000 });
    const { exchange, seed } = mano;
    const second = await startMano({ exchange, seed });
    const deployment = await deployWithRepository(mano);
    await deployment.startWorker();
    const ids = mano.take();
    await second.addRules({ behaviour: 'placement-fails', vnfUuid: ids.vnfUuid });
    const migration = await deployment.migrate(
      { ...PATIENT, initialInterval: '30s', maximumInterval: '30s' },
      ids,
    );
    expect(await migration.result()).toMatchObject({
      outcome: 'migrated',
      evidence: 'reply',
      attempts: [{ reason: 'first' }],
    });
    expect((await migration.signals()).map(({ status }) => status)).toEqual(['MIGRATING', 'ERROR', 'READY']);
    const environment = { TEMPORAL_ADDRESS: temporalAddress, AMQP_URL: amqpUrl, AMQP_EXCHANGE: exchange };
    const { stdout } = await runCli(['doctor'], environment);
    expect(stdout).toMatch(/MANO: 2 answer/);
  });

  it('M9: slow, so that each ack comes long after its time: no second request', async () => {
    const { slow } = site;
    const policy = { ackTimeout: '500ms', finalTimeout: '60s', initialInterval: '2s', maximumInterval: '4s' };
    const migrations = await Promise.all([1, 2, 3].map(() => slow.migrate(policy)));
    for (const migration of migrations) {
      expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
      expect(migration.requests()).toHaveLength(1);
    }
  });
});

/** What was done, step by step, for the move of a VNF. */
function changes(mano: ManoProcess, { vnfUuid }: VnfIds) {
  return entriesOf(mano.ledger(), 'record').flatMap(({ change }) =>
    change.change !== 'added' && change.move.vnfUuid === vnfUuid ? [change] : [],
  );
}
