/**
 * Campaigns as a list shows them.
 *
 * Invariant: a campaign that cannot be asked is shown all the same, by Temporal's word.
 */
import type { Client } from '@temporalio/client';
import type { CampaignProgress, CampaignResult, ItemCounts } from '../shared/campaign/views.js';
import { campaignLabel } from '../shared/names.js';
import { CampaignClient, type LatestRun } from './campaign-client.js';
import { campaignsQuery } from './campaigns-query.js';
import { executionsPage, type ListedStatus, type PageRequest } from './visibility.js';

/** How far a campaign is. */
export interface CampaignStanding {
  /** The campaign's own state, or Temporal's status if the campaign did not answer the query. */
  state: string;
  /** Null: it did not answer. */
  counts: ItemCounts | null;
  startedAt: string;
}

/** One campaign of a list. */
export interface ListedCampaign extends LatestRun, CampaignStanding {
  name: string;
}

export interface CampaignsPage {
  campaigns: ListedCampaign[];
  /** Null: this was the last page. What it leads to may be empty. */
  nextCursor: string | null;
}

/**
 * A page of campaigns, the newest first. Each is asked how far it is, so the call lasts seconds where no worker answers.
 * @throws InvalidCursorError, ServiceError
 */
export async function campaignPage(
  client: Client,
  { status, ...page }: PageRequest & { status?: ListedStatus | undefined },
): Promise<CampaignsPage> {
  const query = campaignsQuery({ status });
  const { executions, nextCursor } = await executionsPage(client, { ...page, query });
  const campaigns = new CampaignClient({ client });
  const listed = executions.map(async ({ workflowId, status: { name }, startTime, closeTime }) => {
    const [startedAt, closedAt] = [startTime.toISOString(), closeTime?.toISOString() ?? null];
    const run = { workflowId, status: name, startedAt, closedAt };
    return { name: campaignLabel(workflowId), ...run, ...(await campaignStanding(campaigns, run)) };
  });
  return { campaigns: await Promise.all(listed), nextCursor };
}

/** A running campaign is asked; what a completed one came to is kept by Temporal. */
export async function campaignStanding(
  campaigns: CampaignClient,
  { workflowId, status, startedAt }: Pick<LatestRun, 'workflowId' | 'status' | 'startedAt'>,
): Promise<CampaignStanding> {
  try {
    if (status === 'RUNNING') return picked(await campaigns.progress(workflowId));
    if (status === 'COMPLETED') return picked(await campaigns.result(workflowId));
  } catch {
    // No worker runs, or Temporal has deleted the campaign in the meantime. The list still shows the other
    // campaigns.
  }
  return { state: status, counts: null, startedAt };
}

function picked({ state, counts, startedAt }: CampaignProgress | CampaignResult): CampaignStanding {
  return { state, counts, startedAt };
}
