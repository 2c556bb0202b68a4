/**
 * What the scenarios run on: a Temporal with its database on disk, RabbitMQ, the simulated MANO, a worker and a console,
 * each a process of the build.
 *
 * Invariants: nothing outlives this process, however it ends (a reaper kills it). A process that is killed starts again on
 * the same port.
 */
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Role } from '../../../src/console/access/caller.js';
import { newToken } from '../../../src/console/access/tokens.js';
import { freePorts, LOOPBACK } from '../../../src/dev/processes/ports.js';
import { Service } from '../../../src/dev/processes/service.js';
import { Supervisor } from '../../../src/dev/processes/supervisor.js';
import { settingsFor } from '../../../src/dev/settings-for-stack.js';
import { startStack, type Stack } from '../../../src/dev/stack.js';
import type { TemporalServer } from '../../../src/dev/temporal/server.js';
import {
  entriesOf,
  generateWorld,
  readLedger,
  type LedgerEntry,
  type RuleInput,
  type WorldSnapshot,
  type WorldSpec,
} from '../../../src/simulator/index.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const START_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 15_000;
/** Two VNFs each. */
const SERVICES = 30;

/** A console, and who may log in there. */
export interface ConsoleUnderTest {
  service: Service;
  /** Without a slash at its end. */
  url: string;
  /** Empty: it has no login. */
  tokensFile: string;
}

export interface Stage {
  readonly temporal: TemporalServer;
  readonly temporalUiUrl: string;
  readonly worker: Service;
  readonly console: ConsoleUnderTest;
  /** Lets in an operator. */
  readonly token: string;
  readonly world: WorldSpec;
  ledger(): LedgerEntry[];
  /** The requests for a migration that the MANO has got so far. */
  migrationRequests(): number;
  snapshot(): Promise<WorldSnapshot>;
  addRules(...rules: RuleInput[]): Promise<void>;
  /** A token that the console lets in from now on. */
  letIn(holder: { name: string; role: Role }): Promise<{ token: string; line: string }>;
  /** Another console, with settings of its own. */
  startConsole(name: string, settings: Record<string, string>): Promise<ConsoleUnderTest>;
  /** Another worker, with settings of its own. */
  startWorker(name: string, settings: Record<string, string>): Promise<Service>;
  close(): Promise<void>;
}

interface StageOptions {
  directory: string;
  install: boolean;
  report: (line: string) => void;
}

