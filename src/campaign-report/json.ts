/** The report for programs: all of it, as one object. */
import type { CampaignReport } from './report-data.js';

export function jsonReport(report: CampaignReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
