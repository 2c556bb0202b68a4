/**
 * A deployment as operators run it: workers and listeners, each a process of the build, against the simulated MANO.
 *
 * Invariants: it has its own task queue and deployment name, so that deployments on one bus do not share messages.
 * What it started ends with it, including suspended processes.
 */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { expect, vi } from 'vitest';
import { parkedQueue, repliesQueue } from '../../src/amqp/topology.js';
import type { Ending } from '../../src/client/migration-outcome.js';
import type { MigrationError } from '../../src/client/errors.js';
import { MigrationClient } from '../../src/client/migration-client.js';
import type { Readiness } from '../../src/observability/readiness.js';
import type { ManoReply } from '../../src/shared/mano/reply.js';
import type {
  MigrationResult,
  MigrationState,
  Phase,
  PolicyInput,
} from '../../src/shared/migration/contract.js';
import type { Bus } from './bus.js';
import { startCli, type Running } from './cli.js';
import type { ManoProcess, VnfIds } from './mano-process.js';
import { killed, lineOf, stopped } from './processes.js';

/** The time limit for an expected event on a busy machine. */
export const PATIENTLY = { timeout: 60_000, interval: 100 };

/** Waits are short, so that silence is noticed quickly. The deadline is long, because machines differ. */
export const HASTY: PolicyInput = {
  ackTimeout: '2s',
  finalTimeout: '2s',
  probeTimeout: '2s',
  initialInterval: 200,
  maximumInterval: '1s',
  maxProbes: 50,
  deadline: '5m',
};

export interface DeploymentOptions {
  amqpUrl: string;
  temporalAddress: string;
  mano: ManoProcess;
  /** Default: Temporal's default namespace. */
  namespace?: string;
  /** Settings of its processes, in addition to addresses and names. */
  settings?: Record<string, string>;
}

/** A worker or a listener. */
export class Role {
  private constructor(
    private readonly running: Running,
    private readonly address: string,
  ) {}

  /** Resolves when the process serves its health endpoint, whether it is ready or not. */
  static async start(
    args: readonly string[],
    settings: Record<string, string>,
    main?: string,
  ): Promise<Role> {
    const running = startCli(args, { ...settings, HTTP_ADDRESS: '0' }, main);
    // The first words are those of version 0.1.
    const line = await lineOf(running, /health and metrics are served|serving health and metrics/);
    return new Role(running, (JSON.parse(line) as { address: string }).address);
  }

  /** A listener on the bus of a test. */
  static listenOn(bus: Bus, settings: Record<string, string>): Promise<Role> {
    return Role.start(['listener'], {
      DEPLOYMENT: bus.deployment,
      AMQP_URL: bus.url,
      AMQP_EXCHANGE: bus.exchange,
      ...settings,
    });
  }

  get pid(): number {
    return this.running.child.pid!;
  }

  said(): string {
    return this.running.said();
  }

  /** Resolves when a log line has come. The endpoint for health may be ahead of the output. */
  async untilSaid(part: string): Promise<void> {
    await vi.waitFor(() => expect(this.said()).toContain(part), PATIENTLY);
  }

  async isAlive(): Promise<boolean> {
    return (await this.get('livez')).ok;
  }

  async readiness(): Promise<Readiness> {
    return (await (await this.get('readyz')).json()) as Readiness;
  }

  async untilReady(): Promise<void> {
    await vi.waitFor(async () => expect(await this.readiness()).toMatchObject({ ready: true }), PATIENTLY);
  }

  /** Resolves when a part is not ready and gives a reason that matches. */
  async untilNotReady(reason: RegExp): Promise<void> {
    const reasons = async (): Promise<string> => JSON.stringify(await this.readiness());
    await vi.waitFor(async () => expect(await reasons()).toMatch(reason), PATIENTLY);
    expect(await this.readiness()).toMatchObject({ ready: false });
  }

  /** The sum of a metric over all series with these labels. 0 if there is none. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const lines = (await (await this.get('metrics')).text()).split('\n');
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** The number of deliveries with this fate. */
  fate(fate: string): Promise<number> {
    return this.metric('vnf_migrator_replies', { fate });
  }

  /** The number of deliveries that it holds. */
  held(): Promise<number> {
    return this.metric('vnf_migrator_held_deliveries');
  }

  kill(): Promise<void> {
    return killed(this.running);
  }

  freeze(): void {
    this.running.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.running.child.kill('SIGCONT');
  }

  /** Sends SIGTERM, and resolves with the exit code. */
  stop(): Promise<number | null> {
    return stopped(this.running);
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.running.child;
    if (exitCode === null && signalCode === null) await this.kill();
  }

  private get(path: string): Promise<Response> {
    return fetch(`http://${this.address}/${path}`, { signal: AbortSignal.timeout(10_000) });
  }
}

