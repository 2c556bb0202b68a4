/**
 * The environment of the benches: their own Temporal and broker, and the sides that are compared. A side is our
 * worker, as users run it, or the bare one.
 *
 * Invariants: each side has its own task queue, deployment and exchange, so that sides do not share messages. What
 * a bench started ends with it.
 */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { parkedQueue, repliesQueue } from '../src/amqp/topology.js';
import { connectClient, type ConnectedClient } from '../src/client/connect.js';
import { loadConfig } from '../src/settings/config.js';
import type { SupervisedProcess } from '../src/dev/processes/supervisor.js';
import { COMMAND, LongRun } from '../test/support/long-run.js';
import { compilePrograms, type Programs } from './compile.js';
import { BenchMano } from './mano.js';
import { profileArgs } from './profile.js';

const SERVING_WITHIN_MS = 60_000;
const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType;

export type SideName = 'ours' | 'bare';

/** The names that separate the processes and queues of one side from those of another. */
export interface Address {
  taskQueue: string;
  deployment: string;
  exchange: string;
  env: Record<string, string>;
}

type Parts = Pick<Stage, 'run' | 'client' | 'model' | 'programs' | 'profile'>;

export class Stage {
  readonly run: LongRun;
  readonly client: ConnectedClient;
  readonly model: ChannelModel;
  readonly programs: Programs;
  /** The folder for CPU profiles of the sides. Null means that none are recorded. */
  readonly profile: string | null;

  private constructor({ run, client, model, programs, profile }: Parts) {
    this.run = run;
    this.client = client;
    this.model = model;
    this.programs = programs;
    this.profile = profile;
  }

  static async set({ report, profile }: SetOptions): Promise<Stage> {
    const run = await LongRun.begin('bench', { persistent: false, report });
    const [client, model, programs] = await Promise.all([
      connectClient(loadConfig(run.environment())),
      connect(run.stack.amqpUrl),
      compilePrograms(run.directory),
    ]);
    return new Stage({ run, client, model, programs, profile });
  }

  get amqpUrl(): string {
    return this.run.stack.amqpUrl;
  }

  /** A run with its own processes on this stack. */
  async runBeside(name: string): Promise<LongRun> {
    return await LongRun.on(this.run.stack, join(this.run.directory, name));
  }

  newAddress(name: string): Address {
    const id = `bench-${name}-${randomUUID().slice(0, 8)}`;
    const env = {
      ...this.run.environment(),
      ...{ TEMPORAL_TASK_QUEUE: id, DEPLOYMENT: id, AMQP_EXCHANGE: id, LOG_LEVEL: 'info' },
      // Override the settings of the surrounding environment: no side has a repository, a Gatekeeper, or a metrics
      // endpoint.
      ...{ REPOSITORY_URL: '', GATEKEEPER_URL: '', HTTP_ADDRESS: '', AMQP_MANO_APP_IDS: '', AMQP_APP_ID: '' },
    };
    return { taskQueue: id, deployment: id, exchange: id, env };
  }

  /** Resolves as soon as the process has been spawned. `nodeArgs` are the arguments for Node itself. */
  async spawn(
    name: SideName | 'listener' | 'raw',
    { address, nodeArgs = [], env = {} }: SpawnOptions,
  ): Promise<SupervisedProcess> {
    const { bareWorker, rawConsumer, bareBundle } = this.programs;
    const programs = {
      ours: [COMMAND, 'worker'],
      listener: [COMMAND, 'listener'],
      bare: [bareWorker],
      raw: [rawConsumer],
    };
    return await this.run.spawn(address.taskQueue, {
      args: [
        ...(this.profile === null ? [] : profileArgs(this.profile, name)),
        ...nodeArgs,
        ...programs[name],
      ],
      env: { ...address.env, BENCH_BARE_BUNDLE: bareBundle, ...env },
    });
  }

  /** Returns true if Temporal knows a poller of that process for workflow tasks of the queue. */
  async isPolling({ taskQueue, pid }: { taskQueue: string; pid: number }): Promise<boolean> {
    const { workflowService, options } = this.client;
    const { pollers } = await workflowService.describeTaskQueue({
      namespace: options.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
    });
    return pollers.some(({ identity }) => identity?.startsWith(`${String(pid)}@`) === true);
  }

