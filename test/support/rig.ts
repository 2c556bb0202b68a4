/* eslint-disable no-empty-pattern -- vitest reads what fixtures depend on from the pattern */
/**
 * Runs all parts in one process against the real Temporal and RabbitMQ: a worker, a listener and a client, with a
 * scripted MANO on the other side of the bus.
 *
 * Invariants: a rig has its own task queue, deployment and exchange, so that simultaneous rigs do not share
 * messages. What a test started ends with it, and is replayed against the current workflow code. The test fails if
 * that code would decide differently.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ApplicationFailure,
  Client,
  Connection,
  WorkflowFailedError,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import type { RetryPolicy } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import {
  bundleWorkflowCode,
  GracefulShutdownPeriodExpiredError,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { connect } from 'amqplib';
import { expect, inject, it as plainIt, vi } from 'vitest';
import { createActivities, type Activities } from '../../src/activities/index.js';
import type { NotifyRoute } from '../../src/activities/deliver-notifications.js';
import { Consumer } from '../../src/amqp/consumer.js';
import { Publisher } from '../../src/amqp/publisher.js';
import { queryVimList } from '../../src/amqp/vim-list-query.js';
import { parkedQueue, repliesQueue } from '../../src/amqp/topology.js';
import { MigrationClient, type StartOptions } from '../../src/client/migration-client.js';
import type { BrokerSettings } from '../../src/settings/config.js';
import { createGatekeeperClient } from '../../src/gatekeeper/client.js';
import { serveCallbacks, type CallbackServer } from '../../src/listener/callback-server.js';
import { ReplyListener } from '../../src/listener/reply-listener.js';
import { createAskNonces } from '../../src/listener/ask-nonces.js';
import { createSignalWorkflow } from '../../src/listener/signal-workflow.js';
import { createLogger } from '../../src/observability/logger.js';
import { createReplyDecoder } from '../../src/mano/reply-decoder.js';
import { decodeVimList } from '../../src/mano/vim-list.js';
import { createNexusService } from '../../src/nexus/handlers.js';
import { NO_RECEIVERS } from '../../src/notify/receiver.js';
import { createRepositoryClient } from '../../src/repository/client.js';
import { runtimeLogger } from '../../src/observability/runtime-logger.js';
import type { MigrationInput, MigrationState, Phase } from '../../src/shared/migration/contract.js';
import type { migrateVnf } from '../../src/workflows/index.js';
import { Gatekeeper } from '../../src/simulator/index.js';
import { VimDirectory } from '../../src/vims/directory.js';
import { ScriptedMano } from './scripted-mano.js';
import { ScriptedRepository } from './scripted-repository.js';

export type History = temporal.api.history.v1.IHistory;
type WorkflowHandle = WorkflowHandleWithFirstExecutionRunId<typeof migrateVnf>;

export interface RigOptions {
  /** Adds a repository with scripted records. Default: none. */
  repository?: boolean;
  /** Adds a Gatekeeper, whose callbacks are received. Default: none. */
  gatekeeper?: boolean;
  /** False: the Gatekeeper route is the only one. */
  bus?: boolean;
  /** With a route to the list of VIMs, which is waited for so long; default none. See `ScriptedMano.listVims`. */
  vimListTimeoutMs?: number;
  /** Default: one of its own; two rigs on one are two deployments beside each other. */
  exchange?: string;
  /** Whom campaigns may tell. Default: nobody. */
  notify?: NotifyRoute;
  /** False: nothing can be published until `startPublisher`. */
  publisher?: boolean;
  /** False: no workflow code runs until `startWorker`. */
  worker?: boolean;
  /** Wraps the real activities. */
  around?: (activities: Activities) => Partial<Activities>;
}

export interface RawStart {
  workflowId?: string;
  retry?: RetryPolicy;
  workflowRunTimeout?: number;
}

