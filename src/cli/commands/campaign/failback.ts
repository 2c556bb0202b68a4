/** The way back of a campaign, as a specification or as a campaign that is started. */
import { campaignLabel } from '../../../shared/names.js';
import { Command } from 'commander';
import { wayBackOf, type WayBack } from '../../../client/campaign-again.js';
import type { LeftOut } from '../../../shared/campaign/failback.js';
import { labelled } from '../../../shared/vim/vim.js';
import { presentUser } from '../../input/actor.js';
import { actorOption, anywayOption } from '../../input/campaign-options.js';
import { printable } from '../../input/text-file.js';
import { CommandError } from '../../exit-codes.js';
import { printJson, printLine } from '../../output/print.js';
import { specificationText, writeSpecification } from '../../output/specification.js';
import { withTemporal, type Context } from '../../temporal/context.js';
import { findCampaign } from '../../../client/find-campaign.js';
import { startAnew, warnOfDefaults, type Anew, type AnewOptions } from './start-anew.js';

interface FailbackOptions extends AnewOptions {
  output?: string;
  start?: boolean;
  name?: string;
  actor?: string;
  reason?: string;
}

export function failbackCommand(): Command {
  return new Command('failback')
    .description('make a campaign that moves back what another has moved, the last first')
    .argument('<name>', 'its name, or its workflow id')
    .option('--output <file>', 'write the specification there: YAML, or .json')
    .option('--start', 'start it, and watch it')
    .option('--name <name>', 'of the new campaign, by default <name>-failback')
    .addOption(actorOption())
    .option('--reason <text>', 'why, for the audit trail')
    .addOption(anywayOption())
    .option('--no-wait', 'with --start: leave it to itself')
    .option('--json', 'print the specification, and what is left out, as JSON; with --start as `start` does')
    .addHelpText(
      'after',
      `
By default it prints a specification for \`campaign plan --spec\` and \`campaign start --spec\`. Limits, budget, policy
and gates are those of the campaign. What cannot be moved back is named, with the reason.
Exit codes: 0 done, 1 there is nothing to move back; with --start those of \`start\`.`,
    )
    .action((name: string, options: FailbackOptions) =>
      withTemporal((context) => failback(context, { label: name, options })),
    );
}

/** With something to move back. */
type Found = WayBack & Anew;

async function failback(
  context: Context,
  { label, options }: { label: string; options: FailbackOptions },
): Promise<void> {
  const { workflowId: from } = await findCampaign(context, label);
  const { name, reason } = options;
  const { input, ...back } = await wayBackOf(context.campaigns, { workflowId: from, name, reason });
  const { leftOut } = back;
  if (input === null) {
    throw new CommandError(
      [`there is nothing of ${campaignLabel(from)} to move back`, ...linesOf(leftOut)].join('\n'),
    );
  }
  const way = { ...back, from, input };
  if (options.output !== undefined) writeSpecification(options.output, specificationOf(way));
  if (options.start === true) {
    const { actor = presentUser() } = options;
    for (const line of linesOf(leftOut)) process.stderr.write(`${line}\n`);
    await startAnew(context, { anew: { ...way, input: { ...way.input, actor } }, options });
    return;
  }
  tell(way, options);
}

function specificationOf({ from, name, input, leftOut }: Found) {
  const count = `${input.items?.length ?? 0} items`;
  return { comments: [`The way back of ${from}: ${count}`, ...linesOf(leftOut)], name, input };
}

function tell(way: Found, { output, json }: FailbackOptions): void {
  const { name, input, leftOut, knowsSettings } = way;
  warnOfDefaults(way);
  if (json === true) {
    printJson({ name, specification: { name, ...input }, leftOut, knowsSettings });
    return;
  }
  if (output === undefined) {
    process.stdout.write(specificationText(specificationOf(way)));
    return;
  }
  printLine(`${output}: ${input.items?.length ?? 0} items of ${way.from}`);
  for (const line of linesOf(leftOut)) printLine(line);
  printLine(`see: vnf-migrator campaign plan --spec ${output}`);
}

function linesOf(leftOut: readonly LeftOut[]): string[] {
  return leftOut.map(
    ({ vnfUuid, vnfName, reason }) => `left out: VNF ${printable(labelled(vnfName, vnfUuid))}: ${reason}`,
  );
}
