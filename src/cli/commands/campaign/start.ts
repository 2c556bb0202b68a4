import { campaignLabel } from '../../../shared/names.js';
import { Command } from 'commander';
import { withTemporal, type Context } from '../../temporal/context.js';
import { printJson, printLine } from '../../output/print.js';
import { followToTheEnd } from '../../follow/campaign.js';
import { checkedReportFile } from '../../output/report-file.js';
import {
  anywayOption,
  campaignFrom,
  withSpecOptions,
  type NamedCampaign,
  type SpecOptions,
} from '../../input/campaign-options.js';

interface StartOptions extends SpecOptions {
  wait: boolean;
  anyway?: boolean;
  report?: string;
  json?: boolean;
}

export function startCommand(): Command {
  return withSpecOptions(
    new Command('start').description('start a campaign, or join it where it runs, and watch it'),
  )
    .addOption(anywayOption())
    .option('--no-wait', 'start it, and leave it to itself')
    .option('--report <file>', 'at the end write the report: .html, .json or .csv')
    .option('--json', 'print each change as JSON, one a line, and the result at the end')
    .addHelpText(
      'after',
      `
Ctrl-C leaves the campaign running. The same command again joins it; another specification under its name is an error.
Exit codes: 0 completed, 1 completed with errors or aborted, 3 nobody knows whether some VNF was moved.`,
    )
    .action(async (options: StartOptions) => {
      const campaign = await campaignFrom(options);
      if (options.report !== undefined) checkedReportFile(options.report);
      await withTemporal((context) => start(context, { options, campaign }));
    });
}

async function start(
  { campaigns }: Context,
  { options, campaign }: { options: StartOptions; campaign: NamedCampaign },
): Promise<void> {
  const { name, input } = campaign;
  const { workflowId, isNew } = await campaigns.start(input, { name, anyway: options.anyway === true });
  const json = options.json === true;
  if (json) printJson({ workflowId, isNew });
  else printLine(`${workflowId} ${isNew ? 'started' : 'runs already; following it'}`);
  if (options.wait) await followToTheEnd(campaigns, { workflowId, json, report: options.report });
  else if (!json) printLine(`see: vnf-migrator campaign watch ${campaignLabel(workflowId)}`);
}