const NAMESPACE = 'default';
const CLOSE_LIMIT_MS = 60_000;
const WORKER_STOP_LIMIT_MS = 20_000;
const log = createLogger({ level: process.env['TEST_LOG_LEVEL'] === 'debug' ? 'debug' : 'silent' });

/** One Runtime, one connection of each kind and one bundle for each process. */
let shared: Promise<{ native: NativeConnection; client: Client; code: string }> | null = null;

async function sharedParts() {
  const address = inject('stack').temporalAddress;
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({
    logger: runtimeLogger(log),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter, forward: {} } },
  });
  const [native, connection, code] = await Promise.all([
    NativeConnection.connect({ address }),
    Connection.connect({ address }),
    workflowCode(),
  ]);
  return { native, client: new Client({ connection, namespace: NAMESPACE }), code };
}

export class Rig {
  readonly taskQueue: string;
  readonly deployment: string;
  readonly exchange: string;
  readonly client: Client;
  readonly migrations: MigrationClient;
  readonly mano: ScriptedMano;
  private readonly parts: Parts;
  private readonly executions = new Map<string, string>();
  private worker: { worker: Worker; running: Promise<void> } | null = null;

  private constructor(parts: Parts) {
    this.parts = parts;
    this.client = parts.client;
    this.mano = parts.mano;
    this.taskQueue = parts.name;
    this.deployment = parts.name;
    this.exchange = parts.broker.exchange;
    this.migrations = new MigrationClient({ client: this.client, taskQueue: this.taskQueue });
  }

  static async open(options: RigOptions = {}): Promise<Rig> {
    const { amqpUrl } = inject('stack');
    const name = `t-${randomUUID().slice(0, 8)}`;
    const broker: BrokerSettings = {
      urls: [amqpUrl],
      exchange: options.exchange ?? `son-kernel.${name}`,
      appId: 'vnf-migrator',
    };
    const [common, mano, repository, gatekeeper] = await Promise.all([
      (shared ??= sharedParts()),
      ScriptedMano.open({ amqpUrl, exchange: broker.exchange }),
      options.repository === true ? ScriptedRepository.open() : null,
      options.gatekeeper === true ? openGatekeeper({ amqpUrl, exchange: broker.exchange, name }) : null,
    ]);
    const signalWorkflow = createSignalWorkflow(common.client);
    const callbacks =
      gatekeeper === null
        ? null
        : await serveCallbacks({
            address: { host: '127.0.0.1', port: 0 },
            deployment: name,
            gatekeeper: createGatekeeperClient({ baseUrl: gatekeeper.url }),
            signalWorkflow,
            log,
          });
    const decoder = createReplyDecoder();
    const listener = new ReplyListener({
      deployment: name,
      appId: broker.appId,
      decode: (message) => decoder.decode(message),
      signalWorkflow,
      askNonces: createAskNonces(common.client),
      log,
    });
    const consumer = new Consumer({ broker, deployment: name, prefetch: 50, handler: listener.handle, log });
    const publisher = new Publisher({ broker, deployment: name, log });
    const { around } = options;
    const rig = new Rig({
      ...common,
      name,
      broker,
      mano,
      repository,
      gatekeeper,
      callbacks,
      decoder,
      listener,
      consumer,
      publisher,
      hasBus: options.bus !== false,
      vimListTimeoutMs: options.vimListTimeoutMs ?? null,
      around,
      notify: options.notify ?? { receivers: NO_RECEIVERS },
    });
    consumer.start();
    if (options.publisher !== false) rig.startPublisher();
    await consumer.ready(AbortSignal.timeout(30_000));
    if (options.worker !== false) await rig.startWorker();
    return rig;
  }

  get repository(): ScriptedRepository {
    const { repository } = this.parts;
    if (repository === null) throw new Error('this rig has no repository');
    return repository;
  }

  get gatekeeper(): Gatekeeper {
    const { gatekeeper } = this.parts;
    if (gatekeeper === null) throw new Error('this rig has no Gatekeeper');
    return gatekeeper;
  }

