/** The dry run, as a text or as JSON. */
import { Command } from 'commander';
import type { Estimate } from '../../../campaign-plan/duration-estimate.js';
import { dryRun } from '../../../campaign-plan/dry-run.js';
import type { OppositesReading } from '../../../campaign-plan/opposites.js';
import type { Planned, PlannedLoad, PlanReport } from '../../../campaign-plan/planned.js';
import { loadConfig } from '../../../settings/config.js';
import { parseCampaign, type CampaignSpec } from '../../../shared/campaign/contract.js';
import type { LoadChange } from '../../../shared/campaign/load-forecast.js';
import { plannedTimeRules } from '../../../shared/campaign/plan.js';
import { nextStartMs } from '../../../shared/campaign/time-gate.js';
import { whenText } from '../../../shared/campaign/timing-text.js';
import type { CampaignConflict } from '../../../shared/campaign/views.js';
import { durationMs, shortDuration } from '../../../shared/duration.js';
import { campaignWorkflowId } from '../../../shared/names.js';
import { labelled } from '../../../shared/vim/vim.js';
import { CommandError, EXIT, indented, readableError } from '../../exit-codes.js';
import { campaignFrom, withSpecOptions, type SpecOptions } from '../../input/campaign-options.js';
import { printable } from '../../input/text-file.js';
import { printJson, printLine, table } from '../../output/print.js';
import { withTemporal } from '../../temporal/context.js';

interface PlanOptions extends SpecOptions {
  assume: string;
  json?: boolean;
}

export function planCommand(): Command {
  return withSpecOptions(
    new Command('plan').description(
      'show what a campaign would do, and what stands against it; nothing is sent',
    ),
  )
    .option('--assume <duration>', 'how long a migration takes, for the estimate', '2m')
    .option('--json', 'print the plan as JSON')
    .addHelpText(
      'after',
      `
With REPOSITORY_URL it reads where every VNF is; without, only a list of items can be planned, and no conflict is known.
The load of the VIMs, before and after, is by the list of the infrastructure adaptor and the needs in the records.
Exit codes: 0 everything can be moved or is there already, 1 something cannot, or there is nothing to move.`,
    )
    .action(plan);
}

async function plan(options: PlanOptions): Promise<void> {
  const { name, input } = await campaignFrom(options);
  const assumeMs = durationMs(options.assume);
  if (assumeMs === null || assumeMs <= 0) {
    throw new CommandError(`--assume ${options.assume}: expected a duration such as 90s or 2m`, {
      code: EXIT.usage,
    });
  }
  const parsed = parseCampaign(input);
  if (parsed.kind === 'invalid') {
    throw new CommandError(`the campaign is wrong:\n${indented(parsed.problems)}`, { code: EXIT.usage });
  }
  const { spec } = parsed;
  const workflowId = campaignWorkflowId(name);
  const opposites = () => lookForOpposites(spec, workflowId);
  const planned = await dryRun(loadConfig(process.env), { spec, name, assumeMs, opposites });
  const { report } = planned;
  if (options.json === true) printJson({ ...report, hasRepository: undefined, canRun: undefined });
  else tell(spec, planned);
  process.exitCode = report.canRun ? EXIT.ok : EXIT.failed;
}

/** A plan is also made where Temporal is not reached. */
async function lookForOpposites(spec: CampaignSpec, workflowId: string): Promise<OppositesReading> {
  try {
    return await withTemporal(async ({ campaigns }) => ({
      kind: 'looked',
      opposites: await campaigns.opposites(spec, workflowId),
    }));
  } catch (error) {
    return { kind: 'unavailable', reason: readableError(error).message };
  }
}

function tell(spec: CampaignSpec, { report, targets, oppositesUnknown }: Planned): void {
  const { name, items, stages, conflicts, problems, load, estimate, hasRepository } = report;
  const { total, perSourceVim, perTargetVim } = spec.limits;
  printLine(`campaign ${name}: ${items.length} items`);
  for (const line of vimLines(items, load)) printLine(line);
  for (const line of loadNotes(load, items.length)) printLine(line);
  printLine(`limits: ${total} in all, ${perSourceVim} a source VIM, ${perTargetVim} a target VIM`);
  for (const line of timeLines(spec, Date.now())) printLine(line);
  for (const line of stageLines(stages, estimate)) printLine(line);
  for (const line of itemLines(report, targets)) printLine(line);
  if (conflicts.length > 0) printLine(`\n${conflicts.length} conflicts:`);
  for (const conflict of conflicts) printLine(`  ${conflictLine(conflict)}`);
  for (const problem of problems) printLine(`it cannot run: ${printable(problem)}`);
  if (oppositesUnknown !== null)
    printLine(`whether a running campaign works against it is not known: ${printable(oppositesUnknown)}`);
  if (!hasRepository)
    printLine('no REPOSITORY_URL: where the VNFs are, and what stands against them, is not known');
  if (items.length > 0) {
    const gates = stages.filter(({ gate }) => gate === 'manual').length;
    const waits =
      gates === 0 ? '' : `, and what ${gates === 1 ? 'an approval takes' : `${gates} approvals take`}`;
    printLine(
      `\nabout ${shortDuration(estimate.totalMs)}, if each takes ${shortDuration(estimate.assumeMs)} (--assume) and none fails${waits}`,
    );
  }
}

