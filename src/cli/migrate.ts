import { Command, Option } from 'commander';
import { load, YAMLException } from 'js-yaml';
import { InvalidRequestError } from '../client/errors.js';
import { withTemporal, type Context } from './context.js';
import { CommandError, EXIT } from './exit.js';
import { follow, tellEnding } from './follow.js';
import { printJson, printLine } from './print.js';

interface MigrateOptions {
  service: string;
  vnf: string;
  vim: string;
  policy: string[];
  id?: string;
  wait: boolean;
  json?: boolean;
  afterUnknown?: boolean;
}

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('migrate one VNF to another VIM, and wait for the end')
    .requiredOption('--service <uuid>', 'the service instance that the VNF belongs to')
    .requiredOption('--vnf <uuid>', 'the VNF to move')
    .requiredOption('--vim <uuid>', 'the VIM to move it to')
    .addOption(
      new Option('--policy <name=value>', 'a part of the policy, such as finalTimeout=1h; may be repeated')
        .argParser((value: string, given: string[]) => [...given, value])
        .default([], 'the defaults'),
    )
    .option(
      '--id <workflow id>',
      'default: vnf-migration/<vnf uuid>, which keeps a VNF from being moved twice at a time',
    )
    .option('--after-unknown', 'start although nobody knows how the last migration of this VNF ended')
    .option('--no-wait', 'start it, and leave it to itself')
    .option('--json', 'print the result as JSON; progress goes to standard error')
    .action((options: MigrateOptions) => withTemporal((context) => migrate(context, options)));
}

async function migrate({ migrations }: Context, options: MigrateOptions): Promise<void> {
  const workflowId = await start(migrations, options);
  const tell = (line: string): void =>
    void process[options.json === true ? 'stderr' : 'stdout'].write(`${line}\n`);
  if (!options.wait) {
    if (options.json === true) printJson({ workflowId });
    else printLine(`see: vnf-migrator status ${workflowId}`);
    return;
  }
  const ending = await follow(migrations, { workflowId, tell });
  const { line, code } = tellEnding(ending);
  if (options.json === true) printJson({ workflowId, ...endingJson(ending) });
  else printLine(line);
  process.exitCode = code;
}

async function start(
  migrations: Context['migrations'],
  { service, vnf, vim, policy, id, afterUnknown, json }: MigrateOptions,
): Promise<string> {
  const input = { serviceInstanceUuid: service, vnfUuid: vnf, vimUuid: vim, policy: policyFrom(policy) };
  try {
    const { workflowId, isNew } = await migrations.start(input, {
      ...(id === undefined ? {} : { workflowId: id }),
      afterUnknown: afterUnknown === true,
    });
    if (json !== true) printLine(`${workflowId} ${isNew ? 'started' : 'runs already; following it'}`);
    return workflowId;
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    throw new CommandError(wrongRequest(error.problems), { code: EXIT.usage });
  }
}

const OPTION_OF_FIELD: Record<string, string> = {
  serviceInstanceUuid: '--service',
  vnfUuid: '--vnf',
  vimUuid: '--vim',
};

function wrongRequest(problems: readonly string[]): string {
  const lines = problems.map((problem) => {
    const [field = ''] = problem.split(':', 1);
    const option =
      OPTION_OF_FIELD[field] ?? (field.startsWith('policy') ? `--policy ${field.slice(7)}` : null);
    return `  ${option === null ? problem : `${option}${problem.slice(field.length)}`}`;
  });
  return `the request is wrong:\n${lines.join('\n')}`;
}

/** Values as YAML reads them, so that numbers are numbers and the rest is text. */
function policyFrom(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) {
        throw new CommandError(`--policy ${pair}: expected name=value, such as finalTimeout=1h`, {
          code: EXIT.usage,
        });
      }
      return [pair.slice(0, equals), scalar(pair.slice(equals + 1))];
    }),
  );
}

function scalar(text: string): unknown {
  try {
    return load(text);
  } catch (error) {
    if (error instanceof YAMLException) return text;
    throw error;
  }
}

function endingJson(ending: Awaited<ReturnType<typeof follow>>): object {
  if (ending.kind === 'result') return { result: ending.result };
  const { type, message, state } = ending.error;
  return { failure: { type, message, state } };
}
