/** High load: processes killed at random, a large backlog, and a bus full of messages for other receivers. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { repliesQueue } from '../../../src/amqp/topology.js';
import { MIGRATE_TOPIC, SLM_APP_ID } from '../../../src/mano/topics.js';
import { seededRandom } from '../../../src/simulator/random.js';
import { accountOf, type Migration as Accounted } from '../../chaos/accounting.js';
import { BareWorkflow } from '../../support/bare-workflow.js';
import { Bus } from '../../support/bus.js';
import { Deployment, PATIENTLY, Role, type Migration } from '../../support/deployment.js';
import { p99, report } from '../../support/figures.js';
import { ManoProcess } from '../../support/mano-process.js';
import { startOwnBroker, type OwnBroker } from '../../support/own-broker.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const { temporalAddress } = inject('stack');
const LIMIT_MS = 900_000;
const PREFETCH = 200;
const SEED = process.env['FAULTS_SEED'] ?? randomUUID().slice(0, 8);

const MIGRATIONS = 100;
const KILLS = 30;
const KILL_EVERY_MS = 2_000;

const BACKLOG = 300_000;
const BATCH = 10_000;
const MOST_MEMORY_MB = 400;

const FOREIGN_A_SECOND = 5_000;
const FLOOD_MS = 30_000;
const TICK_MS = 20;
const OWN_EVERY_TICKS = 2;
const OWN_WITHIN_MS = 1_000;

let broker: OwnBroker;
let client: Client;

beforeAll(async () => {
  broker = await startOwnBroker();
  client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
});
afterAll(async () => {
  await client.connection.close();
  await broker.close();
});

describe('killed at random', { timeout: LIMIT_MS }, () => {
  it('L1: three workers, two listeners, replies lost and doubled: nothing is lost, nothing is done twice', async () => {
    console.log(`seed ${SEED} (FAULTS_SEED)`);
    const mano = await ManoProcess.start({
      amqpUrl: broker.amqpUrl,
      services: MIGRATIONS,
      migrationMs: 2_000,
    });
    await mano.addRules(
      { behaviour: 'ack-lost', probability: 0.05 },
      { behaviour: 'duplicate-ack', probability: 0.1 },
      { behaviour: 'final-lost', probability: 0.05 },
      { behaviour: 'duplicate-final', probability: 0.1 },
    );
    const settings = { REPOSITORY_URL: mano.repositoryUrl };
    const deployment = await Deployment.open({ amqpUrl: broker.amqpUrl, temporalAddress, mano, settings });
    onTestFinished(async () => {
      await deployment.close();
      await mano.close();
    });
    const start = [
      ...Array.from({ length: 3 }, () => () => deployment.startRole(['worker', '--no-listener'])),
      ...Array.from({ length: 2 }, () => () => deployment.startRole(['listener'])),
    ];
    const roles = await Promise.all(start.map((role) => role()));
    const migrations: Migration[] = [];
    const starting = (async () => {
      while (migrations.length < MIGRATIONS) {
        migrations.push(
          await deployment.migrate({ ackTimeout: '10s', finalTimeout: '10s', maximumInterval: '5s' }),
        );
        await delay((KILLS * KILL_EVERY_MS) / MIGRATIONS);
      }
    })();
    const random = seededRandom(SEED);
    for (let kill = 0; kill < KILLS; kill += 1) {
      await delay(KILL_EVERY_MS);
      const victim = random.between(0, roles.length - 1);
      await roles[victim]!.kill();
      roles[victim] = await start[victim]!();
    }
    await starting;
    const ended = await Promise.all(
      migrations.map(async (migration): Promise<Accounted> => {
        const { ids, workflowId } = migration;
        return { ...ids, workflowId, ending: await migration.ending() };
      }),
    );
    const { violations, ...account } = accountOf({
      migrations: ended,
      ledger: mano.ledger(),
      world: await mano.world(),
    });
    console.log(JSON.stringify(account));
    expect(violations).toEqual([]);
    expect(account).toMatchObject({ attempted: MIGRATIONS, lost: 0, duplicated: 0, unexpected: 0 });
  });
});

describe('a backlog', { timeout: LIMIT_MS }, () => {
  it('L2: of 300,000 messages, Temporal away and back: memory and deliveries bounded by the prefetch', async () => {
    const bus = await Bus.open(broker.amqpUrl);
    const temporal = await TcpProxy.open(temporalAddress);
    const workflow = await BareWorkflow.start(client);
    const first = await Role.listenOn(bus, { TEMPORAL_ADDRESS: temporalAddress });
    await first.untilReady();
    await first.stop();
    const ours = PREFETCH + 100;
    await fill(bus, { ours, workflow });
    await temporal.refuse();
    const listener = await Role.listenOn(bus, { TEMPORAL_ADDRESS: temporal.address });
    onTestFinished(() => listener.end());
    const memory: number[] = [];
    const watch = setInterval(() => void residentMb(listener.pid).then((mb) => memory.push(mb)), 200);
    await vi.waitUntil(async () => (await listener.held()) === PREFETCH, PATIENTLY);
    // The broker counts now and then.
    await vi.waitUntil(async () => (await unacked(bus)) === PREFETCH, { ...PATIENTLY, interval: 1_000 });
    await delay(10_000);
    expect(await unacked(bus)).toBe(PREFETCH);
    await temporal.accept();
    const startedMs = performance.now();
    await vi.waitUntil(async () => (await listener.fate('foreign')) === BACKLOG, {
      timeout: LIMIT_MS,
      interval: 500,
    });
    const seconds = (performance.now() - startedMs) / 1_000;
    await vi.waitUntil(async () => (await listener.fate('signalled')) === ours, PATIENTLY);
    clearInterval(watch);
    const most = Math.max(...memory);
    console.log(
      `backlog of ${BACKLOG}: ${Math.round(BACKLOG / seconds)} a second; memory ${Math.round(memory[0]!)} MB at first, ` +
        `${Math.round(most)} MB at most`,
    );
    expect(most).toBeLessThan(MOST_MEMORY_MB);
    await temporal.close();
    await bus.close();
  });

  /** Ours come first, so that the foreign ones wait behind them. */
  async function fill(bus: Bus, { ours, workflow }: { ours: number; workflow: BareWorkflow }): Promise<void> {
    const model = await connect(broker.amqpUrl);
    const channel = await model.createConfirmChannel();
    const publish = (correlationId: string, body: string): boolean =>
      channel.publish(bus.exchange, MIGRATE_TOPIC, Buffer.from(body), { correlationId, appId: SLM_APP_ID });
    const ourId = bus.correlationId(workflow.workflowId);
    for (let number = 0; number < ours; number += 1) {
      publish(ourId, `{status: ERROR, error: '${number}', timestamp: 1}`);
    }
    const body = `{error: ${'x'.repeat(200)}, status: MIGRATING}`;
    for (let sent = 0; sent < BACKLOG; sent += BATCH) {
      for (let number = 0; number < BATCH; number += 1) publish(`somebody-${number}`, body);
      await channel.waitForConfirms();
    }
    await model.close();
  }

  async function unacked(bus: Bus): Promise<number> {
    const rows = await broker.rabbitmq.ctl(['-q', 'list_queues', 'name', 'messages_unacknowledged']);
    const row = rows.split('\n').find((line) => line.startsWith(repliesQueue(bus.deployment)));
    return Number(row?.split('\t')[1]);
  }
});

