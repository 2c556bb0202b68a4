/** The names under which Temporal knows migrations, campaigns and limits. Without zod: workflows of others load them with each run. */

export const TASK_QUEUE = 'vnf-migration';

/** The workflow id is the lock on a VNF: at most one workflow with that id runs. */
export function migrationWorkflowId(vnfUuid: string): string {
  return `vnf-migration/${vnfUuid.toLowerCase()}`;
}

/** The workflow type of a migration. */
export const MIGRATION_WORKFLOW = 'migrateVnf';
/** The workflow type of a campaign. */
export const CAMPAIGN_WORKFLOW = 'migrationCampaign';

/** The workflow id of a campaign: `vnf-campaign/<name>`. */
export function campaignWorkflowId(name: string): string {
  return `vnf-campaign/${name}`;
}

/** The campaign's name, or the workflow id that its caller chose. */
export function campaignLabel(workflowId: string): string {
  const prefix = campaignWorkflowId('');
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : workflowId;
}

/** The workflow id of the limits of a deployment: at most one workflow with that id runs. */
export function limitsWorkflowId(deployment: string): string {
  return `vnf-limits/${deployment}`;
}

/** The id of the schedule that starts a campaign again and again: `vnf-campaign-schedule/<name>`. */
export function campaignScheduleId(name: string): string {
  return `vnf-campaign-schedule/${name}`;
}

/** The memo that names the campaign to which a migration reports its result. */
export const CAMPAIGN_MEMO = 'vnfCampaign';
