/** The processes of a chaos run: Temporal with its database on disk, a broker, the simulated MANO, workers. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStack, type Stack } from '../../src/dev/stack.js';
import { Supervisor, type SupervisedProcess } from '../../src/dev/supervisor.js';
import {
  readLedger,
  type LedgerEntry,
  type RuleInput,
  type WorldSnapshot,
  type WorldSpec,
} from '../../src/simulator/index.js';
import type { ChaosOptions } from './options.js';

const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;
const DEAF_FOR_MS = 5_000;

/** Of acks and of finals each; what is neither lost, late nor doubled goes well. */
const LOST = 0.05;
const DOUBLED = 0.1;
/** Beyond the ack timeout and the final timeout of the run's policy. */
const LATE = 0.05;
const LATE_ACK_MS = 17_000;
const LATE_FINAL_MS = 22_000;
const RULES: RuleInput[] = [
  { behaviour: 'ack-lost', probability: LOST },
  { behaviour: 'ack-late', probability: LATE, delayMs: LATE_ACK_MS },
  { behaviour: 'duplicate-ack', probability: DOUBLED },
  { behaviour: 'final-lost', probability: LOST },
  { behaviour: 'final-late', probability: LATE, delayMs: LATE_FINAL_MS },
  { behaviour: 'duplicate-final', probability: DOUBLED },
];

/** How often each was killed. */
export type Kills = Record<'worker' | 'temporal' | 'broker', number>;

export class ChaosStage {
  readonly kills: Kills = { worker: 0, temporal: 0, broker: 0 };
  private workers: SupervisedProcess[] = [];

  private constructor(
    readonly stack: Stack,
    private readonly parts: {
      processes: Supervisor;
      directory: string;
      options: ChaosOptions;
      controlUrl: string;
    },
    readonly environment: Record<string, string>,
  ) {}

  static async set(
    options: ChaosOptions,
    { world, report }: { world: WorldSpec; report: (line: string) => void },
  ) {
    const directory = resolve(`.vnf-migrator/chaos-${String(process.pid)}`);
    await mkdir(directory, { recursive: true });
    const stack = await startStack({
      directory: join(directory, 'stack'),
      install: true,
      persistent: true,
      report,
    });
    const processes = await Supervisor.start(join(directory, 'processes'));
    const { repositoryUrl, controlUrl } = await startMano(processes, {
      directory,
      options,
      world,
      amqpUrl: stack.amqpUrl,
    });
    const environment = {
      AMQP_URL: stack.amqpUrl,
      TEMPORAL_ADDRESS: stack.temporalAddress,
      TEMPORAL_NAMESPACE: stack.temporalNamespace,
      REPOSITORY_URL: repositoryUrl,
    };
    const stage = new ChaosStage(stack, { processes, directory, options, controlUrl }, environment);
    for (let index = 0; index < options.workers; index += 1) await stage.startWorker(index);
    return stage;
  }

  /** SIGKILL to one worker, and another in its place. */
  async killWorker(index: number): Promise<void> {
    this.kills.worker += 1;
    await this.workers[index]?.kill();
    await this.startWorker(index);
  }

  async killTemporal(): Promise<void> {
    this.kills.temporal += 1;
    await restart(this.stack.temporal);
  }

  async killBroker(): Promise<void> {
    this.kills.broker += 1;
    await restart(this.stack.rabbitmq);
    if (this.parts.options.mano === 'reconnects') return;
    // What a person does, some time later, about a MANO that stays deaf.
    await delay(DEAF_FOR_MS);
    await fetch(`${this.parts.controlUrl}/restart`, { method: 'POST' });
  }

  async world(): Promise<WorldSnapshot> {
    const response = await fetch(`${this.parts.controlUrl}/world`);
    return (await response.json()) as WorldSnapshot;
  }

  ledger(): LedgerEntry[] {
    return readLedger(join(this.parts.directory, 'ledger.jsonl'));
  }

  async stop(): Promise<void> {
    await this.parts.processes.close();
    await this.stack.stop();
  }

  private async startWorker(index: number): Promise<void> {
    this.workers[index] = await this.parts.processes.spawn({
      command: process.execPath,
      args: [COMMAND, 'worker'],
      env: { ...process.env, ...this.environment, LOG_LEVEL: 'warn' },
      logFile: join(this.parts.directory, `worker-${String(index)}.log`),
      stopTimeoutMs: STOP_WITHIN_MS,
    });
  }
}

interface Killable {
  kill(): Promise<void>;
  start(): Promise<void>;
}

async function restart(server: Killable | null): Promise<void> {
  await server?.kill();
  await server?.start();
}

async function startMano(
  processes: Supervisor,
  {
    directory,
    options,
    world,
    amqpUrl,
  }: { directory: string; options: ChaosOptions; world: WorldSpec; amqpUrl: string },
): Promise<{ repositoryUrl: string; controlUrl: string }> {
  const file = (name: string): string => join(directory, name);
  await writeFile(file('world.json'), JSON.stringify(world));
  await writeFile(file('rules.json'), JSON.stringify(RULES));
  await processes.spawn({
    command: process.execPath,
    args: [
      ...[COMMAND, 'simulate', '--json', '--seed', options.seed, '--ledger', file('ledger.jsonl')],
      ...['--world', file('world.json'), '--rules', file('rules.json'), '--migration-ms', '1000..5000'],
      ...(options.mano === 'reconnects' ? ['--reconnect'] : []),
    ],
    env: { ...process.env, AMQP_URL: amqpUrl },
    logFile: file('simulate.log'),
    stopTimeoutMs: STOP_WITHIN_MS,
  });
  const limit = AbortSignal.timeout(READY_WITHIN_MS);
  for (;;) {
    const text = await readFile(file('simulate.log'), 'utf8').catch(() => '');
    const [line] = /^\{"ready":true.*$/m.exec(text) ?? [];
    if (line !== undefined) return JSON.parse(line) as { repositoryUrl: string; controlUrl: string };
    if (limit.aborted) throw new Error(`the simulated MANO is not ready: ${text}`);
    await delay(50);
  }
}
