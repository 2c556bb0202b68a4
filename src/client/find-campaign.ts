/** Finds the campaign that a person or a caller names. */
import { WorkflowNotFoundError } from '@temporalio/client';
import { CAMPAIGN_WORKFLOW, campaignLabel, campaignWorkflowId } from '../shared/names.js';
import type { CampaignClient } from './campaign-client.js';
import type { CampaignSchedules } from './campaign-schedules.js';
import { NoSuchCampaignError } from './errors.js';

export interface FoundCampaign {
  workflowId: string;
  isRunning: boolean;
  /** ISO 8601; null: it runs. */
  closedAt: string | null;
}

/** Accepts the campaign's name, or any workflow id that its caller chose. @throws NoSuchCampaignError */
export async function findCampaign(
  { campaigns, schedules }: { campaigns: CampaignClient; schedules: CampaignSchedules },
  name: string,
): Promise<FoundCampaign> {
  const ids = name.startsWith(campaignWorkflowId('')) ? [name] : [campaignWorkflowId(name), name];
  let otherType: string | null = null;
  for (const workflowId of ids) {
    try {
      const { status, type, closeTime } = await campaigns.describe(workflowId);
      const closedAt = closeTime?.toISOString() ?? null;
      if (type === CAMPAIGN_WORKFLOW) return { workflowId, isRunning: status.name === 'RUNNING', closedAt };
      otherType = type;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  if (otherType !== null) {
    throw new NoSuchCampaignError(`${name} is no campaign: its workflow is a ${otherType}`);
  }
  throw new NoSuchCampaignError(`no such campaign: ${name}${await hintOfSchedule(schedules, name)}`);
}

async function hintOfSchedule(schedules: CampaignSchedules, name: string): Promise<string> {
  const schedule = await schedules.find(name);
  if (schedule === null) return ' (vnf-migrator campaign list)';
  const { lastWorkflowId } = schedule;
  const last =
    lastWorkflowId === null ? 'has started none yet' : `started last ${campaignLabel(lastWorkflowId)}`;
  return `: it is the name of a schedule, which ${last}`;
}
