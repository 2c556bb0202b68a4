/** The last part of the demo: a campaign empties a VIM, and its report stays on disk. */
import { writeFileSync } from 'node:fs';
import { htmlReport } from '../campaign-report/html.js';
import { readReport } from '../campaign-report/read-report.js';
import { endingLine, followCampaign } from '../cli/follow/campaign.js';
import { viewFor } from '../cli/output/campaign-display.js';
import { printLine } from '../cli/output/print.js';
import type { CampaignClient } from '../client/campaign-client.js';
import type { DemoCampaign } from './cases.js';

export interface PlayCampaign {
  campaign: DemoCampaign;
  name: string;
  /** The path of the report. */
  file: string;
  signal: AbortSignal;
}

/** Resolves with true if the campaign ended as expected. */
export async function playCampaign(campaigns: CampaignClient, play: PlayCampaign): Promise<boolean> {
  const { campaign, name, file, signal } = play;
  const { workflowId } = await campaigns.start(campaign.input, { name });
  printLine(`${workflowId} started`);
  const view = viewFor({ workflowId, json: false });
  const ending = await followCampaign(campaigns, { workflowId, view, signal }).finally(() => view.close());
  printLine(endingLine(ending).line);
  writeFileSync(file, htmlReport(await readReport(campaigns, workflowId)));
  printLine(`report, to open in a browser: ${file}`);
  const counts = ending.kind === 'result' ? ending.result.counts : null;
  const asExpected = Object.entries(campaign.expected).every(
    ([state, count]) => counts?.[state as keyof typeof counts] === count,
  );
  if (!asExpected) printLine(`not as expected: ${JSON.stringify(campaign.expected)}`);
  return asExpected;
}
