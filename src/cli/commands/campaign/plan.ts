/**
 * The dry run. It reads the repository if one is configured, and which campaigns run in Temporal. It starts nothing, and
 * sends no request to the MANO but for the list of VIMs. Without Temporal it does without what runs.
 */
import { Command } from 'commander';
import { loadConfig } from '../../../settings/config.js';
import { createRepositoryClient } from '../../../repository/client.js';
import { inventoryOf } from '../../../repository/inventory.js';
import { headroomOf, parseCampaign, type CampaignSpec } from '../../../shared/campaign/contract.js';
import { forecastLoad, type LoadChange, type LoadForecast } from '../../../shared/campaign/load-forecast.js';
import {
  planCampaign,
  plannedTimeRules,
  wantedVims,
  type CampaignPlan,
  type InventoryVnf,
} from '../../../shared/campaign/plan.js';
import { oppositeText, type OppositeCampaign } from '../../../shared/campaign/opposite.js';
import type { CampaignConflict } from '../../../shared/campaign/views.js';
import { campaignWorkflowId } from '../../../shared/names.js';
import type { VimListAnswer, VimListing } from '../../../shared/vim/answer.js';
import { NAMED_AT_MOST, nearestVims } from '../../../shared/vim/lookup.js';
import { labelled } from '../../../shared/vim/vim.js';
import { vimListSource } from '../../../vims/source.js';
import { whenText } from '../../../shared/campaign/timing-text.js';
import { nextStartMs } from '../../../shared/campaign/time-gate.js';
import { durationMs, shortDuration } from '../../../shared/duration.js';
import { CommandError, EXIT, indented, readableError } from '../../exit-codes.js';
import { printJson, printLine, table } from '../../output/print.js';
import { estimate, type Estimate } from '../../output/duration-estimate.js';
import { campaignFrom, withSpecOptions, type SpecOptions } from '../../input/campaign-options.js';
import { printable } from '../../input/text-file.js';
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
  const [inventory, answer, running] = await Promise.all([
    readInventory(),
    readVims(spec),
    lookForOpposites(spec, campaignWorkflowId(name)),
  ]);
  const listing = listingOf(answer, { spec, inventory });
  const planned = withOpposites(
    withNeededList(planCampaign({ spec, inventory, listing, atMs: Date.now() }), { spec, answer }),
    running,
  );
  const vims = answer.kind === 'listed' ? answer.vims : [];
  const forecast = forecastLoad(planned, { target: spec.target, vims });
  const times = estimate(withTargets(planned, forecast), { spec, assumeMs, nowMs: Date.now() });
  if (options.json === true) {
    const oppositeCampaigns = running.kind === 'looked' ? running.opposites : null;
    const more = { load: loadView(forecast, answer), estimate: { assumeMs, ...times }, oppositeCampaigns };
    printJson({ name, ...planned, ...more });
  } else {
    const hasRepository = inventory !== null;
    tell({ name, spec, planned, times, assumeMs, hasRepository, forecast, answer, running });
  }
  process.exitCode = canRun(planned) ? EXIT.ok : EXIT.failed;
}

async function readVims({ target, policy }: CampaignSpec): Promise<VimListAnswer> {
  if (policy.verifyTarget === 'off' && headroomOf(target) === null) {
    return { kind: 'unavailable', reason: 'policy.verifyTarget is off' };
  }
  return await vimListSource(loadConfig(process.env))();
}

/** The same that the campaign's own activity gives to the plan. */
function listingOf(
  answer: VimListAnswer,
  { spec, inventory }: { spec: CampaignSpec; inventory: InventoryVnf[] | null },
): VimListing {
  if (answer.kind === 'unavailable') return answer;
  const { vims } = answer;
  const { required, wanted } = wantedVims(spec, inventory);
  const listed = new Map(vims.map((vim) => [vim.uuid, vim]));
  const missing = required.find((uuid) => !listed.has(uuid));
  return {
    kind: 'listed',
    listedAt: new Date().toISOString(),
    vims: wanted.flatMap((uuid) => listed.get(uuid) ?? []),
    total: vims.length,
    known: missing === undefined ? [] : nearestVims(vims, { wanted: missing, limit: NAMED_AT_MOST }),
  };
}

type RunningCampaigns =
  { kind: 'looked'; opposites: OppositeCampaign[] } | { kind: 'unavailable'; reason: string };

/** A plan is also made where Temporal is not reached. */
async function lookForOpposites(spec: CampaignSpec, workflowId: string): Promise<RunningCampaigns> {
  try {
    return await withTemporal(async ({ campaigns }) => ({
      kind: 'looked',
      opposites: await campaigns.opposites(spec, workflowId),
    }));
  } catch (error) {
    return { kind: 'unavailable', reason: readableError(error).message };
  }
}

/** Such a conflict is one of the whole campaign, and so of no VNF. */
function withOpposites(planned: CampaignPlan, running: RunningCampaigns): CampaignPlan {
  if (running.kind === 'unavailable') return planned;
  const conflicts = running.opposites.map((opposite): CampaignConflict => ({
    kind: 'opposite-campaign',
    serviceInstanceUuid: null,
    vnfUuid: '',
    vimUuids: [...opposite.emptiedByIt, ...opposite.filledByIt],
    message: oppositeText(opposite),
  }));
  return { ...planned, conflicts: [...planned.conflicts, ...conflicts] };
}

