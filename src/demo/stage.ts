/**
 * Everything that the demo runs on: a private Temporal and RabbitMQ, the simulated MANO and a worker. Each is a
 * separate process.
 *
 * Invariant: no process outlives the demo, however the demo ends. A reaper kills them.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startStack, type Stack } from '../dev/stack.js';
import { settingsFor } from '../dev/settings-for-stack.js';
import { newToken } from '../console/access/tokens.js';
import { Supervisor, type SupervisedProcess } from '../dev/processes/supervisor.js';
import { DevError } from '../dev/errors.js';
import type { RuleInput, WorldSpec } from '../simulator/index.js';

export interface StageOptions {
  directory: string;
  install: boolean;
  world: WorldSpec;
  rules: RuleInput[];
  /** Whether to serve the console too. */
  withConsole: boolean;
  report: (line: string) => void;
  signal: AbortSignal;
}

export interface Stage {
  stack: Stack;
  /** The settings that connect a command to this stage. */
  environment: Record<string, string>;
  logs: string;
  /** Null: it was not asked for. */
  console: DemoConsole | null;
  stop(): Promise<void>;
}

export interface DemoConsole {
  url: string;
  /** Lets in an operator, for as long as the demo runs. */
  token: string;
}

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const COMMAND = fileURLToPath(new URL('../cli/main.js', import.meta.url));

export async function setStage(options: StageOptions): Promise<Stage> {
  const { install, world, rules, report, signal } = options;
  const directory = resolve(options.directory);
  const stack = await startStack({ directory, install, report, signal });
  const logs = join(directory, 'logs');
  await rm(logs, { recursive: true, force: true });
  await mkdir(logs, { recursive: true });
  const processes = await Supervisor.start(join(directory, 'processes'));
  const stop = async (): Promise<void> => {
    await processes.close();
    await stack.stop();
  };
  try {
    // On servers that the environment names, the demo uses names of its own.
    const own = `vnf-migrator-demo-${process.pid}`;
    const reached = { ...settingsFor(stack), AMQP_EXCHANGE: own };
    const files = { world: join(directory, 'world.json'), rules: join(directory, 'rules.json') };
    await writeFile(files.world, JSON.stringify(world));
    await writeFile(files.rules, JSON.stringify(rules));
    const repositoryUrl = await startSimulator(processes, { logs, reached, files });
    report(`simulated MANO: ready, repository on ${repositoryUrl}`);
    const environment = {
      ...reached,
      TEMPORAL_TASK_QUEUE: own,
      DEPLOYMENT: own,
      REPOSITORY_URL: repositoryUrl,
    };
    await startWorker(processes, { logs, environment });
    report('worker: ready, with its reply listener');
    const tokensFile = join(directory, 'console-tokens');
    const console = options.withConsole
      ? await startConsole(processes, { logs, environment, tokensFile })
      : null;
    return { stack, environment, logs, console, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSimulator(
  processes: Supervisor,
  {
    logs,
    reached,
    files,
  }: { logs: string; reached: Record<string, string>; files: { world: string; rules: string } },
): Promise<string> {
  const logFile = join(logs, 'simulate.log');
  const started = await processes.spawn({
    command: process.execPath,
    args: [
      ...[COMMAND, 'simulate', '--json', '--reconnect', '--migration-ms', '1500..4000'],
      ...['--world', files.world, '--rules', files.rules],
    ],
    env: { ...process.env, ...reached },
    logFile,
    stopTimeoutMs: STOP_WITHIN_MS,
  });
  const line = await lineInLog(logFile, { pattern: /^\{"ready":true.*$/m, started });
  return (JSON.parse(line) as { repositoryUrl: string }).repositoryUrl;
}

async function startWorker(
  processes: Supervisor,
  { logs, environment }: { logs: string; environment: Record<string, string> },
): Promise<void> {
  const logFile = join(logs, 'worker.log');
  const started = await processes.spawn({
    command: process.execPath,
    args: [COMMAND, 'worker'],
    env: { ...process.env, ...environment },
    logFile,
    stopTimeoutMs: STOP_WITHIN_MS,
  });
  await lineInLog(logFile, { pattern: /"started the worker"/, started });
}

async function startConsole(
  processes: Supervisor,
  {
    logs,
    environment,
    tokensFile,
  }: { logs: string; environment: Record<string, string>; tokensFile: string },
): Promise<DemoConsole> {
  const { token, line } = newToken({ name: 'demo', role: 'operator' });
  await writeFile(tokensFile, `${line}\n`, { mode: 0o600 });
  const logFile = join(logs, 'console.log');
  const started = await processes.spawn({
    command: process.execPath,
    args: [COMMAND, 'console'],
    // Any free port: another console may have its usual one.
    env: { ...process.env, ...environment, CONSOLE_ADDRESS: '0', CONSOLE_TOKENS_FILE: tokensFile },
    logFile,
    stopTimeoutMs: STOP_WITHIN_MS,
  });
  const url = await lineInLog(logFile, { pattern: /^http:.*$/m, started });
  return { url, token };
}

/** Waits for a line in the log of a starting process. */
async function lineInLog(
  logFile: string,
  { pattern, started }: { pattern: RegExp; started: SupervisedProcess },
): Promise<string> {
  const limit = AbortSignal.timeout(READY_WITHIN_MS);
  const ended = new AbortController();
  void started.exited.then(() => ended.abort());
  for (;;) {
    const text = await readFile(logFile, 'utf8').catch(() => '');
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return found;
    if (ended.signal.aborted || limit.aborted) {
      const what = ended.signal.aborted ? 'it ended' : 'it is not ready';
      throw new DevError(`${logFile}: ${what}\n${text.slice(-2_000)}`);
    }
    await delay(50);
  }
}
