/**
 * A broker of three nodes. The death of one node loses nothing, and all work continues in the meantime.
 *
 * A killed node stays away until the tests have seen work continue without it. An immediate restart would only show
 * that clients wait. CLUSTER_MIGRATIONS=20 makes the run small.
 */
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { nodeOf } from '../../src/settings/broker-urls.js';
import { parkedQueue, repliesQueue } from '../../src/amqp/topology.js';
import type { PolicyInput } from '../../src/shared/migration/contract.js';
import { accountOf, type Migration as Accounted } from '../chaos/accounting.js';
import { BareWorkflow } from '../support/bare-workflow.js';
import { Bus } from '../support/bus.js';
import { Deployment, PATIENTLY, Role } from '../support/deployment.js';
import { ManoProcess } from '../support/mano-process.js';
import { OwnCluster } from '../support/own-cluster.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const { temporalAddress } = inject('stack');
const LIMIT_MS = 1_800_000;
const NODES = [0, 1, 2];
const PREFETCH = 200;

const MIGRATIONS = Number(process.env['CLUSTER_MIGRATIONS'] ?? 200);
const IN_FLIGHT = Math.ceil(MIGRATIONS / 10);
const MIGRATION_MS = 4_000;
/** Of a batch: a node is killed when so many have ended, and started again when so many more have. */
const KILL_AFTER = 1 / 4;
const AWAY_FOR = 1 / 4;
/** For work to go on after a node was killed, and for the node to join again, on a busy machine. */
const STANDSTILL = { timeout: 300_000, interval: 100 };
const POLICY: PolicyInput = {
  ackTimeout: '15s',
  finalTimeout: '20s',
  probeTimeout: '10s',
  initialInterval: '1s',
  maximumInterval: '10s',
  busyTimeout: '20m',
  maxProbes: 50,
  maxAttempts: 10,
  deadline: '25m',
  records: 'none',
};

let cluster: OwnCluster;
let client: Client;

beforeAll(async () => {
  cluster = await OwnCluster.start();
  client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
});
afterAll(async () => {
  await client.connection.close();
  await cluster.close();
});
beforeEach(async () => {
  for (const node of cluster.nodes) await node.start();
});

describe('a node of three', { timeout: LIMIT_MS }, () => {
  it('B11: is the leader of the reply queue, and killed: what waits there is delivered without it', async () => {
    const bus = await Bus.open(cluster.nodes[2]!.amqpUrl);
    const temporal = await TcpProxy.open(temporalAddress);
    const workflow = await BareWorkflow.start(client);
    const settings = { AMQP_URL: cluster.urlsFrom(0), TEMPORAL_ADDRESS: temporal.address };
    const listener = await Role.listenOn(bus, settings);
    onTestFinished(async () => {
      await listener.end();
      await temporal.close();
    });
    await listener.untilReady();
    const queue = repliesQueue(bus.deployment);
    for (const name of [queue, parkedQueue(bus.deployment)]) {
      expect(await cluster.replicas(name)).toEqual({ leader: 0, members: NODES, online: NODES });
    }
    await temporal.refuse();
    const replies = PREFETCH + 100;
    const correlationId = bus.correlationId(workflow.workflowId);
    for (let number = 0; number < replies; number += 1) {
      bus.reply({ correlationId, body: `{status: ERROR, error: '${number}', timestamp: 1}` });
    }
    await vi.waitUntil(async () => (await listener.held()) === PREFETCH, PATIENTLY);
    await vi.waitUntil(async () => (await bus.waiting('replies')) === replies - PREFETCH, PATIENTLY);
    await cluster.nodes[0]!.kill();
    await temporal.accept();
    await vi.waitFor(async () => expect(new Set(await numbers(workflow)).size).toBe(replies), PATIENTLY);
    expect(await numbers(workflow)).toHaveLength(replies);
    await vi.waitUntil(async () => (await cluster.replicas(queue)).leader !== null, PATIENTLY);
    expect((await cluster.replicas(queue)).online).toEqual([1, 2]);
    expect(listener.said()).toContain(`"node":"${nodeOf(cluster.nodes[1]!.amqpUrl)}"`);
    await bus.close();
  });

  async function numbers(workflow: BareWorkflow): Promise<(string | null)[]> {
    return (await workflow.replies()).map(({ error }) => error);
  }
});