/** Without a list, no item of a campaign that goes where room is could start. */
function withNeededList(
  planned: CampaignPlan,
  { spec, answer }: { spec: CampaignSpec; answer: VimListAnswer },
): CampaignPlan {
  if (headroomOf(spec.target) === null || answer.kind === 'listed') return planned;
  const problem = `most-free needs the list of VIMs, and there is none: ${answer.reason}`;
  return { ...planned, problems: [...planned.problems, problem] };
}

/** The estimate is for items that have a target now. */
function withTargets({ items, stages }: CampaignPlan, { targets }: LoadForecast): CampaignPlan {
  return {
    items: items.map((item, index) => ({ ...item, targetVimUuid: targets[index] ?? null })),
    stages: stages.map((stage) => ({
      ...stage,
      items: stage.items.filter((index) => targets[index] != null),
    })),
    conflicts: [],
    problems: [],
  };
}

interface LoadView extends Pick<LoadForecast, 'vims' | 'withoutNeeds'> {
  /** Items that no target VIM has room for now. */
  waitingForRoom: number;
  /** Why there is no load; null: there is. */
  unavailable: string | null;
}

function loadView({ vims, targets, withoutNeeds }: LoadForecast, answer: VimListAnswer): LoadView {
  const waitingForRoom = targets.filter((target) => target === null).length;
  const unavailable = answer.kind === 'unavailable' ? answer.reason : null;
  return { vims, withoutNeeds, waitingForRoom, unavailable };
}

/** A VNF that is already on the target is not a problem: its item ends as ALREADY_THERE. */
function canRun({ items, conflicts, problems }: CampaignPlan): boolean {
  return problems.length === 0 && items.length > 0 && conflicts.every(({ kind }) => kind === 'already-there');
}

async function readInventory(): Promise<InventoryVnf[] | null> {
  const { repositoryUrl } = loadConfig(process.env);
  if (repositoryUrl === null) return null;
  const repository = createRepositoryClient({ baseUrl: repositoryUrl });
  // Read the services first. A VNF that moves between the two reads then appears as an orphan at worst, never as
  // two VNFs.
  const nsrs = await repository.nsrs();
  return inventoryOf({ nsrs, vnfrs: await repository.vnfrs() });
}

interface Told {
  name: string;
  spec: CampaignSpec;
  planned: CampaignPlan;
  times: Estimate;
  assumeMs: number;
  hasRepository: boolean;
  forecast: LoadForecast;
  answer: VimListAnswer;
  running: RunningCampaigns;
}

function tell(told: Told): void {
  const { name, spec, planned, times, assumeMs, hasRepository, forecast, answer, running } = told;
  const { items, conflicts, problems } = planned;
  const { total, perSourceVim, perTargetVim } = spec.limits;
  printLine(`campaign ${name}: ${items.length} items`);
  for (const line of vimLines(planned, forecast)) printLine(line);
  for (const line of loadNotes(forecast, answer)) printLine(line);
  printLine(`limits: ${total} in all, ${perSourceVim} a source VIM, ${perTargetVim} a target VIM`);
  for (const line of timeLines(spec, Date.now())) printLine(line);
  for (const line of stageLines(planned, times)) printLine(line);
  for (const line of itemLines(planned, forecast)) printLine(line);
  if (conflicts.length > 0) printLine(`\n${conflicts.length} conflicts:`);
  for (const conflict of conflicts) printLine(`  ${conflictLine(conflict)}`);
  for (const problem of problems) printLine(`it cannot run: ${printable(problem)}`);
  if (running.kind === 'unavailable')
    printLine(`whether a running campaign works against it is not known: ${printable(running.reason)}`);
  if (!hasRepository)
    printLine('no REPOSITORY_URL: where the VNFs are, and what stands against them, is not known');
  if (items.length > 0) {
    const gates = planned.stages.filter(({ gate }) => gate === 'manual').length;
    const waits =
      gates === 0 ? '' : `, and what ${gates === 1 ? 'an approval takes' : `${gates} approvals take`}`;
    printLine(
      `\nabout ${shortDuration(times.totalMs)}, if each takes ${shortDuration(assumeMs)} (--assume) and none fails${waits}`,
    );
  }
}

function conflictLine({ kind, vnfUuid, message }: CampaignConflict): string {
  const whose = vnfUuid === '' ? '' : `VNF ${printable(vnfUuid)}: `;
  return `${kind.replaceAll('-', ' ')}: ${whose}${printable(message)}`;
}

function vimLines({ items }: CampaignPlan, { vims }: LoadForecast): string[] {
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

function loadNotes({ targets, withoutNeeds }: LoadForecast, answer: VimListAnswer): string[] {
  if (targets.length === 0) return [];
  if (answer.kind === 'unavailable')
    return [`the load of the VIMs is not known: ${printable(answer.reason)}`];
  const waiting = targets.filter((target) => target === null).length;
  return [
    ...(withoutNeeds === 0 ? [] : [`${withoutNeeds} items state no needs; they count as nothing`]),
    ...(waiting === 0 ? [] : [`no target VIM has room for ${waiting} items now; they would wait (capacity)`]),
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

function stageLines({ stages }: CampaignPlan, { stagesMs }: Estimate): string[] {
  if (stages.length < 2) return [];
  return stages.map(({ kind, wave, gate, items }, nth) => {
    const what = kind === 'canary' ? 'canary' : `wave ${wave}`;
    const waits = gate === 'manual' ? 'after `campaign approve`, ' : '';
    return `  ${what}: ${items.length} items, ${waits}about ${shortDuration(stagesMs[nth] ?? 0)}`;
  });
}

/** A longer plan is read from the output of --json. */
const MAX_ITEMS_SHOWN = 40;

function itemLines({ items, stages }: CampaignPlan, { vims, targets }: LoadForecast): string[] {
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
