/** Writes the report in one of its formats. */
import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { csvReport } from '../../campaign-report/csv.js';
import { htmlReport } from '../../campaign-report/html.js';
import { jsonReport } from '../../campaign-report/json.js';
import { readReport } from '../../campaign-report/read-report.js';
import type { CampaignReport } from '../../campaign-report/report-data.js';
import type { CampaignClient } from '../../client/campaign-client.js';
import { CommandError, EXIT } from '../exit-codes.js';

const WRITERS = { html: htmlReport, json: jsonReport, csv: csvReport } as const;
export type ReportFormat = keyof typeof WRITERS;
export const REPORT_FORMATS = Object.keys(WRITERS) as ReportFormat[];

export function reportText(report: CampaignReport, format: ReportFormat): string {
  return WRITERS[format](report);
}

/** Checks the file before the campaign starts, because the campaign may run for hours. @throws CommandError */
export function checkedReportFile(file: string): string {
  formatOf(file);
  const folder = dirname(file);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CommandError(`--report ${file}: there is no folder ${folder}`, { code: EXIT.usage });
  }
  return file;
}

/** The format follows from the extension of the file. @throws CommandError */
export function formatOf(file: string): ReportFormat {
  const format = REPORT_FORMATS.find((each) => file.toLowerCase().endsWith(`.${each}`));
  if (format !== undefined) return format;
  throw new CommandError(`${file}: its name ends with none of .${REPORT_FORMATS.join(', .')}`, {
    code: EXIT.usage,
  });
}

/** @throws CommandError */
export async function writeReport(
  campaigns: CampaignClient,
  { workflowId, file, format = formatOf(file) }: { workflowId: string; file: string; format?: ReportFormat },
): Promise<void> {
  const text = reportText(await readReport(campaigns, workflowId), format);
  try {
    writeFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the report cannot be written: ${reason}`);
  }
}
