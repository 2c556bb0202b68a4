/** The names under which Temporal knows migrations and campaigns. Without zod: workflows of others load them with each run. */

export const TASK_QUEUE = 'vnf-migration';

/** Whoever starts a migration of a VNF by this id keeps it from being migrated twice at a time. */
export function migrationWorkflowId(vnfUuid: string): string {
  return `vnf-migration/${vnfUuid.toLowerCase()}`;
}

/** The workflow id of a campaign: `vnf-campaign/<name>`. */
export function campaignWorkflowId(name: string): string {
  return `vnf-campaign/${name}`;
}

/** The memo by which a migration knows the campaign to tell its end to. */
export const CAMPAIGN_MEMO = 'vnfCampaign';
