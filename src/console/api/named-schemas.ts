/** Schemas of answers that several routes give: the description of the API has each once, by its name. */
import {
  auditEntrySchema,
  campaignConflictSchema,
  campaignItemViewSchema,
  campaignProgressSchema,
  campaignResultSchema,
} from '../../shared/campaign/views.js';
import { limitsStateSchema } from '../../shared/limits/contract.js';
import { migrationResultSchema, migrationStateSchema } from '../../shared/migration/contract.js';

export const auditEntry = auditEntrySchema().meta({ id: 'AuditEntry' });
export const campaignConflict = campaignConflictSchema().meta({ id: 'CampaignConflict' });
export const campaignItem = campaignItemViewSchema().meta({ id: 'CampaignItem' });
export const campaignProgress = campaignProgressSchema().meta({ id: 'CampaignProgress' });
export const campaignResult = campaignResultSchema().meta({ id: 'CampaignResult' });
export const limitsState = limitsStateSchema().meta({ id: 'LimitsState' });
export const migrationResult = migrationResultSchema().meta({ id: 'MigrationResult' });
export const migrationState = migrationStateSchema().meta({ id: 'MigrationState' });
