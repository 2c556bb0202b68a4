import { Command, InvalidArgumentError } from 'commander';
import { migrationsQuery } from '../../client/migration-list.js';
import { LISTED_STATUSES, listedStatus, type ListedStatus } from '../../client/visibility.js';
import { limitArgument, uuidArgument } from '../input/arguments.js';
import { vimOfOption } from '../input/vim-names.js';
import { withTemporal, type Context } from '../temporal/context.js';
import { printJson, printLine, table } from '../output/print.js';

interface ListOptions {
  status?: ListedStatus;
  vnf?: string;
  service?: string;
  vim?: string;
  limit: number;
  json?: boolean;
}

export function listCommand(): Command {
  return new Command('list')
    .description('list migrations, the newest first')
    .option('--status <status>', `one of ${LISTED_STATUSES.join(', ')}`, statusArgument)
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
    query: migrationsQuery(options),
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

function statusArgument(value: string): ListedStatus {
  const known = listedStatus(value);
  if (known === null) throw new InvalidArgumentError(`It is one of ${LISTED_STATUSES.join(', ')}.`);
  return known;
}
