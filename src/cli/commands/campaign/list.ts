import { campaignLabel } from '../../../shared/names.js';
import { ServiceError } from '@temporalio/client';
import { Command, Option } from 'commander';
import type { CampaignClient, LatestRun } from '../../../client/campaign-client.js';
import { campaignStanding, type CampaignStanding } from '../../../client/campaign-list.js';
import type { CampaignSchedule, CampaignSchedules } from '../../../client/campaign-schedules.js';
import { LISTED_STATUSES, listedStatus } from '../../../client/visibility.js';
import { limitArgument } from '../../input/arguments.js';
import { withTemporal, type Context } from '../../temporal/context.js';
import { readableError } from '../../exit-codes.js';
import { printJson, printLine, table } from '../../output/print.js';
import { countsText, stateText } from '../../output/campaign-text.js';

interface ListOptions {
  status?: string;
  limit: number;
  json?: boolean;
}

export function listCommand(): Command {
  return new Command('list')
    .description('list campaigns, the newest first, and how far each is')
    .addOption(
      new Option('--status <status>', "filter by Temporal's status").choices(
        LISTED_STATUSES.map((status) => status.toLowerCase()),
      ),
    )
    .option('--limit <n>', 'at most so many', limitArgument, 20)
    .option('--json', 'print them as JSON, one a line')
    .addHelpText(
      'after',
      `
Schedules follow, unless --status is given. In JSON the \`kind\` of a line is campaign or schedule.`,
    )
    .action((options: ListOptions) => withTemporal((context) => list(context, options)));
}

async function list({ campaigns, schedules }: Context, { status, limit, json }: ListOptions): Promise<void> {
  const [rows, scheduled] = await Promise.all([
    campaignRows(campaigns, { status, limit }),
    status === undefined ? scheduleRows(schedules) : [],
  ]);
  if (json === true) {
    for (const row of rows) printJson({ kind: 'campaign', ...row });
    for (const row of scheduled) printJson({ kind: 'schedule', ...row });
    return;
  }
  for (const line of rows.length === 0 ? ['no campaigns'] : campaignTable(rows)) printLine(line);
  if (scheduled.length > 0) for (const line of ['', ...scheduleTable(scheduled)]) printLine(line);
}

type Row = LatestRun & CampaignStanding;

async function campaignRows(
  campaigns: CampaignClient,
  { status, limit }: { status: string | undefined; limit: number },
): Promise<Row[]> {
  const runs: LatestRun[] = [];
  const filter = status === undefined ? {} : { status: listedStatus(status) ?? status };
  for await (const run of campaigns.list(filter)) {
    runs.push(run);
    if (runs.length >= limit) break;
  }
  return await Promise.all(
    runs.map(async (run) => ({ ...run, ...(await campaignStanding(campaigns, run)) })),
  );
}

/** Who may see campaigns need not be allowed to see schedules. */
async function scheduleRows(schedules: CampaignSchedules): Promise<CampaignSchedule[]> {
  try {
    return await schedules.list();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    process.stderr.write(`the schedules cannot be listed: ${readableError(error).message}\n`);
    return [];
  }
}

function campaignTable(rows: readonly Row[]): string[] {
  const cells = rows.map(({ workflowId, state, counts, startedAt, closedAt }) => [
    campaignLabel(workflowId),
    stateText(state),
    counts === null ? '?' : countsText(counts),
    startedAt,
    closedAt ?? '',
  ]);
  return table(['campaign', 'state', 'items', 'started', 'ended'], cells);
}

function scheduleTable(rows: readonly CampaignSchedule[]): string[] {
  const cells = rows.map(({ name, cron, timeZone, isPaused, nextStartAt, lastStartAt, ...missing }) => [
    name,
    cron ?? '?',
    timeZone ?? '?',
    isPaused ? 'paused' : (nextStartAt ?? ''),
    lastStartAt ?? '',
    String(missing.skippedStarts),
    String(missing.missedStarts),
  ]);
  return table(['schedule', 'cron', 'time zone', 'next start', 'last start', 'skipped', 'missed'], cells);
}
