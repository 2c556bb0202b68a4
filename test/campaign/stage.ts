/** The processes of a scale run: Temporal, a broker, the simulated MANO, workers. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStack, type Stack } from '../../src/dev/stack.js';
import { Supervisor, type SupervisedProcess } from '../../src/dev/supervisor.js';
import { readLedger, type LedgerEntry, type WorldSpec } from '../../src/simulator/index.js';
import type { ScaleOptions } from './options.js';

const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

export class ScaleStage {
  private readonly workers: SupervisedProcess[] = [];

  private constructor(
    readonly stack: Stack,
    private readonly parts: { processes: Supervisor; directory: string },
    readonly environment: Record<string, string>,
  ) {}

  static async set(
    options: ScaleOptions,
    { world, report }: { world: WorldSpec; report: (line: string) => void },
  ): Promise<ScaleStage> {
    const directory = resolve(`.vnf-migrator/campaign-scale-${String(process.pid)}`);
    await mkdir(directory, { recursive: true });
    const stack = await startStack({
      directory: join(directory, 'stack'),
      install: true,
      persistent: false,
      report,
    });
    const processes = await Supervisor.start(join(directory, 'processes'));
    const { amqpUrl } = stack;
    const { repositoryUrl } = await startMano(processes, { directory, options, world, amqpUrl });
    const environment = {
      AMQP_URL: amqpUrl,
      TEMPORAL_ADDRESS: stack.temporalAddress,
      TEMPORAL_NAMESPACE: stack.temporalNamespace,
      ...(options.repository ? { REPOSITORY_URL: repositoryUrl } : {}),
    };
    const stage = new ScaleStage(stack, { processes, directory }, environment);
    for (let index = 0; index < options.workers; index += 1) await stage.startWorker(index);
    return stage;
  }

  /** SIGKILL to one worker, and another in its place. */
  async killWorker(index: number): Promise<void> {
    await this.workers[index]?.kill();
    await this.startWorker(index);
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

async function startMano(
  processes: Supervisor,
  {
    directory,
    options,
    world,
    amqpUrl,
  }: { directory: string; options: ScaleOptions; world: WorldSpec; amqpUrl: string },
): Promise<{ repositoryUrl: string }> {
  const file = (name: string): string => join(directory, name);
  await writeFile(file('world.json'), JSON.stringify(world));
  await processes.spawn({
    command: process.execPath,
    args: [
      ...[COMMAND, 'simulate', '--json', '--ledger', file('ledger.jsonl'), '--world', file('world.json')],
      ...['--migration-ms', options.migrationMs, '--ack-delay-ms', '1'],
    ],
    env: { ...process.env, AMQP_URL: amqpUrl },
    logFile: file('simulate.log'),
    stopTimeoutMs: STOP_WITHIN_MS,
  });
  const limit = AbortSignal.timeout(READY_WITHIN_MS);
  for (;;) {
    const text = await readFile(file('simulate.log'), 'utf8').catch(() => '');
    const [line] = /^\{"ready":true.*$/m.exec(text) ?? [];
    if (line !== undefined) return JSON.parse(line) as { repositoryUrl: string };
    if (limit.aborted) throw new Error(`the simulated MANO is not ready: ${text}`);
    await delay(50);
  }
}
