/** The processes that long runs share: workers that can be killed, and the simulated MANO with its ledger. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStack, type Stack } from '../../src/dev/stack.js';
import { settingsFor } from '../../src/dev/settings-for-stack.js';
import { Supervisor, type SupervisedProcess } from '../../src/dev/processes/supervisor.js';
import { readLedger, type LedgerEntry, type WorldSpec } from '../../src/simulator/index.js';

/** The built command `vnf-migrator`. */
export const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

interface ManoAddresses {
  repositoryUrl: string;
  controlUrl: string;
  /** Null without `--gatekeeper`. */
  gatekeeperUrl: string | null;
}

export class LongRun {
  private readonly workers: SupervisedProcess[] = [];

  private constructor(
    readonly stack: Stack,
    private readonly processes: Supervisor,
    /** The folder for all files of the run. */
    readonly directory: string,
  ) {}

  /** `name` is the name of its folder. `persistent` makes Temporal keep its database on disk. */
  static async begin(
    name: string,
    { persistent, report }: { persistent: boolean; report: (line: string) => void },
  ): Promise<LongRun> {
    const directory = resolve(`.vnf-migrator/${name}-${String(process.pid)}`);
    const stack = await startStack({
      directory: join(directory, 'stack'),
      install: true,
      persistent,
      report,
    });
    return await LongRun.on(stack, directory);
  }

  /** A run with its own processes and folder, on a stack that may outlive it. `stop` also stops the stack. */
  static async on(stack: Stack, directory: string): Promise<LongRun> {
    await mkdir(directory, { recursive: true });
    return new LongRun(stack, await Supervisor.start(join(directory, 'processes')), directory);
  }

  /** Writes a file of the run, and returns its path. */
  async write(name: string, content: unknown): Promise<string> {
    const file = join(this.directory, name);
    await writeFile(file, JSON.stringify(content));
    return file;
  }

  /** Resolves when the MANO is ready. */
  async startMano(world: WorldSpec, args: readonly string[]): Promise<ManoAddresses> {
    const worldFile = await this.write('world.json', world);
    const command = ['simulate', '--json', '--ledger', this.ledgerFile, '--world', worldFile, ...args];
    const { logFile } = await this.spawn('simulate', {
      args: [COMMAND, ...command],
      env: this.environment(),
    });
    const limit = AbortSignal.timeout(READY_WITHIN_MS);
    for (;;) {
      const text = await readFile(logFile, 'utf8').catch(() => '');
      const [line] = /^\{"ready":true.*$/m.exec(text) ?? [];
      if (line !== undefined) return JSON.parse(line) as ManoAddresses;
      if (limit.aborted) throw new Error(`the simulated MANO is not ready: ${text}`);
      await delay(50);
    }
  }

  /** The settings with which clients and workers reach the stack. */
  environment(): Record<string, string> {
    return settingsFor(this.stack);
  }

  async startWorker(index: number, env: Record<string, string>): Promise<void> {
    this.workers[index] = await this.spawn(`worker-${String(index)}`, {
      args: [COMMAND, 'worker'],
      env: { ...env, LOG_LEVEL: 'warn' },
    });
  }

  get workerPids(): number[] {
    return this.workers.map(({ pid }) => pid);
  }

  /** Kills one worker with SIGKILL, and starts another in its place. */
  async replaceWorker(index: number, env: Record<string, string>): Promise<void> {
    await this.workers[index]?.kill();
    await this.startWorker(index, env);
  }

  ledger(): LedgerEntry[] {
    return readLedger(this.ledgerFile);
  }

  /** A Node process that ends with the run at the latest. `name` is the name of its log. */
  async spawn(
    name: string,
    { args, env }: { args: readonly string[]; env: Record<string, string> },
  ): Promise<SupervisedProcess & { logFile: string }> {
    const logFile = join(this.directory, `${name}.log`);
    const spawned = await this.processes.spawn({
      command: process.execPath,
      args: [...args],
      env: { ...process.env, ...env },
      logFile,
      stopTimeoutMs: STOP_WITHIN_MS,
    });
    return { ...spawned, logFile };
  }

  /** Ends the processes, and keeps the stack. */
  async stopProcesses(): Promise<void> {
    await this.processes.close();
  }

  async stop(): Promise<void> {
    await this.stopProcesses();
    await this.stack.stop();
  }

  private get ledgerFile(): string {
    return join(this.directory, 'ledger.jsonl');
  }
}
