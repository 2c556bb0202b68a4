/**
 * Follows a campaign until it ends, through lost connections and worker restarts.
 *
 * Invariants: following ends only when Temporal reports that the campaign is closed. Ctrl-C stops the following,
 * never the campaign.
 */
import { campaignLabel } from '../../shared/names.js';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { CampaignClient, CampaignEnding } from '../../client/campaign-client.js';
import { humanDuration } from '../../shared/duration.js';
import { EXIT, readableError } from '../exit-codes.js';
import { printJson, printLine } from '../output/print.js';
import { writeReport } from '../output/report-file.js';
import { viewFor, type View } from '../output/campaign-display.js';
import { countsText, stateText } from '../output/campaign-text.js';

export interface FollowOptions {
  workflowId: string;
  json: boolean;
  /** The file for the report, which is written when the campaign has ended. */
  report?: string | undefined;
}

const POLL_INTERVAL_MS = 1_000;

/** Follows the campaign until it ends, prints the result, writes the report, and sets the exit code. */
export async function followToTheEnd(campaigns: CampaignClient, options: FollowOptions): Promise<void> {
  const { workflowId, json, report } = options;
  const view = viewFor({ workflowId, json });
  const leave = (): never => {
    view.close();
    process.stderr.write(`${goesOn(options)}\n`);
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', leave);
  try {
    const ending = await followCampaign(campaigns, { workflowId, view });
    view.close();
    endingLineOf(ending, { workflowId, json });
  } finally {
    process.off('SIGINT', leave);
  }
  if (report === undefined) return;
  try {
    await writeReport(campaigns, { workflowId, file: report });
    if (!json) printLine(`report: ${report}`);
  } catch (error) {
    // An exit code that the campaign has set takes precedence over a missing report.
    process.stderr.write(`no report was written: ${readableError(error).message}\n`);
    if (process.exitCode === undefined || process.exitCode === EXIT.ok) process.exitCode = EXIT.failed;
  }
}

function goesOn({ workflowId, report }: FollowOptions): string {
  const name = campaignLabel(workflowId);
  const later = report === undefined ? '' : `; no report was written: vnf-migrator campaign report ${name}`;
  return `The campaign continues in the background. Follow it: vnf-migrator campaign watch ${name}${later}`;
}

/** Shows progress until the campaign has ended. If the signal aborts, it throws the reason of the signal. */
export async function followCampaign(
  campaigns: CampaignClient,
  { workflowId, view, signal }: { workflowId: string; view: View; signal?: AbortSignal },
): Promise<CampaignEnding> {
  let answeredAtMs = Date.now();
  for (;;) {
    signal?.throwIfAborted();
    try {
      const { status } = await campaigns.describe(workflowId);
      // The end of a campaign must be visible even while no worker answers queries for its progress.
      const progress = await campaigns.progress(workflowId).catch((error: unknown) => {
        if (status.name === 'RUNNING') throw error;
        return null;
      });
      answeredAtMs = Date.now();
      if (progress !== null) {
        view.show(view.hasPhases ? await campaigns.withPhases(progress) : progress);
      }
      if (status.name !== 'RUNNING') return await campaigns.ending(workflowId);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw error;
      view.trouble({ sinceMs: answeredAtMs, reason: troubleOf(error) });
    }
    await delay(POLL_INTERVAL_MS);
  }
}

function troubleOf(error: unknown): string {
  const { message } = readableError(error);
  return /deadline exceeded/i.test(message)
    ? 'is `vnf-migrator worker` running on this task queue?'
    : message;
}

function endingLineOf(
  ending: CampaignEnding,
  { workflowId, json }: { workflowId: string; json: boolean },
): void {
  const { line, code } = endingLine(ending);
  if (!json) printLine(`${campaignLabel(workflowId)}: ${line}`);
  else if (ending.kind === 'result') {
    // The report holds the items. Ten thousand of them do not fit one line of a terminal.
    printJson({ workflowId, result: { ...ending.result, items: null } });
  } else {
    const { type, message } = ending.error;
    printJson({ workflowId, failure: { type, message } });
  }
  process.exitCode = code;
}

/** The result in one line, with its exit code. */
export function endingLine(ending: CampaignEnding): { line: string; code: number } {
  if (ending.kind === 'error') {
    const { type, message } = ending.error;
    const hint = type === null ? '; the migrations that it started continue' : '';
    return { line: `${message}${hint}`, code: type === null ? EXIT.unknown : EXIT.failed };
  }
  const { state, counts, residualCount, startedAt, finishedAt } = ending.result;
  const took = humanDuration(Date.parse(finishedAt) - Date.parse(startedAt));
  const left = residualCount === 0 ? '' : `; still on the VIMs: ${residualCount} (see campaign report)`;
  const line = `${stateText(state)} after ${took}: ${countsText(counts)}${left}`;
  if (counts.UNKNOWN > 0) return { line, code: EXIT.unknown };
  return { line, code: state === 'COMPLETED' ? EXIT.ok : EXIT.failed };
}
