import { Command, Option } from 'commander';
import type { CampaignClient } from '../../../client/campaign-client.js';
import type { CampaignProgress, CampaignResult, ItemCounts } from '../../../shared/campaign/views.js';
import { limitArgument } from '../../input/arguments.js';
import { withTemporal } from '../../temporal/context.js';
import { printJson, printLine, table } from '../../output/print.js';
import { countsText, labelOf, stateText } from '../../output/campaign-text.js';

const STATUSES = ['running', 'completed', 'failed', 'canceled', 'terminated', 'timedout'];
const TEMPORALS: Record<string, string> = {
  ...{ running: 'Running', completed: 'Completed', failed: 'Failed', canceled: 'Canceled' },
  ...{ terminated: 'Terminated', timedout: 'TimedOut' },
};

interface ListOptions {
  status?: string;
  limit: number;
  json?: boolean;
}

export function listCommand(): Command {
  return new Command('list')
    .description('list campaigns, the newest first, and how far each is')
    .addOption(new Option('--status <status>', "filter by Temporal's status").choices(STATUSES))
    .option('--limit <n>', 'at most so many', limitArgument, 20)
    .option('--json', 'print them as JSON, one a line')
    .action((options: ListOptions) => withTemporal(({ campaigns }) => list(campaigns, options)));
}

async function list(campaigns: CampaignClient, { status, limit, json }: ListOptions): Promise<void> {
  const runs: Run[] = [];
  const filter = status === undefined ? {} : { status: TEMPORALS[status] ?? status };
  for await (const run of campaigns.list(filter)) {
    runs.push(run);
    if (runs.length >= limit) break;
  }
  const rows = await Promise.all(runs.map(async (run) => ({ ...run, ...(await standing(campaigns, run)) })));
  if (json === true) {
    for (const row of rows) printJson(row);
    return;
  }
  if (rows.length === 0) {
    printLine('no campaigns');
    return;
  }
  const cells = rows.map(({ workflowId, state, counts, startedAt, closedAt }) => [
    labelOf(workflowId),
    stateText(state),
    counts === null ? '?' : countsText(counts),
    startedAt,
    closedAt ?? '',
  ]);
  for (const line of table(['campaign', 'state', 'items', 'started', 'ended'], cells)) printLine(line);
}

type Run = CampaignClient['list'] extends (...given: never[]) => AsyncGenerator<infer One> ? One : never;

interface Standing {
  /** The campaign's own state, or Temporal's status if the campaign did not answer the query. */
  state: string;
  counts: ItemCounts | null;
  startedAt: string;
}

async function standing(
  campaigns: CampaignClient,
  { workflowId, status, startedAt }: Run,
): Promise<Standing> {
  try {
    if (status === 'RUNNING') return picked(await campaigns.progress(workflowId));
    if (status === 'COMPLETED') return picked(await campaigns.result(workflowId));
  } catch {
    // No worker runs, or Temporal has deleted the campaign in the meantime. The list still shows the other
    // campaigns.
  }
  return { state: status, counts: null, startedAt };
}

function picked({ state, counts, startedAt }: CampaignProgress | CampaignResult): Standing {
  return { state, counts, startedAt };
}
