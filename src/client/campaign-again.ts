/**
 * Campaigns that are made of others: the retry of what one has left, and the way back of what one has moved. Nothing is
 * started here: `CampaignClient.start` starts them.
 */
import type { CampaignInput } from '../shared/campaign/contract.js';
import type { LeftOut } from '../shared/campaign/failback.js';
import { campaignLabel } from '../shared/names.js';
import type { CampaignClient } from './campaign-client.js';
import { nameOfFailback, nameOfRetry } from './campaign-name.js';

export interface CampaignAgain {
  name: string;
  input: CampaignInput;
  /** False: what the other was started with is no longer known, and the defaults hold. */
  knowsSettings: boolean;
}

export interface RetryRequest {
  workflowId: string;
  /** By default `<name>~2`, `<name>~3` and so on. */
  name?: string | undefined;
  actor: string;
  reason: string;
}

/**
 * Moves what a campaign that has ended left. Null: it left nothing. The end of one that runs is waited for.
 * @throws CampaignError if it was none, or its input was wrong
 */
export async function retryOfEnded(
  campaigns: CampaignClient,
  { workflowId, name = nameOfRetry(campaignLabel(workflowId)), actor, reason }: RetryRequest,
): Promise<CampaignAgain | null> {
  const left = await campaigns.leftOver(workflowId);
  if (left === null) return null;
  const { input, knowsSettings } = left;
  return { name, input: { ...input, actor, reason }, knowsSettings };
}

export interface WayBackRequest {
  workflowId: string;
  /** By default `<name>-failback`. */
  name?: string | undefined;
  /** By default it names the other campaign. */
  reason?: string | undefined;
}

export interface WayBack extends Omit<CampaignAgain, 'input'> {
  /** Null: there is nothing to move back. */
  input: CampaignInput | null;
  /** What cannot be moved back, and why. */
  leftOut: LeftOut[];
}

/** Moves back what a campaign has moved so far, the last first. */
export async function wayBackOf(
  campaigns: CampaignClient,
  {
    workflowId,
    name = nameOfFailback(campaignLabel(workflowId)),
    reason = `failback of ${workflowId}`,
  }: WayBackRequest,
): Promise<WayBack> {
  const { input, leftOut, knowsSettings } = await campaigns.failback(workflowId);
  return { name, input: input === null ? null : { ...input, reason }, leftOut, knowsSettings };
}
