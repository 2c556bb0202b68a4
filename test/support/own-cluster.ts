// A RabbitMQ cluster for one test, which may kill and restart its nodes. The nodes find each other by name, as in a
// `rabbitmq.conf` with `classic_config`: the first one founds the cluster, and the others join it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedRabbitmq } from '../../src/dev/rabbitmq/find.js';
import { startEpmd, startRabbitmq, type RabbitmqServer } from '../../src/dev/rabbitmq/server.js';
import { Supervisor } from '../../src/dev/processes/supervisor.js';

/** A node waits for the others, and shares the processors with them. */
const START_TIMEOUT_MS = 300_000;

const NODES = [1, 2, 3].map((number) => `vnf-migrator-${number}@localhost`);

/** The nodes that hold the copies of a quorum queue, by index. */
export interface Replicas {
  /** Null while there is no leader. */
  leader: number | null;
  members: number[];
  /** The members that run. */
  online: number[];
}

interface QueueRow {
  name: string;
  leader: string;
  members: string[];
  online: string[];
}

export class OwnCluster {
  private constructor(
    readonly nodes: readonly RabbitmqServer[],
    private readonly supervisor: Supervisor,
  ) {}

  static async start(): Promise<OwnCluster> {
    const executable = installedRabbitmq(process.env);
    if (executable === null) throw new Error('there is no rabbitmq-server here');
    const supervisor = await Supervisor.start(await mkdtemp(join(tmpdir(), 'vnf-migrator-cluster-')));
    const { env } = process;
    try {
      const epmdPort = await startEpmd({ supervisor, env });
      const home = join(supervisor.directory, 'home');
      const nodes: RabbitmqServer[] = [];
      // Start one after another: the founder must run first, and two nodes that join simultaneously wait for each
      // other.
      for (const nodeName of NODES) {
        const folder = `node-${nodes.length + 1}`;
        const member = { nodeName, clusterNodes: NODES, home, folder, epmdPort };
        const startTimeoutMs = START_TIMEOUT_MS;
        nodes.push(
          await startRabbitmq({ supervisor, executable, management: false, env, startTimeoutMs, member }),
        );
      }
      return new OwnCluster(nodes, supervisor);
    } catch (error) {
      await supervisor.close();
      throw error;
    }
  }

  /** The value for AMQP_URL that makes a client try this node first. */
  urlsFrom(index: number): string {
    const urls = this.nodes.map(({ amqpUrl }) => amqpUrl);
    return [...urls.slice(index), ...urls.slice(0, index)].join(',');
  }

  /** Returns the replicas as a running node reports them. */
  async replicas(queue: string): Promise<Replicas> {
    const row = (await this.queues()).find(({ name }) => name === queue);
    if (row === undefined) throw new Error(`there is no queue ${queue}`);
    const indexes = (names: readonly string[]): number[] => names.map((name) => NODES.indexOf(name)).sort();
    const leader = NODES.indexOf(row.leader);
    return {
      leader: leader === -1 ? null : leader,
      members: indexes(row.members),
      online: indexes(row.online),
    };
  }

  async close(): Promise<void> {
    await this.supervisor.close();
    await rm(this.supervisor.directory, { recursive: true, force: true });
  }

  private async queues(): Promise<QueueRow[]> {
    const alive = this.nodes.find(({ pid }) => pid !== 0);
    if (alive === undefined) throw new Error('no node runs');
    const rows = await alive.ctl([
      '-q',
      'list_queues',
      'name',
      'leader',
      'members',
      'online',
      '--formatter',
      'json',
    ]);
    return JSON.parse(rows) as QueueRow[];
  }
}
