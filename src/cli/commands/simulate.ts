/**
 * `vnf-migrator simulate`: the simulated MANO and its repository as a separate process.
 *
 * Invariants: the command checks every argument, file and setting before it connects or writes anything. It reports
 * all problems together. The first line on standard output states that the simulator is ready.
 */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { accessProblems, brokerFiles } from '../../settings/broker-tls-and-credentials.js';
import { brokerUrls } from '../../settings/broker-urls.js';
import { isNodeUrl } from '../../settings/config.js';
import { problemsOf } from '../../simulator/input-problems.js';
import { BEHAVIOURS, ruleSchema } from '../../simulator/rules.js';
import { DEFAULT_TIMINGS } from '../../simulator/slm.js';
import {
  DEFAULT_EXCHANGE,
  DEFAULT_SEED,
  DEFAULT_SERVICES,
  generateWorld,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../simulator/index.js';
import { worldSpecSchema, type WorldSpec } from '../../simulator/world-spec.js';
import { CommandError, EXIT } from '../exit-codes.js';

const DEFAULT_AMQP_URL = 'amqp://127.0.0.1:5672';

interface RawOptions {
  services?: string;
  vims?: string;
  world?: string;
  rules?: string;
  seed: string;
  ackDelayMs: string;
  migrationMs: string;
  repositoryTimeoutMs: string;
  ledger?: string;
  repositoryPort: string;
  repositoryHost: string;
  controlPort: string;
  gatekeeper: boolean;
  gatekeeperPort: string;
  reconnect: boolean;
  printWorld: boolean;
  json: boolean;
}

export function simulateCommand(): Command {
  const { ackDelayMs, migrationMs, repositoryTimeoutMs } = DEFAULT_TIMINGS;
  return new Command('simulate')
    .description('run a simulated MANO with its repository, to try things out without one')
    .option('--services <number>', `services to generate, each with two VNFs (default: ${DEFAULT_SERVICES})`)
    .option('--vims <number>', 'VIMs to generate; everything starts on the first (default: 3)')
    .addOption(
      new Option('--world <file>', 'JSON file with the services to start with').conflicts([
        'services',
        'vims',
      ]),
    )
    .option('--rules <file>', `JSON file with faults to inject: ${BEHAVIOURS.join(', ')}`)
    .option('--seed <text>', 'what ids and chances follow from', DEFAULT_SEED)
    .option('--ack-delay-ms <number>', 'time to handle one request', String(ackDelayMs))
    .option('--migration-ms <min..max>', 'time to move a VNF', `${migrationMs.min}..${migrationMs.max}`)
    .option(
      '--repository-timeout-ms <number>',
      'how long the MANO waits for a hanging repository',
      String(repositoryTimeoutMs),
    )
    .option(
      '--ledger <file>',
      'append requests, replies and changes to this file; a restart continues from it',
    )
    .option('--reconnect', 'connect again after a lost connection (the real MANO stays deaf)', false)
    .option('--repository-port <port>', 'port of the repository; 0: any free one', '0')
    .option('--repository-host <address>', 'address that the repository listens on', '127.0.0.1')
    .option('--control-port <port>', 'port of the controls; 0: any free one', '0')
    .option('--gatekeeper', 'run a simulated Gatekeeper, too', false)
    .option('--gatekeeper-port <port>', 'port of the Gatekeeper; 0: any free one', '0')
    .option('--print-world', 'print the world as JSON, as --world takes it, and exit', false)
    .option('--json', 'print the line that says it is ready as JSON', false)
    .action(simulate);
}

async function simulate(raw: RawOptions, command: Command): Promise<void> {
  const { options, problems } = readOptions(raw, process.env);
  if (problems.length > 0) {
    command.error(problems.map((problem) => `error: ${problem}`).join('\n'), { exitCode: EXIT.usage });
  }
  if (raw.printWorld) {
    console.log(JSON.stringify(options.world, null, 2));
    return;
  }
  const simulator = await startSimulator(options).catch((error: unknown) => {
    throw new CommandError(describeStartFailure(error));
  });
  // Install the handlers before the ready line: its reader may send a signal immediately.
  const toldToStop = untilTold();
  console.log(raw.json ? JSON.stringify(readyFacts(simulator)) : readyLine(simulator));
  await toldToStop;
  await simulator.stop();
}

function readyFacts(simulator: Simulator): Record<string, unknown> {
  const { repositoryUrl, controlUrl, gatekeeperUrl } = simulator;
  return { ready: true, pid: process.pid, repositoryUrl, controlUrl, gatekeeperUrl };
}

function readyLine({ repositoryUrl, controlUrl, gatekeeperUrl }: Simulator): string {
  const gatekeeper = gatekeeperUrl === null ? '' : `, Gatekeeper ${gatekeeperUrl}`;
  return `simulated MANO ready: repository ${repositoryUrl}, controls ${controlUrl}${gatekeeper}`;
}

/** Resolves on SIGTERM or SIGINT. */
function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

function describeStartFailure(error: unknown): string {
  const reason = error instanceof Error ? error.message || error.name : String(error);
  return `the simulated MANO cannot start: ${reason}`;
}

/** The parsed options, with all their problems. */
function readOptions(
  raw: RawOptions,
  environment: NodeJS.ProcessEnv,
): { options: SimulatorOptions & { world: WorldSpec }; problems: string[] } {
  const problems: string[] = [];
  const number = numberReader(problems);
  const options = {
    ...broker(environment, problems),
    exchange: setting(environment, 'AMQP_EXCHANGE') ?? DEFAULT_EXCHANGE,
    seed: raw.seed,
    reconnect: raw.reconnect,
    timings: {
      ackDelayMs: number('--ack-delay-ms', { text: raw.ackDelayMs, max: 3_600_000 }),
      migrationMs: range(raw.migrationMs, problems),
      repositoryTimeoutMs: number('--repository-timeout-ms', {
        text: raw.repositoryTimeoutMs,
        max: 3_600_000,
      }),
    },
    repositoryPort: number('--repository-port', { text: raw.repositoryPort, max: 65_535 }),
    repositoryHost: raw.repositoryHost,
    controlPort: number('--control-port', { text: raw.controlPort, max: 65_535 }),
    gatekeeper: raw.gatekeeper,
    gatekeeperPort: number('--gatekeeper-port', { text: raw.gatekeeperPort, max: 65_535 }),
    rules:
      raw.rules === undefined ? [] : (fileOf(raw.rules, { schema: z.array(ruleSchema), problems }) ?? []),
    world: readWorld(raw, problems),
    ...(raw.ledger === undefined ? {} : { ledgerFile: raw.ledger }),
  };
  return { options, problems };
}

function readWorld(raw: RawOptions, problems: string[]): WorldSpec {
  if (raw.world !== undefined) {
    return fileOf(raw.world, { schema: worldSpecSchema, problems }) ?? worldSpecSchema.parse({});
  }
  const number = numberReader(problems);
  const services = number('--services', { text: raw.services ?? String(DEFAULT_SERVICES), max: 100_000 });
  const vims = number('--vims', { text: raw.vims ?? '3', max: 1_000, min: 1 });
  return generateWorld({ services, vims, seed: raw.seed });
}

function numberReader(problems: string[]) {
  return (name: string, { text, max, min = 0 }: { text: string; max: number; min?: number }): number => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    problems.push(`${name} is "${text}": a whole number from ${min} to ${max} is needed`);
    return min;
  };
}

