import { Command, InvalidArgumentError } from 'commander';
import { limitArgument, uuidArgument } from '../input/arguments.js';
import { vimOfOption } from '../input/vim-names.js';
import { withTemporal, type Context } from '../temporal/context.js';
import { printJson, printLine, table } from '../output/print.js';

const STATUSES = ['Running', 'Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut'] as const;

interface ListOptions {
  status?: string;
  vnf?: string;
  service?: string;
  vim?: string;
  limit: number;
  json?: boolean;
}

export function listCommand(): Command {
  return new Command('list')
    .description('list migrations, the newest first')
    .option('--status <status>', `one of ${STATUSES.join(', ')}`, statusArgument)
    .option('--vnf <uuid>', 'of this VNF (needs the search attributes of `vnf-migrator setup`)', uuidArgument)
    .option('--service <uuid>', 'of this service', uuidArgument)
    .option('--vim <vim>', 'to this VIM, by name or uuid')
    .option('--limit <n>', 'at most so many', limitArgument, 50)
    .option('--json', 'print them as JSON, one a line')
    .action(async ({ vim, ...options }: ListOptions) => {
      const named = vim === undefined ? {} : { vim: await vimOfOption('--vim', vim) };
      await withTemporal((context) => list(context, { ...options, ...named }));
    });
}

async function list({ client }: Context, options: ListOptions): Promise<void> {
  const rows: string[][] = [];
  for await (const { workflowId, status, startTime, closeTime } of client.workflow.list({
    query: queryOf(options),
  })) {
    const startedAt = startTime.toISOString();
    const closedAt = closeTime?.toISOString() ?? null;
    if (options.json === true) printJson({ workflowId, status: status.name, startedAt, closedAt });
    rows.push([workflowId, status.name, startedAt, closedAt ?? '']);
    if (rows.length >= options.limit) break;
  }
  if (options.json === true) return;
  if (rows.length === 0) {
    printLine('no migrations');
    return;
  }
  for (const line of table(['workflow id', 'status', 'started', 'closed'], rows)) printLine(line);
}

function queryOf({ status, vnf, service, vim }: ListOptions): string {
  const clauses = [
    `WorkflowType = 'migrateVnf'`,
    ...clause('ExecutionStatus', status),
    ...clause('VnfUuid', vnf),
    ...clause('VnfServiceUuid', service),
    ...clause('VnfTargetVim', vim),
  ];
  return clauses.join(' AND ');
}

function clause(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name} = '${value}'`];
}

function statusArgument(value: string): string {
  const known = STATUSES.find((status) => status.toLowerCase() === value.toLowerCase());
  if (known === undefined) throw new InvalidArgumentError(`It is one of ${STATUSES.join(', ')}.`);
  return known;
}