  /** The URL that receives the Gatekeeper's callbacks. */
  get callbackUrl(): string {
    return this.parts.callbacks?.url ?? '';
  }

  get hasRepository(): boolean {
    return this.parts.repository !== null;
  }

  get listener(): ReplyListener {
    return this.parts.listener;
  }

  startPublisher(): void {
    this.parts.publisher.start();
  }

  async startWorker(): Promise<void> {
    const { publisher, hasBus, repository, gatekeeper, callbacks, around, notify } = this.parts;
    const { deployment } = this;
    const real = createActivities({
      publisher: hasBus ? publisher : null,
      gatekeeper:
        gatekeeper === null
          ? null
          : {
              client: createGatekeeperClient({ baseUrl: gatekeeper.url }),
              callbackBaseUrl: callbacks?.url ?? null,
            },
      repository: repository === null ? null : createRepositoryClient({ baseUrl: repository.url }),
      vims: this.vimDirectory(),
      notify,
      deployment,
    });
    const worker = await Worker.create({
      connection: this.parts.native,
      namespace: NAMESPACE,
      taskQueue: this.taskQueue,
      workflowBundle: { code: this.parts.code },
      activities: { ...real, ...around?.(real) },
      nexusServices: [createNexusService()],
      maxConcurrentWorkflowTaskExecutions: 20,
      maxConcurrentActivityTaskExecutions: 50,
      shutdownForceTime: WORKER_STOP_LIMIT_MS,
    });
    this.worker = { worker, running: worker.run().catch(unlessItWasForced) };
  }

  private vimDirectory(): VimDirectory | null {
    const { broker, vimListTimeoutMs: timeoutMs } = this.parts;
    const { deployment } = this;
    if (timeoutMs === null) return null;
    return new VimDirectory({
      query: (signal) => queryVimList({ broker, deployment, timeoutMs, decode: decodeVimList, signal }),
    });
  }

  async stopWorker(): Promise<void> {
    this.worker?.worker.shutdown();
    await this.worker?.running;
    this.worker = null;
  }

  /** Starts a migration as a TypeScript caller does. */
  async start(input: MigrationInput, options?: StartOptions): Promise<string> {
    const { workflowId, runId } = await this.migrations.start(input, options);
    this.executions.set(runId, workflowId);
    return workflowId;
  }

  /** Starts a migration as any caller can: without checks, with any input and with its own retry policy. */
  async startRaw(
    input: unknown,
    { workflowId = randomUUID(), ...options }: RawStart = {},
  ): Promise<WorkflowHandle> {
    const handle = await this.client.workflow.start<typeof migrateVnf>('migrateVnf', {
      workflowId,
      taskQueue: this.taskQueue,
      args: [input as MigrationInput],
      ...options,
    });
    this.executions.set(handle.firstExecutionRunId, workflowId);
    return handle;
  }

  /** Waits until the migration is in the phase, and returns its state. */
  async inPhase(workflowId: string, phase: Phase): Promise<MigrationState> {
    return await vi.waitFor(
      async () => {
        const state = await this.migrations.status(workflowId);
        expect(state.phase).toBe(phase);
        return state;
      },
      { timeout: 20_000, interval: 40 },
    );
  }

