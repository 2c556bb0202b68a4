/** Finds the campaign that a command names. */
import { WorkflowNotFoundError } from '@temporalio/client';
import type { CampaignClient } from '../../client/campaign-client.js';
import { campaignWorkflowId } from '../../shared/names.js';
import { CommandError } from '../exit-codes.js';

export interface Found {
  workflowId: string;
  isRunning: boolean;
}

/** Accepts the campaign's name, or the workflow id that its caller chose. @throws CommandError */
export async function findCampaign(campaigns: CampaignClient, name: string): Promise<Found> {
  const ids = name.startsWith(campaignWorkflowId('')) ? [name] : [campaignWorkflowId(name), name];
  for (const workflowId of ids) {
    try {
      const { status, type } = await campaigns.describe(workflowId);
      if (type === 'migrationCampaign') return { workflowId, isRunning: status.name === 'RUNNING' };
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  throw new CommandError(`no such campaign: ${name} (vnf-migrator campaign list)`);
}
