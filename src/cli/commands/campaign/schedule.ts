import { Command } from 'commander';
import { nameProblem } from '../../../client/campaign-name.js';
import { timesProblems, type Scheduled } from '../../../client/campaign-schedules.js';
import { presentUser } from '../../input/actor.js';
import { actorOption, readCampaign, wrongCampaign } from '../../input/campaign-options.js';
import { printJson, printLine } from '../../output/print.js';
import { withTemporal } from '../../temporal/context.js';
import type { CampaignInput } from '../../../shared/campaign/contract.js';

interface ScheduleOptions {
  cron: string;
  timeZone: string;
  spec: string;
  replace?: boolean;
  actor?: string;
  reason?: string;
  json?: boolean;
}

export function scheduleCommand(): Command {
  return new Command('schedule')
    .description('start a campaign again and again, at the times of a cron expression')
    .argument('<name>', 'of the schedule; its campaigns are <name>-<time>')
    .requiredOption('--cron <expression>', 'five fields, such as "0 22 * * 1-5" (required)')
    .requiredOption('--time-zone <zone>', 'an IANA name, such as Europe/Athens (required)')
    .requiredOption('--spec <file>', 'the whole campaign, in YAML or JSON (required)')
    .option('--replace', 'replace the schedule of this name')
    .addOption(actorOption())
    .option('--reason <text>', 'why, for the audit trail of each campaign')
    .option('--json', 'print what was scheduled as JSON')
    .addHelpText(
      'after',
      `
Temporal starts the campaign; no process of ours needs to run for that but the workers. A time is skipped while the
campaign before still runs; \`campaign list\` tells how often. A time that Temporal missed by ten minutes is not made
up for. An evacuation reads at each start what is on its VIMs. The same command again changes nothing.`,
    )
    .action(schedule);
}

const OPTION_OF = { cron: '--cron', timeZone: '--time-zone' } as const;

async function schedule(name: string, options: ScheduleOptions): Promise<void> {
  const input = await checkedInput(name, options);
  const { cron, timeZone, replace = false, json } = options;
  await withTemporal(async ({ schedules }) => {
    const scheduled = await schedules.schedule(input, { name, cron, timeZone, replace });
    if (json === true) printJson(scheduled);
    else for (const line of linesOf(scheduled, { cron, timeZone })) printLine(line);
  });
}

/** @throws CommandError that names all that is wrong: with the times, the name and the campaign */
async function checkedInput(name: string, options: ScheduleOptions): Promise<CampaignInput> {
  const { spec, actor, reason } = options;
  const wrongName = nameProblem(name);
  const own = [
    ...timesProblems(options).map(({ field, message }) => `${OPTION_OF[field]}: ${message}`),
    ...(wrongName === null ? [] : [wrongName]),
  ];
  const given = { ...(actor !== undefined && { actor }), ...(reason !== undefined && { reason }) };
  const reading = await readCampaign({ spec, name, ...given });
  if (reading.kind === 'wrong') throw wrongCampaign([...own, ...reading.problems]);
  if (own.length > 0) throw wrongCampaign(own);
  return reading.campaign.input;
}

const CHANGES = {
  created: 'scheduled',
  replaced: 'replaced',
  unchanged: 'is scheduled so already',
} as const satisfies Record<Scheduled['change'], string>;

function linesOf(
  { scheduleId, change, nextStartAt }: Scheduled,
  { cron, timeZone }: Pick<ScheduleOptions, 'cron' | 'timeZone'>,
): string[] {
  return [
    `${scheduleId} ${CHANGES[change]}: ${cron} (${timeZone})`,
    nextStartAt === null ? 'no start is to come' : `next start: ${nextStartAt}`,
  ];
}

interface UnscheduleOptions {
  actor?: string;
  reason?: string;
  json?: boolean;
}

export function unscheduleCommand(): Command {
  return new Command('unschedule')
    .description('end a schedule; a campaign that it has started continues')
    .argument('<name>', 'of the schedule')
    .addOption(actorOption())
    .option('--reason <text>', 'why; it is printed, because Temporal keeps nothing of a deleted schedule')
    .option('--json', 'print what was ended as JSON')
    .action((name: string, { actor = presentUser(), reason, json }: UnscheduleOptions) =>
      withTemporal(async ({ schedules }) => {
        const { scheduleId } = await schedules.unschedule(name);
        if (json === true) printJson({ scheduleId, actor, reason: reason ?? null });
        else printLine(`${scheduleId} ended by ${actor}${reason === undefined ? '' : `: ${reason}`}`);
      }),
    );
}