function range(text: string, problems: string[]): { min: number; max: number } {
  const [, min, max = min] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text) ?? [];
  const found = { min: Number(min), max: Number(max) };
  if (min !== undefined && found.min <= found.max) return found;
  problems.push(
    `--migration-ms is "${text}": milliseconds such as 300, or a range such as 200..400, are needed`,
  );
  return { min: 0, max: 0 };
}

/** An empty setting counts as absent. */
function setting(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  return environment[name] === '' ? undefined : environment[name];
}

function broker(
  environment: NodeJS.ProcessEnv,
  problems: string[],
): Pick<SimulatorOptions, 'amqpUrl' | 'amqpFiles'> {
  const url = setting(environment, 'AMQP_URL') ?? DEFAULT_AMQP_URL;
  const urls = brokerUrls(url);
  // Do not print the value: it may hold a password.
  if (!urls.every(isNodeUrl)) {
    problems.push('AMQP_URL is no AMQP address: one like amqp://user:password@host:5672/vhost is needed');
  }
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const files = brokerFiles(given);
  problems.push(...accessProblems({ urls, files }));
  return { amqpUrl: url, amqpFiles: files };
}

function fileOf<Schema extends z.ZodType>(
  file: string,
  { schema, problems }: { schema: Schema; problems: string[] },
): z.output<Schema> | undefined {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  problems.push(...problemsOf(parsed.error).map((problem) => `${file}: ${problem}`));
  return undefined;
}
