export { migrateVnf } from './migrate-vnf.js';
export { migrationCampaign } from './migration-campaign.js';