export async function openStage({ directory, install, report }: StageOptions): Promise<Stage> {
  await mkdir(directory, { recursive: true });
  const stack = await startStack({
    ...{ directory: join(directory, 'stack'), install, report, persistent: true, management: false },
    env: ofItsOwn(process.env),
  });
  const processes = await Supervisor.start(join(directory, 'processes'));
  const close = async (): Promise<void> => {
    await processes.close();
    await stack.stop();
  };
  try {
    return { ...(await fill({ directory, stack, processes })), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Servers that the environment names are not to be killed. */
function ofItsOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: 'default', AMQP_URL: '' };
}

interface Parts {
  directory: string;
  stack: Stack;
  processes: Supervisor;
}

async function fill({ directory, stack, processes }: Parts): Promise<Omit<Stage, 'close'>> {
  const { temporal, temporalUiUrl } = stack;
  if (temporal === null || temporalUiUrl === null) throw new Error('Temporal must be one of our own');
  const name = `browser-${randomUUID()}`;
  const bus = { ...settingsFor(stack), AMQP_EXCHANGE: name };
  const start = starterOf({ directory, processes });
  const mano = await startMano(start, { directory, seed: name, bus });
  const environment = {
    ...bus,
    TEMPORAL_TASK_QUEUE: name,
    DEPLOYMENT: 'browser-test',
    REPOSITORY_URL: mano.repositoryUrl,
  };
  const startWorker = async (id: string, settings: Record<string, string>): Promise<Service> => {
    const [port = 0] = await freePorts(1);
    const url = `http://${LOOPBACK}:${port}/readyz`;
    return start({
      name: id,
      args: ['worker'],
      env: { ...environment, ...settings, HTTP_ADDRESS: `${LOOPBACK}:${port}` },
      readyAt: url,
    });
  };
  const startConsole = async (id: string, settings: Record<string, string>): Promise<ConsoleUnderTest> => {
    const [port = 0] = await freePorts(1);
    const url = `http://${LOOPBACK}:${port}`;
    const env = { ...environment, CONSOLE_ADDRESS: `${LOOPBACK}:${port}`, ...settings };
    const service = await start({ name: id, args: ['console'], env, readyAt: `${url}/livez` });
    return { service, url, tokensFile: settings['CONSOLE_TOKENS_FILE'] ?? '' };
  };
  const tokensFile = join(directory, 'tokens');
  const { token, line } = newToken({ name: 'olga', role: 'operator' });
  await writeFile(tokensFile, `${line}\n`, { mode: 0o600 });
  const [worker, console] = await Promise.all([
    startWorker('worker', {}),
    startConsole('console', { CONSOLE_TOKENS_FILE: tokensFile }),
  ]);
  return {
    ...{ temporal, temporalUiUrl, worker, console, token, startConsole, startWorker },
    ...mano.oracle,
    letIn: async (holder) => {
      const made = newToken(holder);
      await appendFile(tokensFile, `${made.line}\n`);
      return made;
    },
  };
}

interface StartedProcess {
  name: string;
  args: readonly string[];
  env: Record<string, string>;
  /** Answered with success as soon as it serves. */
  readyAt: string;
}

type Start = (process: StartedProcess) => Promise<Service>;

function starterOf({ directory, processes }: Omit<Parts, 'stack'>): Start {
  return async ({ name, args, env, readyAt }) => {
    const service = new Service({
      supervisor: processes,
      name,
      spawn: {
        command: process.execPath,
        args: [MAIN, ...args],
        env: { ...process.env, ...env },
        logFile: join(directory, `${name}.log`),
        stopTimeoutMs: STOP_WITHIN_MS,
      },
      isReady: () =>
        fetch(readyAt).then(
          ({ ok }) => ok,
          () => false,
        ),
      startTimeoutMs: START_WITHIN_MS,
    });
    await service.start();
    return service;
  };
}

interface Mano {
  repositoryUrl: string;
  oracle: Pick<Stage, 'world' | 'ledger' | 'migrationRequests' | 'snapshot' | 'addRules'>;
}

async function startMano(
  start: Start,
  { directory, seed, bus }: { directory: string; seed: string; bus: Record<string, string> },
): Promise<Mano> {
  const [repositoryPort = 0, controlPort = 0] = await freePorts(2);
  const file = join(directory, 'ledger.jsonl');
  const control = `http://${LOOPBACK}:${controlPort}`;
  const args = [
    ...['simulate', '--json', '--reconnect', '--seed', seed, '--services', `${SERVICES}`],
    ...['--migration-ms', '2000..3000', '--ledger', file],
    ...['--repository-port', `${repositoryPort}`, '--control-port', `${controlPort}`],
  ];
  await start({ name: 'simulate', args, env: bus, readyAt: `${control}/world` });
  const ledger = (): LedgerEntry[] => readLedger(file);
  return {
    repositoryUrl: `http://${LOOPBACK}:${repositoryPort}`,
    oracle: {
      world: generateWorld({ services: SERVICES, seed }),
      ledger,
      migrationRequests: () =>
        entriesOf(ledger(), 'request').filter(({ kind }) => kind === 'migration').length,
      snapshot: async () => (await (await fetch(`${control}/world`)).json()) as WorldSnapshot,
      addRules: async (...rules) => {
        const answer = await fetch(`${control}/rules`, { method: 'POST', body: JSON.stringify(rules) });
        if (!answer.ok) throw new Error(`the MANO refused rules: ${await answer.text()}`);
      },
    },
  };
}
