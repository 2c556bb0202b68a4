import { Command } from 'commander';
import { withTemporal } from '../../temporal/context.js';
import { followToTheEnd } from '../../follow/campaign.js';
import { checkedReportFile } from '../../output/report-file.js';
import { findCampaign } from '../../../client/find-campaign.js';

export function watchCommand(): Command {
  return new Command('watch')
    .description('watch a campaign to its end: how far it is, what runs, why the rest waits, what failed')
    .argument('<name>', 'its name, or its workflow id')
    .option('--report <file>', 'at the end write the report: .html, .json or .csv')
    .option('--json', 'print each change as JSON, one a line, and the result at the end')
    .addHelpText(
      'after',
      `
Drawn in place on a terminal, else a line for what changed. Ctrl-C leaves the campaign running.
Exit codes: 0 completed, 1 completed with errors or aborted, 3 nobody knows whether some VNF was moved.`,
    )
    .action((name: string, { report, json }: { report?: string; json?: boolean }) => {
      if (report !== undefined) checkedReportFile(report);
      return withTemporal(async ({ campaigns, schedules }) => {
        const { workflowId } = await findCampaign({ campaigns, schedules }, name);
        await followToTheEnd(campaigns, { workflowId, json: json === true, report });
      });
    });
}
