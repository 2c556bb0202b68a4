import { Command, Option } from 'commander';
import { parseMigrationRequest, POLICY_NAMES, type MigrationInput } from '../../shared/migration/contract.js';
import { namedValues, repeated } from '../input/arguments.js';
import { vimResolverFromSettings } from '../input/vim-names.js';
import { withTemporal, type Context } from '../temporal/context.js';
import { CommandError, EXIT } from '../exit-codes.js';
import { follow, endingLineOf } from '../follow/migration.js';
import { printJson, printLine } from '../output/print.js';

interface MigrateOptions {
  service?: string;
  vnf?: string;
  vim?: string;
  policy: string[];
  id?: string;
  wait: boolean;
  json?: boolean;
  afterUnknown?: boolean;
}

export function migrateCommand(): Command {
  return new Command('migrate')
    .description('migrate one VNF to another VIM, and wait for the end')
    .option('--service <uuid>', 'the service instance that the VNF belongs to (required)')
    .option('--vnf <uuid>', 'the VNF to move (required)')
    .option('--vim <vim>', 'the VIM to move it to, by name or uuid (required)')
    .addOption(
      new Option('--policy <name=value>', 'a part of the policy, such as finalTimeout=1h; may be repeated')
        .argParser(repeated)
        .default([], 'the defaults'),
    )
    .option(
      '--id <workflow id>',
      'default: vnf-migration/<vnf uuid>, which keeps a VNF from being moved twice at a time',
    )
    .option('--after-unknown', 'start although nobody knows how the last migration of this VNF ended')
    .option('--no-wait', 'start it, and leave it to itself')
    .option('--json', 'print the result as JSON; progress goes to standard error')
    .addHelpText(
      'after',
      `\nCtrl-C leaves the migration running. Parts of the policy: ${POLICY_NAMES.join(', ')}.`,
    )
    .action(async (options: MigrateOptions) => {
      const input = await inputFrom(options);
      await withTemporal((context) => migrate(context, { options, input }));
    });
}

async function migrate(
  { migrations }: Context,
  { options, input }: { options: MigrateOptions; input: MigrationInput },
): Promise<void> {
  const { workflowId, isNew } = await migrations.start(input, {
    ...(options.id === undefined ? {} : { workflowId: options.id }),
    afterUnknown: options.afterUnknown === true,
  });
  if (options.json !== true) printLine(`${workflowId} ${isNew ? 'started' : 'runs already; following it'}`);
  const tell = (line: string): void =>
    void process[options.json === true ? 'stderr' : 'stdout'].write(`${line}\n`);
  if (!options.wait) {
    if (options.json === true) printJson({ workflowId });
    else printLine(`see: vnf-migrator status ${workflowId}`);
    return;
  }
  process.once('SIGINT', () => {
    tell(
      `The migration continues in the background. Follow it: vnf-migrator status ${workflowId}; to stop waiting: vnf-migrator cancel ${workflowId}`,
    );
    process.exit(EXIT.interrupted);
  });
  const ending = await follow(migrations, { workflowId, tell });
  const { line, code } = endingLineOf(ending);
  if (options.json === true) printJson({ workflowId, ...endingJson(ending) });
  else printLine(line);
  process.exitCode = code;
}

/** @throws CommandError that names all that is missing or wrong */
async function inputFrom({ service, vnf, vim, policy }: MigrateOptions): Promise<MigrationInput> {
  const named = vim === undefined ? null : await vimResolverFromSettings()(vim);
  const input = {
    serviceInstanceUuid: service,
    vnfUuid: vnf,
    vimUuid: named?.kind === 'vim' ? named.uuid : vim,
    policy: namedValues('--policy', policy),
  };
  const parsed = parseMigrationRequest(input);
  const wrong = parsed.kind === 'invalid' ? parsed.problems : [];
  // What a name is not, is said better by the list than by the form of a uuid.
  const problems =
    named?.kind === 'problem'
      ? [...wrong.filter((problem) => !problem.startsWith('vimUuid')), `vimUuid: ${named.message}`]
      : wrong;
  if (problems.length > 0) throw new CommandError(wrongRequest(problems), { code: EXIT.usage });
  return input as MigrationInput;
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
      OPTION_OF_FIELD[field] ?? (field.startsWith('policy') ? `--policy ${field.slice(7)}`.trimEnd() : null);
    return `  ${option === null ? problem : `${option}${problem.slice(field.length)}`}`;
  });
  return `the request is wrong:\n${lines.join('\n')}`;
}

function endingJson(ending: Awaited<ReturnType<typeof follow>>): object {
  if (ending.kind === 'result') return { result: ending.result };
  const { type, message, state } = ending.error;
  return { failure: { type, message, state } };
}