function conflictLine({ kind, vnfUuid, message }: CampaignConflict): string {
  const whose = vnfUuid === '' ? '' : `VNF ${printable(vnfUuid)}: `;
  return `${kind.replaceAll('-', ' ')}: ${whose}${printable(message)}`;
}

function vimLines(items: PlanReport['items'], { vims }: PlannedLoad): string[] {
  const unknown = items.filter(({ sourceVimUuid }) => sourceVimUuid === null).length;
  const rows = vims.map(({ vimUuid, vimName, leaving, arriving, cores, memoryMb }) => [
    `  ${printable(labelled(vimName, vimUuid))}`,
    leaving === 0 ? '' : String(leaving),
    arriving === 0 ? '' : String(arriving),
    changeText(cores),
    changeText(memoryMb),
  ]);
  return [
    ...table(['  VIM', 'from', 'to', 'cores', 'memory (MB)'], rows),
    ...(unknown === 0 ? [] : [`where they are is not known: ${unknown} items`]),
  ];
}

function changeText(change: LoadChange | null): string {
  return change === null ? '?' : `${change.before} to ${change.after} of ${change.total}`;
}

function loadNotes({ unavailable, withoutNeeds, waitingForRoom }: PlannedLoad, itemCount: number): string[] {
  if (itemCount === 0) return [];
  if (unavailable !== null) return [`the load of the VIMs is not known: ${printable(unavailable)}`];
  return [
    ...(withoutNeeds === 0 ? [] : [`${withoutNeeds} items state no needs; they count as nothing`]),
    ...(waitingForRoom === 0
      ? []
      : [`no target VIM has room for ${waitingForRoom} items now; they would wait (capacity)`]),
  ];
}

function timeLines(spec: CampaignSpec, nowMs: number): string[] {
  const { rampUp, waves, windows = [], notBefore } = spec;
  const rules = plannedTimeRules(spec);
  const startMs = rules === null ? null : nextStartMs(rules, nowMs);
  const timeZone = windows.find(({ kind }) => kind === 'allow')?.timeZone ?? 'UTC';
  const at = (ms: number): string => whenText(new Date(ms).toISOString(), { timeZone, nowMs });
  const held = windows.length > 0 ? 'window' : `notBefore ${notBefore ?? ''}`;
  return [
    ...(startMs === null
      ? []
      : [startMs <= nowMs ? `${held}: items may start now` : `${held}: items start ${at(startMs)}`]),
    ...(rampUp === undefined
      ? []
      : [`ramp-up: ${rampUp.from} at a time at first, then times ${rampUp.factor}`]),
    ...(waves.soak === undefined ? [] : [`soak between waves: ${shortDuration(waves.soak)}`]),
  ];
}

function stageLines(stages: PlanReport['stages'], { stagesMs }: Estimate): string[] {
  if (stages.length < 2) return [];
  return stages.map(({ kind, wave, gate, items }, nth) => {
    const what = kind === 'canary' ? 'canary' : `wave ${wave}`;
    const waits = gate === 'manual' ? 'after `campaign approve`, ' : '';
    return `  ${what}: ${items.length} items, ${waits}about ${shortDuration(stagesMs[nth] ?? 0)}`;
  });
}

/** A longer plan is read from the output of --json. */
const MAX_ITEMS_SHOWN = 40;

function itemLines({ items, stages, load: { vims } }: PlanReport, targets: Planned['targets']): string[] {
  if (items.length === 0) return [];
  const names = new Map(vims.map(({ vimUuid, vimName }) => [vimUuid, vimName]));
  const vimText = (vimUuid: string | null): string =>
    vimUuid === null ? '?' : (names.get(vimUuid) ?? vimUuid);
  const inOrder = stages.flatMap((stage) => stage.items);
  const rows = inOrder.slice(0, MAX_ITEMS_SHOWN).flatMap((index): string[][] => {
    const item = items[index];
    if (item === undefined) return [];
    const { vnfUuid, vnfName, sourceVimUuid } = item;
    const [from, to] = [vimText(sourceVimUuid), vimText(targets[index] ?? null)];
    return [[String(index), ...[labelled(vnfName, vnfUuid), from, to].map(printable)]];
  });
  const more = inOrder.length - rows.length;
  return [
    '',
    ...table(['#', 'VNF, in the order of their starts', 'from', 'to'], rows),
    ...(more === 0 ? [] : [`and ${more} more (--json has all)`]),
  ];
}
