import { Command, Option } from 'commander';
import { readReport } from '../../../campaign-report/read-report.js';
import { withTemporal } from '../../temporal/context.js';
import { printLine } from '../../output/print.js';
import {
  formatOf,
  REPORT_FORMATS,
  reportText,
  writeReport,
  type ReportFormat,
} from '../../output/report-file.js';
import { findCampaign } from '../../../client/find-campaign.js';

interface ReportOptions {
  format?: ReportFormat;
  output?: string;
}

export function reportCommand(): Command {
  return new Command('report')
    .description('write what a campaign did: a page with charts, or its items as CSV, or all of it as JSON')
    .argument('<name>', 'its name, or its workflow id')
    .addOption(
      new Option('--format <format>', 'by default as the name of the file ends, else html').choices(
        REPORT_FORMATS,
      ),
    )
    .option('--output <file>', 'where to; by default standard output')
    .addHelpText(
      'after',
      `
A running campaign is reported as it stands. Temporal forgets a campaign that has ended after the namespace's
retention, often days: write the report before that, or let \`start --report\` or \`watch --report\` write it.`,
    )
    .action((name: string, { format, output }: ReportOptions) => {
      const chosen = format ?? (output === undefined ? 'html' : formatOf(output));
      return withTemporal(async ({ campaigns, schedules }) => {
        const { workflowId } = await findCampaign({ campaigns, schedules }, name);
        if (output === undefined) {
          process.stdout.write(reportText(await readReport(campaigns, workflowId), chosen));
          return;
        }
        await writeReport(campaigns, { workflowId, file: output, format: chosen });
        printLine(`report: ${output}`);
      });
    });
}
