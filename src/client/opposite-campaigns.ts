/**
 * Looks for running campaigns that work against a new one.
 *
 * Invariants: this is a check, not a lock. Temporal's visibility is some moments behind, so that two campaigns that start
 * at once do not see each other. A campaign whose VIMs cannot be read is passed over, and never keeps another from
 * its start.
 */
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { type CampaignSpec } from '../shared/campaign/contract.js';
import {
  oppositeOf,
  vimsOfCampaign,
  type CampaignVims,
  type OppositeCampaign,
} from '../shared/campaign/opposite.js';
import { CAMPAIGN_WORKFLOW } from '../shared/names.js';
import { decoded, startedWith, type CampaignRun } from './campaign-input.js';

/** The memo of a campaign that says which VIMs it empties and fills. */
const VIMS_MEMO = 'vnfCampaignVims';
/** A memo is carried by every answer of visibility. What has more is read from its history. */
const MOST_VIMS_IN_MEMO = 1_000;
/** Each costs a call, or two. */
const MOST_HISTORIES_READ = 20;
const QUERY = `WorkflowType = '${CAMPAIGN_WORKFLOW}' AND ExecutionStatus = 'Running'`;

export function vimsMemoOf(spec: CampaignSpec): Record<string, unknown> {
  const vims = vimsOfCampaign(spec);
  return vims.fills.length > MOST_VIMS_IN_MEMO ? {} : { [VIMS_MEMO]: vims };
}

/** None if a campaign of that workflow id runs: who starts it again joins it, and disturbs nobody anew. */
export async function oppositesOf(
  client: Client,
  { spec, workflowId }: { spec: CampaignSpec; workflowId: string },
): Promise<OppositeCampaign[]> {
  const own = vimsOfCampaign(spec);
  const opposites: OppositeCampaign[] = [];
  let historiesLeft = MOST_HISTORIES_READ;
  for await (const run of runningCampaigns(client)) {
    if (run.workflowId === workflowId) return [];
    const vims = (await vimsInMemo(client, run)) ?? (historiesLeft-- > 0 ? await vimsIn(client, run) : null);
    const opposite = vims === null ? null : oppositeOf(own, { workflowId: run.workflowId, vims });
    if (opposite !== null) opposites.push(opposite);
  }
  return opposites;
}

interface RunningCampaign extends CampaignRun {
  vimsMemo: Payload | null;
}

/** The SDK's own list decodes every memo, and fails at the first that it has no key for. */
async function* runningCampaigns(client: Client): AsyncGenerator<RunningCampaign> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const request = { namespace, query: QUERY, nextPageToken };
    const page = await client.workflowService.listWorkflowExecutions(request);
    for (const { execution, memo } of page.executions) {
      const { workflowId, runId } = execution ?? {};
      if (workflowId == null || runId == null) continue;
      yield { workflowId, runId, vimsMemo: memo?.fields?.[VIMS_MEMO] ?? null };
    }
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
}

async function vimsInMemo(
  client: Client,
  { workflowId, vimsMemo }: RunningCampaign,
): Promise<CampaignVims | null> {
  if (vimsMemo === null) return null;
  const [vims = null] = await decoded(client, { workflowId, payloads: [vimsMemo] });
  return vims as CampaignVims | null;
}

async function vimsIn(client: Client, run: CampaignRun): Promise<CampaignVims | null> {
  const spec = await startedWith(client, run);
  return spec === null ? null : vimsOfCampaign(spec);
}
