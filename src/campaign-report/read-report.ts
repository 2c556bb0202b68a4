/**
 * Reads what a report is made of: from the result where the campaign has ended, for which no worker is needed, and
 * from its queries where it runs, or where its result was too large to carry the items.
 */
import type { CampaignClient } from '../client/campaign-client.js';
import { ITEM_STATES, type CampaignItemView, type ItemCounts } from '../shared/campaign/views.js';
import type { CampaignReport } from './report-data.js';

export async function readReport(campaigns: CampaignClient, workflowId: string): Promise<CampaignReport> {
  const description = await campaigns.describe(workflowId);
  if (description.status.name === 'RUNNING') return await readByQueries(campaigns, workflowId);
  const ending = await campaigns.ending(workflowId);
  if (ending.kind === 'error') {
    const read = await readByQueries(campaigns, workflowId);
    const finishedAt = description.closeTime?.toISOString() ?? null;
    return { ...read, state: null, note: ending.error.message, finishedAt };
  }
  const { result } = ending;
  const items = result.items ?? (await campaigns.items(workflowId));
  // The result is all that matters; limits and budget are only good to know.
  const progress = await campaigns.progress(workflowId).catch(() => null);
  const { state, counts, conflicts, conflictCount, residual, residualCount, audit } = result;
  const { startedAt, finishedAt, waitedMs } = result;
  return {
    ...{ version: 1, workflowId, note: null, madeAt: now(), state, startedAt, finishedAt, counts },
    ...{ actor: progress?.actor ?? null, reason: progress?.reason ?? null },
    ...{ limits: progress?.limits ?? null, budget: progress?.budget ?? null, waiting: {}, waitedMs },
    ...{ items, conflicts, conflictCount, residual, residualCount, audit },
  };
}

async function readByQueries(campaigns: CampaignClient, workflowId: string): Promise<CampaignReport> {
  const progress = await campaigns.progress(workflowId);
  const items = await campaigns.items(workflowId);
  const audit = await campaigns.audit(workflowId);
  const { state, startedAt, finishedAt, actor, reason, limits, budget } = progress;
  const { waiting, waitedMs, conflicts, conflictCount, residual, residualCount } = progress;
  return {
    ...{ version: 1, workflowId, note: null, madeAt: now(), state, startedAt, finishedAt, actor, reason },
    // Of the items as they were read, which is later than the progress was.
    ...{ counts: countsOf(items), limits, budget, waiting, waitedMs, items, audit },
    ...{ conflicts, conflictCount, residual, residualCount, timing: progress.timing ?? null },
  };
}

function countsOf(items: readonly CampaignItemView[]): ItemCounts {
  const counts = Object.fromEntries(ITEM_STATES.map((state) => [state, 0])) as ItemCounts;
  for (const { state } of items) counts[state] += 1;
  return counts;
}

function now(): string {
  return new Date().toISOString();
}