  /** Waits until the migration has ended. Its failure must be one of the contract. */
  async failure(
    workflowId: string,
  ): Promise<{ type: string; retryable: boolean; message: string; state: MigrationState }> {
    const error: unknown = await this.client.workflow
      .getHandle(workflowId)
      .result()
      .then(
        (result) => new Error(`no failure: ${JSON.stringify(result)}`),
        (thrown: unknown) => thrown,
      );
    if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) throw error;
    const { type, nonRetryable, message, details } = error.cause;
    return {
      type: type ?? '',
      retryable: nonRetryable !== true,
      message,
      state: details?.[0] as MigrationState,
    };
  }

  /** Makes the rig end and replay a workflow that was started in another way. */
  adopt(workflowId: string, runId: string): void {
    this.executions.set(runId, workflowId);
  }

  async history(workflowId: string, runId?: string): Promise<History> {
    return await this.client.workflow.getHandle(workflowId, runId).fetchHistory();
  }

  /** The number of parked messages. */
  async parked(): Promise<number> {
    return await this.withChannel(
      async (channel) => (await channel.checkQueue(parkedQueue(this.deployment))).messageCount,
    );
  }

  /** Ends what still runs, replays everything, and cleans up. */
  async close(): Promise<void> {
    const { consumer, publisher, decoder, mano, repository, gatekeeper, callbacks } = this.parts;
    const histories = await closing('its workflows', this.endAll());
    await Promise.all([
      closing('the consumer', consumer.stop({ graceMs: 2_000 })),
      closing('the worker', this.stopWorker()),
    ]);
    await Promise.all([
      closing('the callback server', callbacks?.stop()),
      closing('the Gatekeeper', gatekeeper?.stop()),
    ]);
    await Promise.all([
      closing('the publisher', publisher.stop()),
      closing('the decoder', decoder.close()),
      closing('the repository', repository?.close()),
      closing('its queues', this.deleteQueues()),
    ]);
    await closing('the MANO', mano.close());
    await closing('the replay', replay(this.parts.code, histories));
  }

  private async endAll(): Promise<{ workflowId: string; history: History }[]> {
    const runs = [...this.executions].map(async ([runId, workflowId]) => {
      await this.client.workflow
        .getHandle(workflowId)
        .terminate('the test is over')
        .catch(() => undefined);
      return await this.chain(workflowId, runId);
    });
    return (await Promise.all(runs)).flat();
  }

  /** A run, with the runs that a retry policy or continue-as-new made of it. */
  async chain(workflowId: string, firstRunId: string): Promise<{ workflowId: string; history: History }[]> {
    const chain: { workflowId: string; history: History }[] = [];
    for (let runId: string | undefined = firstRunId; runId !== undefined && runId !== '';) {
      const history = await this.history(workflowId, runId);
      chain.push({ workflowId, history });
      const last = history.events?.at(-1);
      const failed =
        last?.workflowExecutionFailedEventAttributes ??
        last?.workflowExecutionTimedOutEventAttributes ??
        last?.workflowExecutionContinuedAsNewEventAttributes;
      runId = failed?.newExecutionRunId ?? undefined;
    }
    return chain;
  }

  private async deleteQueues(): Promise<void> {
    await this.withChannel(async (channel) => {
      await channel.deleteQueue(repliesQueue(this.deployment));
      await channel.deleteQueue(parkedQueue(this.deployment));
      await channel.deleteQueue(`gk.${this.parts.name}`);
    });
  }

  private async withChannel<T>(
    errand: (
      channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createChannel']>>,
    ) => Promise<T>,
  ): Promise<T> {
    const model = await connect(this.parts.broker.urls[0]);
    try {
      return await errand(await model.createChannel());
    } finally {
      await model.close();
    }
  }
}

interface Parts {
  native: NativeConnection;
  client: Client;
  code: string;
  name: string;
  broker: BrokerSettings;
  mano: ScriptedMano;
  repository: ScriptedRepository | null;
  gatekeeper: Gatekeeper | null;
  callbacks: CallbackServer | null;
  hasBus: boolean;
  vimListTimeoutMs: number | null;
  decoder: ReturnType<typeof createReplyDecoder>;
  listener: ReplyListener;
  consumer: Consumer;
  publisher: Publisher;
  around: RigOptions['around'];
  notify: NotifyRoute;
}

/**
 * A poller of the SDK's core may panic when its worker is shut down. The shutdown then waits for it without result.
 * The workflows and activities of the rig have ended by then.
 */
function unlessItWasForced(error: unknown): void {
  if (!(error instanceof GracefulShutdownPeriodExpiredError)) throw error;
  console.error(`the worker of a rig did not stop within ${String(WORKER_STOP_LIMIT_MS)} ms`);
}