describe('a bus full of others', { timeout: LIMIT_MS }, () => {
  it('M10: 5,000 foreign messages a second, bombs in them: p99 of our own replies within a second', async () => {
    const bus = await Bus.open(broker.amqpUrl);
    const workflow = await BareWorkflow.start(client);
    const listener = await Role.listenOn(bus, { TEMPORAL_ADDRESS: temporalAddress });
    onTestFinished(() => listener.end());
    await listener.untilReady();
    const { sentAtMs, foreign, seconds } = await flood(bus, workflow);
    await vi.waitUntil(async () => (await listener.fate('signalled')) === sentAtMs.length, PATIENTLY);
    await vi.waitUntil(async () => (await listener.fate('foreign')) === foreign, PATIENTLY);
    const arrivals = await workflow.arrivals();
    const tookMs = arrivals.map(({ reply, atMs }) => atMs - sentAtMs[Number(reply.error)]!);
    console.log(`${Math.round(foreign / seconds)} foreign messages a second for ${Math.round(seconds)} s`);
    report('our own replies, published → in the history', tookMs);
    expect(foreign / seconds).toBeGreaterThan(0.9 * FOREIGN_A_SECOND);
    expect(p99(tookMs)).toBeLessThanOrEqual(OWN_WITHIN_MS);
    await bus.close();
  });

  /** Foreign messages at their rate, whatever the timers do, and our own between them. */
  async function flood(bus: Bus, { workflowId }: BareWorkflow) {
    const bomb = Buffer.from(`a: &a [${'x,'.repeat(100)}]\nb: [${'*a,'.repeat(20)}]\nstatus: READY\n`);
    const ours = bus.correlationId(workflowId);
    const sentAtMs: number[] = [];
    let foreign = 0;
    const startedMs = performance.now();
    for (let tick = 0; performance.now() - startedMs < FLOOD_MS; tick += 1) {
      const due = ((performance.now() - startedMs) / 1_000) * FOREIGN_A_SECOND;
      for (; foreign < due; foreign += 1) bus.reply({ correlationId: `somebody-${foreign}`, body: bomb });
      if (tick % OWN_EVERY_TICKS === 0) {
        bus.reply({
          correlationId: ours,
          body: `{status: ERROR, error: '${sentAtMs.length}', timestamp: 1}`,
        });
        sentAtMs.push(Date.now());
      }
      await delay(TICK_MS);
    }
    return { sentAtMs, foreign, seconds: (performance.now() - startedMs) / 1_000 };
  }
});

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}