  /**
   * The messages in the reply queue of a deployment, and its number of consumers. Null if there is no such queue.
   */
  async repliesOf(deployment: string): Promise<{ messageCount: number; consumerCount: number } | null> {
    const channel = await this.model.createChannel();
    channel.on('error', () => undefined);
    const found = await channel.checkQueue(repliesQueue(deployment)).catch(() => null);
    if (found !== null) await channel.close();
    return found;
  }

  /** Deletes the queues and exchanges of a deployment from the broker. */
  async forget({ deployment, exchange }: Address): Promise<void> {
    const channel: Channel = await this.model.createChannel();
    await channel.deleteQueue(repliesQueue(deployment));
    await channel.deleteQueue(parkedQueue(deployment));
    await channel.deleteExchange(exchange);
    await channel.close();
  }

  /** `keep` keeps the logs and files of the run. */
  async stop({ keep }: { keep: boolean }): Promise<void> {
    await this.model.close();
    await this.client.connection.close();
    await this.run.stop();
    if (!keep) await rm(this.run.directory, { recursive: true, force: true });
  }
}

interface SetOptions {
  report: (line: string) => void;
  profile: string | null;
}

interface SpawnOptions {
  address: Address;
  nodeArgs?: readonly string[];
  env?: Record<string, string>;
}

/** Waits until a condition holds. The error names the condition that did not. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const limit = AbortSignal.timeout(SERVING_WITHIN_MS);
  while (!(await holds())) {
    if (limit.aborted) throw new Error(`${what}: not within ${String(SERVING_WITHIN_MS)} ms`);
    await delay(20);
  }
}

/** A worker with its listener, and the MANO that answers it. */
export class Side {
  private constructor(
    readonly name: SideName,
    private readonly parts: {
      stage: Stage;
      address: Address;
      process: SupervisedProcess;
      mano: BenchMano;
    },
  ) {}

  /** Resolves when the worker polls and the listener consumes. */
  static async open(
    stage: Stage,
    { name, ...options }: Omit<SpawnOptions, 'address'> & { name: SideName },
  ): Promise<Side> {
    const address = stage.newAddress(name);
    const { taskQueue, deployment, exchange } = address;
    const mano = await BenchMano.open({ amqpUrl: stage.amqpUrl, exchange });
    const process = await stage.spawn(name, { address, ...options });
    const { pid } = process;
    await until(`a worker on ${taskQueue}`, () => stage.isPolling({ taskQueue, pid }));
    await until(
      `a listener of ${deployment}`,
      async () => ((await stage.repliesOf(deployment))?.consumerCount ?? 0) > 0,
    );
    return new Side(name, { stage, address, process, mano });
  }

  get mano(): BenchMano {
    return this.parts.mano;
  }

  get pid(): number {
    return this.parts.process.pid;
  }

  get taskQueue(): string {
    return this.parts.address.taskQueue;
  }

  get deployment(): string {
    return this.parts.address.deployment;
  }

  /** Starts one migration, as a caller in any language does. */
  async start(input: MigrationIds): Promise<WorkflowHandle> {
    const { taskQueue, deployment } = this;
    const options = { taskQueue, workflowId: `vnf-migration/${input.vnfUuid}` };
    const { workflow } = this.parts.stage.client;
    return this.name === 'ours'
      ? await workflow.start('migrateVnf', { ...options, args: [input] })
      : await workflow.start('bareMigration', { ...options, args: [{ ...input, deployment }] });
  }

  async close(): Promise<void> {
    await this.parts.process.stop();
    await this.parts.mano.close();
    await this.parts.stage.forget(this.parts.address);
  }
}

export interface MigrationIds {
  serviceInstanceUuid: string;
  vnfUuid: string;
  vimUuid: string;
}

export type Sides = Record<SideName, Side>;

/** Opens both sides while `measure` runs. */
export async function withSides<T>(stage: Stage, measure: (sides: Sides) => Promise<T>): Promise<T> {
  const ours = await Side.open(stage, { name: 'ours' });
  try {
    const bare = await Side.open(stage, { name: 'bare' });
    try {
      return await measure({ ours, bare });
    } finally {
      await bare.close();
    }
  } finally {
    await ours.close();
  }
}