/** Vitest has no time limit for the teardown of a fixture: a teardown that hangs would block the whole run. */
async function closing<T>(what: string, work: T | Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = delay(CLOSE_LIMIT_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${what} did not end within ${String(CLOSE_LIMIT_MS)} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}

async function openGatekeeper(options: {
  amqpUrl: string;
  exchange: string;
  name: string;
}): Promise<Gatekeeper> {
  const gatekeeper = new Gatekeeper({ ...options, queue: `gk.${options.name}` });
  await gatekeeper.start({ port: 0 });
  return gatekeeper;
}

async function replay(code: string, histories: { workflowId: string; history: History }[]): Promise<void> {
  // A run that no worker has processed has nothing to replay.
  const seen = histories.filter(({ history }) =>
    history.events?.some((event) => event.workflowTaskCompletedEventAttributes),
  );
  if (seen.length === 0) return;
  const results = Worker.runReplayHistories({ workflowBundle: { code } }, seen);
  for await (const { workflowId, error } of results) {
    if (error !== undefined)
      throw new Error(`${workflowId} does not replay: ${error.message}`, { cause: error });
  }
}

interface Fixtures {
  /** One rig for all tests of the file, without a repository. Their migrations are independent. */
  rig: Rig;
  /** The same, with a repository. */
  rigWithRepository: Rig;
  /** The same, with a Gatekeeper beside the bus. */
  routed: Rig;
  /** The same, with a Gatekeeper and a repository. */
  routedWithRepository: Rig;
  /** Opens a rig for this test alone. */
  open: (options: RigOptions) => Promise<Rig>;
}

/**
 * A test with rigs. At the end of the test or of its file, the rigs are closed and what ran in them is replayed.
 */
export const it = plainIt.extend<Fixtures>({
  rig: [({}, use) => lend(use, {}), { scope: 'file' }],
  rigWithRepository: [({}, use) => lend(use, { repository: true }), { scope: 'file' }],
  routed: [({}, use) => lend(use, { gatekeeper: true }), { scope: 'file' }],
  routedWithRepository: [({}, use) => lend(use, { gatekeeper: true, repository: true }), { scope: 'file' }],
  open: async ({}, use) => {
    const rigs: Rig[] = [];
    await use(async (options) => {
      const rig = await Rig.open(options);
      rigs.push(rig);
      return rig;
    });
    await Promise.all(rigs.map((rig) => rig.close()));
  },
});

async function lend(use: (rig: Rig) => Promise<void>, options: RigOptions): Promise<void> {
  const rig = await Rig.open(options);
  await use(rig);
  await rig.close();
}

/** Repeats the check until it throws nothing. */
export async function eventually<T>(look: () => T | Promise<T>, { timeout = 20_000 } = {}): Promise<T> {
  return await vi.waitFor(look, { timeout, interval: 40 });
}

/** Building the bundle takes seconds, so it is cached until its sources change. */
async function workflowCode(): Promise<string> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const file = `${root}node_modules/.cache/vnf-migrator/workflows-${await hashOfSources(root)}.js`;
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known !== null) return known;
  const { code } = await bundleWorkflowCode({
    workflowsPath: `${root}src/workflows/index.ts`,
    preloadModules: [`${root}src/workflows/index.ts`],
    workflowInterceptorModules: [`${root}src/workflows/runtime/task-guard.ts`],
    logger: runtimeLogger(log),
  });
  await mkdir(`${root}node_modules/.cache/vnf-migrator`, { recursive: true });
  await writeFile(`${file}.${process.pid}`, code);
  await rename(`${file}.${process.pid}`, file);
  return code;
}

async function hashOfSources(root: string): Promise<string> {
  const folders = ['src/workflows/', 'src/shared/'];
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(root + folder, { recursive: true }))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => folder + name),
    ),
  );
  const hash = createHash('sha256');
  for (const name of [...names.flat().sort(), 'package-lock.json']) {
    hash.update(`${name}\0`).update(await readFile(root + name));
  }
  return hash.digest('hex').slice(0, 16);
}
