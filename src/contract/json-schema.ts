/**
 * The contract as JSON Schema, for callers in other languages: generated from the definitions that the workflows
 * check with, so that the two cannot differ.
 */
import { z } from 'zod';
import { campaignSpecSchema } from '../shared/campaign/contract.js';
import { campaignProgressSchema, campaignResultSchema } from '../shared/campaign/views.js';
import {
  clearLimitsSchema,
  exchangePermitsSchema,
  limitsStateSchema,
  setLimitsSchema,
} from '../shared/limits/contract.js';
import { FAILURE_TYPES } from '../shared/migration/failures.js';
import { manoReplySchema } from '../shared/mano/reply.js';
import {
  migrationRequestSchema,
  migrationResultSchema,
  migrationStateSchema,
  resolutionSchema,
} from '../shared/migration/contract.js';

/** How a migration fails, as Temporal reports it: the failure's type, its message, and its first detail. */
const failureSchema = z.object({
  type: z.enum(FAILURE_TYPES),
  message: z.string(),
  details: z.tuple([migrationStateSchema()]),
});

const CONTRACT = {
  'migrate-vnf.input': migrationRequestSchema(),
  'migrate-vnf.result': migrationResultSchema(),
  'migrate-vnf.failure': failureSchema,
  'migration-state': migrationStateSchema(),
  'resolve-migration.input': resolutionSchema(),
  'mano-reply.signal': manoReplySchema(),
  'migration-campaign.input': campaignSpecSchema(),
  'migration-campaign.result': campaignResultSchema(),
  'campaign-progress': campaignProgressSchema(),
  'set-limits.input': setLimitsSchema(),
  'clear-limits.input': clearLimitsSchema(),
  'exchange-permits.input': exchangePermitsSchema(),
  'limits-state': limitsStateSchema(),
} as const;

export type ContractName = keyof typeof CONTRACT;
export const CONTRACT_NAMES = Object.keys(CONTRACT) as ContractName[];

/** One part of the contract, draft 2020-12. What no JSON Schema can say, such as "either … or", the workflow checks. */
export function jsonSchemaOf(name: ContractName): object {
  // As written, defaults left out; what we give may grow new fields, and what we take may not have unknown ones.
  return { title: name, ...z.toJSONSchema(CONTRACT[name], { io: 'input' }) };
}
