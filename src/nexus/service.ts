/**
 * The Nexus service `vnf-migration`, for callers in other namespaces: what they import, in their workflows too.
 * @module
 */
import { operation, service } from 'nexus-rpc';
import type { CampaignInput } from '../shared/campaign/contract.js';
import type { CampaignResult } from '../shared/campaign/views.js';
import type { MigrationInput, MigrationResult } from '../shared/migration/contract.js';

/** Input of the Nexus operation that runs a campaign. */
export interface CampaignOperationInput {
  /** A name stands for one campaign: with the same campaign under it, a call joins the one that runs. */
  name: string;
  campaign: CampaignInput;
  /** Also where a running campaign works against it: one of them empties a VIM that the other fills. */
  anyway?: boolean;
}

/**
 * `migrate` ends as the migration does, with its result or a failure of one of its types; `campaign` with the
 * campaign's result. Cancelling an operation cancels what it started or joined: the waiting, not the MANO.
 */
export const vnfMigration = service('vnf-migration', {
  migrate: operation<MigrationInput, MigrationResult>(),
  campaign: operation<CampaignOperationInput, CampaignResult>(),
});