export class Deployment {
  private readonly roles: Role[] = [];
  readonly migrations: MigrationClient;

  private constructor(
    readonly name: string,
    readonly mano: ManoProcess,
    readonly client: Client,
    /** The settings with which its processes, and commands, reach everything. */
    readonly settings: Readonly<Record<string, string>>,
  ) {
    this.migrations = new MigrationClient({ client, taskQueue: name });
  }

  static async open({
    amqpUrl,
    temporalAddress,
    mano,
    namespace = 'default',
    settings,
  }: DeploymentOptions): Promise<Deployment> {
    const name = `faults-${randomUUID().slice(0, 8)}`;
    const connection = await Connection.connect({ address: temporalAddress });
    const client = new Client({ connection, namespace });
    return new Deployment(name, mano, client, {
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: namespace,
      TEMPORAL_TASK_QUEUE: name,
      DEPLOYMENT: name,
      AMQP_URL: amqpUrl,
      AMQP_EXCHANGE: mano.exchange,
      ...settings,
    });
  }

  get queues(): { replies: string; parked: string } {
    return { replies: repliesQueue(this.name), parked: parkedQueue(this.name) };
  }

  /** Starts a worker with its listener, and waits until it is ready. */
  async startWorker(settings: Record<string, string> = {}, args: readonly string[] = []): Promise<Role> {
    const worker = await this.startRole(['worker', ...args], settings);
    await worker.untilReady();
    return worker;
  }

  async startListener(settings: Record<string, string> = {}): Promise<Role> {
    const listener = await this.startRole(['listener'], settings);
    await listener.untilReady();
    return listener;
  }

  /** Starts a process that need not become ready. `main` selects another build. */
  async startRole(
    args: readonly string[],
    settings: Record<string, string> = {},
    main?: string,
  ): Promise<Role> {
    const role = await Role.start(args, { ...this.settings, ...settings }, main);
    this.roles.push(role);
    return role;
  }

  async migrate(policy: PolicyInput = {}, ids: VnfIds = this.mano.take()): Promise<Migration> {
    const input = { ...ids, policy: { ...HASTY, ...policy } };
    const { workflowId } = await this.migrations.start(input);
    return new Migration(ids, workflowId, {
      mano: this.mano,
      client: this.client,
      migrations: this.migrations,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.roles.map((role) => role.end()));
    await this.client.connection.close();
  }
}

interface MigrationParts {
  mano: ManoProcess;
  client: Client;
  migrations: MigrationClient;
}

/** One migration in progress, and the requests that the MANO received for it. */
export class Migration {
  constructor(
    readonly ids: VnfIds,
    readonly workflowId: string,
    private readonly parts: MigrationParts,
  ) {}

  /** The current state. A worker must run. */
  state(): Promise<MigrationState> {
    return this.parts.migrations.status(this.workflowId);
  }

  /** Waits until its state matches. */
  async until(
    expected: { phase?: Phase; attempts?: object[]; trouble?: unknown },
    { timeout }: { timeout: number } = PATIENTLY,
  ): Promise<MigrationState> {
    return await vi.waitFor(
      async () => {
        const state = await this.state();
        expect(state).toMatchObject(expected);
        return state;
      },
      { ...PATIENTLY, timeout },
    );
  }

  /** Returns true if one of its activities is running. */
  async hasStartedActivity(): Promise<boolean> {
    const { raw } = await this.parts.migrations.describe(this.workflowId);
    return raw.pendingActivities?.some(({ lastStartedTime }) => lastStartedTime != null) ?? false;
  }

  result(): Promise<MigrationResult> {
    return this.parts.migrations.result(this.workflowId);
  }

  /** Waits until the migration has ended, with any outcome. */
  ending(): Promise<Ending> {
    return this.parts.migrations.ending(this.workflowId);
  }

  /** Waits until the migration has ended. It must have failed. */
  async failure(): Promise<MigrationError> {
    const ending = await this.ending();
    if (ending.kind === 'error') return ending.error;
    throw new Error(`no failure: ${JSON.stringify(ending.result)}`);
  }

  async cancel(): Promise<void> {
    await this.parts.migrations.cancel(this.workflowId);
  }

  /** The replies in its history, one for each event. */
  async signals(): Promise<ManoReply[]> {
    const { events } = await this.parts.client.workflow.getHandle(this.workflowId).fetchHistory();
    return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
      const data = signal?.input?.payloads?.[0]?.data;
      return data == null ? [] : [JSON.parse(Buffer.from(data).toString()) as ManoReply];
    });
  }

  /** Our migration requests for it that the MANO consumed, oldest first. */
  requests() {
    return this.parts.mano.requests(this.ids, 'migration');
  }

  probes() {
    return this.parts.mano.requests(this.ids, 'probe');
  }
}
