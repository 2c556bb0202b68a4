/** The dry run. It reads the repository if one is configured. It sends no request to Temporal or to the MANO. */
import { Command } from 'commander';
import { loadConfig } from '../../../settings/config.js';
import { createRepositoryClient } from '../../../repository/client.js';
import { inventoryOf } from '../../../repository/inventory.js';
import { parseCampaign, type CampaignSpec } from '../../../shared/campaign/contract.js';
import { planCampaign, type CampaignPlan, type InventoryVnf } from '../../../shared/campaign/plan.js';
import { durationMs, shortDuration } from '../../../shared/duration.js';
import { CommandError, EXIT, indented } from '../../exit-codes.js';
import { printJson, printLine, table } from '../../output/print.js';
import { estimate, type Estimate } from '../../output/duration-estimate.js';
import { campaignFrom, withSpecOptions, type SpecOptions } from '../../input/campaign-options.js';
import { printable } from '../../input/text-file.js';

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
  const inventory = await readInventory();
  const planned = planCampaign({ spec: parsed.spec, inventory });
  const times = estimate(planned, { limits: parsed.spec.limits, assumeMs });
  if (options.json === true) printJson({ name, ...planned, estimate: { assumeMs, ...times } });
  else tell({ name, spec: parsed.spec, planned, times, assumeMs, hasRepository: inventory !== null });
  process.exitCode = canRun(planned) ? EXIT.ok : EXIT.failed;
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
}

function tell({ name, spec, planned, times, assumeMs, hasRepository }: Told): void {
  const { items, conflicts, problems } = planned;
  const { total, perSourceVim, perTargetVim } = spec.limits;
  printLine(`campaign ${name}: ${items.length} items`);
  for (const line of vimLines(planned)) printLine(line);
  printLine(`limits: ${total} in all, ${perSourceVim} a source VIM, ${perTargetVim} a target VIM`);
  for (const line of stageLines(planned, times)) printLine(line);
  for (const line of itemLines(planned)) printLine(line);
  if (conflicts.length > 0) printLine(`\n${conflicts.length} conflicts:`);
  for (const { kind, vnfUuid, message } of conflicts)
    printLine(`  ${kind.replaceAll('-', ' ')}: VNF ${printable(vnfUuid)}: ${printable(message)}`);
  for (const problem of problems) printLine(`it cannot run: ${printable(problem)}`);
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

function vimLines({ items }: CampaignPlan): string[] {
  const count = (vimOf: (item: CampaignPlan['items'][number]) => string): [string, number][] => {
    const counts = new Map<string, number>();
    for (const item of items) counts.set(vimOf(item), (counts.get(vimOf(item)) ?? 0) + 1);
    return [...counts];
  };
  return [
    ...count((item) => item.sourceVimUuid ?? 'not known').map(([vim, n]) => `  from ${printable(vim)}: ${n}`),
    ...count((item) => item.targetVimUuid).map(([vim, n]) => `  to ${printable(vim)}: ${n}`),
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

function itemLines({ items, stages }: CampaignPlan): string[] {
  if (items.length === 0) return [];
  const inOrder = stages.flatMap((stage) => stage.items);
  const rows = inOrder.slice(0, MAX_ITEMS_SHOWN).flatMap((index): string[][] => {
    const item = items[index];
    if (item === undefined) return [];
    const { vnfUuid, sourceVimUuid, targetVimUuid } = item;
    return [[String(index), ...[vnfUuid, sourceVimUuid ?? '?', targetVimUuid].map(printable)]];
  });
  const more = inOrder.length - rows.length;
  return [
    '',
    ...table(['#', 'VNF, in the order of their starts', 'from', 'to'], rows),
    ...(more === 0 ? [] : [`and ${more} more (--json has all)`]),
  ];
}
