// A private RabbitMQ with its own port mapper (epmd). The supervisor starts epmd first, as a child: a broker would
// start it as a daemon that outlives the broker. Or a node of a cluster, whose nodes share a port mapper
// (startEpmd) that ends with their supervisor. The server is ready when an AMQP handshake succeeds. A restart keeps
// the data.
import { connect } from 'amqplib';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DevError } from '../errors.js';
import { readLog } from '../processes/log-file.js';
import { freePorts, isListening, LOOPBACK } from '../processes/ports.js';
import {
  epmdSettings,
  prepareRabbitmq,
  SINGLE_NODE_NAME,
  type RabbitmqIdentity,
  type RabbitmqPorts,
} from './environment.js';
import { describeExit } from '../processes/reaper-protocol.js';
import { retryOnPortConflict, Service } from '../processes/service.js';
import type { Supervisor } from '../processes/supervisor.js';

export interface RabbitmqOptions {
  supervisor: Supervisor;
  /** The script `rabbitmq-server`. `rabbitmqctl` is in the same folder. */
  executable: string;
  /** Whether it has management pages. With them it stops more slowly. */
  management: boolean;
  /** Additional plugins. */
  plugins?: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Default 60 s. */
  startTimeoutMs?: number;
  /** Makes the server a node of a cluster. If absent, the broker is a single one. */
  member?: ClusterMember;
}

export interface ClusterMember extends RabbitmqIdentity {
  /** The folder of its files, in the directory of the supervisor. */
  folder: string;
  /** The port of the shared port mapper. */
  epmdPort: number;
}

export interface RabbitmqServer {
  readonly amqpUrl: string;
  /** The login is guest, guest. Null without the pages. */
  readonly managementUrl: string | null;
  readonly pid: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
  /** Sends SIGKILL to the broker immediately. */
  kill(): Promise<void>;
  /** Restarts the broker on the same ports and data. */
  start(): Promise<void>;
  /** Runs `rabbitmqctl` against this broker and returns its output. */
  ctl(args: string[]): Promise<string>;
}

const START_TIMEOUT_MS = 60_000;
const EPMD_START_TIMEOUT_MS = 10_000;
// The broker closes its stores within one second. With the management pages it takes five seconds more to exit.
const STOP_TIMEOUT_MS = 3_000;
// epmd ignores SIGTERM, and holds no data that could be lost.
const EPMD_STOP_TIMEOUT_MS = 50;
const CTL_STOP_TIMEOUT_MS = 1_000;
const HANDSHAKE_TIMEOUT_MS = 5_000;

export async function startRabbitmq(options: RabbitmqOptions): Promise<RabbitmqServer> {
  const { supervisor, member } = options;
  const directory = join(supervisor.directory, member?.folder ?? 'rabbitmq');
  await mkdir(directory, { recursive: true });
  return retryOnPortConflict(async () => {
    const [amqp = 0, management = 0, distribution = 0, ownEpmd = 0] = await freePorts(4);
    const ports = { amqp, management, distribution, epmd: member?.epmdPort ?? ownEpmd };
    const identity = member ?? {
      nodeName: SINGLE_NODE_NAME,
      clusterNodes: null,
      home: join(directory, 'home'),
    };
    const env = await prepareRabbitmq({ ...options, directory, ports, identity });
    const epmd = member === undefined ? epmdOf({ supervisor, directory, port: ownEpmd, env }) : null;
    const server = new Rabbitmq({ ...options, directory, ports, env, epmd });
    await server.start();
    return server;
  });
}

/** Starts a port mapper for the nodes of a cluster. Returns its port. */
export function startEpmd({ supervisor, env }: Pick<RabbitmqOptions, 'supervisor' | 'env'>): Promise<number> {
  return retryOnPortConflict(async () => {
    const [port = 0] = await freePorts(1);
    await epmdOf({ supervisor, directory: supervisor.directory, port, env }).start();
    return port;
  });
}

interface EpmdOptions extends Pick<RabbitmqOptions, 'supervisor' | 'env'> {
  /** The folder of its log. */
  directory: string;
  port: number;
}

function epmdOf({ supervisor, directory, port, env }: EpmdOptions): Service {
  return new Service({
    supervisor,
    name: 'epmd, the port mapper of RabbitMQ,',
    spawn: {
      command: 'epmd',
      args: [],
      env: { ...env, ...epmdSettings({ epmd: port }) },
      logFile: join(directory, 'rabbitmq.log'),
      stopTimeoutMs: EPMD_STOP_TIMEOUT_MS,
      stopLast: true,
    },
    isReady: () => isListening(port),
    startTimeoutMs: EPMD_START_TIMEOUT_MS,
  });
}

interface RabbitmqParts extends RabbitmqOptions {
  directory: string;
  ports: RabbitmqPorts;
  /** Its own port mapper. Null if the node shares one. */
  epmd: Service | null;
}

class Rabbitmq implements RabbitmqServer {
  readonly amqpUrl: string;
  readonly managementUrl: string | null;
  readonly #options: RabbitmqParts;
  readonly #broker: Service;
  #nextCall = 1;

  constructor(options: RabbitmqParts) {
    const { directory, ports, management, supervisor, env } = options;
    this.#options = options;
    this.amqpUrl = `amqp://guest:guest@${LOOPBACK}:${ports.amqp}`;
    this.managementUrl = management ? `http://${LOOPBACK}:${ports.management}` : null;
    const logFile = join(directory, 'rabbitmq.log');
    this.#broker = new Service({
      supervisor,
      name: 'RabbitMQ',
      spawn: { command: options.executable, args: [], env, logFile, stopTimeoutMs: STOP_TIMEOUT_MS },
      isReady: async () => (await isListening(ports.amqp)) && (await handshakeSucceeds(this.amqpUrl)),
      startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
    });
  }

  get pid(): number {
    return this.#broker.pid;
  }

  get ended(): Promise<string> {
    return this.#broker.ended;
  }

  async start(): Promise<void> {
    await this.#options.epmd?.start();
    await this.#broker.start();
  }

  async stop(): Promise<void> {
    await this.#broker.stop();
    await this.#options.epmd?.stop();
  }

  kill(): Promise<void> {
    return this.#broker.kill();
  }

  async ctl(args: string[]): Promise<string> {
    const { supervisor, directory, executable, env } = this.#options;
    const logFile = join(directory, `rabbitmqctl.${this.#nextCall++}.log`);
    const command = join(dirname(executable), 'rabbitmqctl');
    const call = await supervisor.spawn({ command, args, env, logFile, stopTimeoutMs: CTL_STOP_TIMEOUT_MS });
    const status = await call.exited;
    const output = await readLog({ path: logFile });
    await rm(logFile);
    if (status.code === 0) return output;
    throw new DevError(`rabbitmqctl ${args.join(' ')} ended with ${describeExit(status)}:\n${output}`);
  }
}

async function handshakeSucceeds(url: string): Promise<boolean> {
  try {
    const connection = await connect(url, { timeout: HANDSHAKE_TIMEOUT_MS });
    connection.on('error', () => undefined);
    await connection.close();
    return true;
  } catch {
    return false;
  }
}