describe('all three nodes, killed in turn', { timeout: LIMIT_MS }, () => {
  it('B12: two workers, three listeners, the leader first: nothing is lost, each is done once', async () => {
    const { deployment, mano } = await deployed();
    const load: Load = { deployment, ended: [] };
    const kills: Kill[] = [];
    for (const batch of batches()) {
      const before = load.ended.length;
      const running = migrateAll(load, batch);
      await untilEnded(load, before + batch * KILL_AFTER);
      const node = await nextVictim(load, kills);
      await cluster.nodes[node]!.kill();
      await untilEnded(load, before + batch * (KILL_AFTER + AWAY_FOR));
      await goesOnWithout(load, node);
      await Promise.all([running, joinsAgain(load, node)]);
    }
    const { violations, ...account } = accountOf({
      migrations: load.ended,
      ledger: mano.ledger(),
      world: await mano.world(),
    });
    console.log(JSON.stringify({ kills, account }));
    expect(violations).toEqual([]);
    expect(account).toMatchObject({
      attempted: MIGRATIONS,
      migrated: MIGRATIONS,
      lost: 0,
      duplicated: 0,
      unexpected: 0,
    });
    expect(kills[0]).toMatchObject({ wasLeader: true });
    expect(kills.map(({ node }) => node).sort()).toEqual(NODES);
  });

  interface Load {
    deployment: Deployment;
    ended: Accounted[];
  }

  interface Kill {
    node: number;
    wasLeader: boolean;
    endedBefore: number;
  }

  /** As many as there are nodes. */
  function batches(): number[] {
    const size = Math.ceil(MIGRATIONS / NODES.length);
    return NODES.map((node) => Math.min(size, MIGRATIONS - node * size));
  }

  /** The leader, unless it was killed before. */
  async function nextVictim({ deployment, ended }: Load, kills: Kill[]): Promise<number> {
    const { leader, members } = await cluster.replicas(deployment.queues.replies);
    expect(members).toEqual(NODES);
    const spared = NODES.filter((node) => !kills.some((kill) => kill.node === node));
    const node = spared.find((other) => other === leader) ?? spared[0]!;
    kills.push({ node, wasLeader: node === leader, endedBefore: ended.length });
    return node;
  }

  async function goesOnWithout({ deployment }: Load, node: number): Promise<void> {
    const { leader, online } = await cluster.replicas(deployment.queues.replies);
    expect(online).toEqual(NODES.filter((other) => other !== node));
    expect(online).toContain(leader);
  }

  async function joinsAgain({ deployment }: Load, node: number): Promise<void> {
    await cluster.nodes[node]!.start();
    const online = async () => (await cluster.replicas(deployment.queues.replies)).online;
    await vi.waitFor(async () => expect(await online()).toEqual(NODES), STANDSTILL);
  }

  /** Every role begins on another node than the one before it. */
  async function deployed(): Promise<{ deployment: Deployment; mano: ManoProcess }> {
    const amqpUrl = cluster.urlsFrom(1);
    const mano = await ManoProcess.start({
      amqpUrl,
      services: MIGRATIONS,
      migrationMs: MIGRATION_MS,
      reconnect: true,
    });
    const settings = { REPOSITORY_URL: mano.repositoryUrl };
    const deployment = await Deployment.open({ amqpUrl, temporalAddress, mano, settings });
    onTestFinished(async () => {
      await deployment.close();
      await mano.close();
    });
    const listeners = await Promise.all(
      NODES.map((node) => deployment.startListener({ AMQP_URL: cluster.urlsFrom(node) })),
    );
    for (const [node, listener] of listeners.entries()) {
      expect(listener.said()).toContain(`"node":"${nodeOf(cluster.nodes[node]!.amqpUrl)}"`);
    }
    for (const node of [0, 1]) {
      await deployment.startWorker({ AMQP_URL: cluster.urlsFrom(node) }, ['--no-listener']);
    }
    return { deployment, mano };
  }

  async function migrateAll({ deployment, ended }: Load, count: number): Promise<void> {
    let started = 0;
    const lane = async (): Promise<void> => {
      while (started < count) {
        started += 1;
        const migration = await deployment.migrate(POLICY);
        const ending = await migration.ending();
        ended.push({ ...migration.ids, workflowId: migration.workflowId, ending });
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  }

  async function untilEnded({ ended }: Load, count: number): Promise<void> {
    await vi.waitUntil(() => ended.length >= count, STANDSTILL);
  }
});
