/**
 * The workflow types. A worker bundles this module.
 * @module
 */
export { migrateVnf } from './migration/migrate-vnf.js';
export { migrationCampaign } from './campaign/migration-campaign.js';
export { deploymentLimits } from './limits/deployment-limits.js';
export { notifyReceiver } from './notify/notify-receiver.js';
