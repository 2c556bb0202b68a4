/**
 * Every signal, query and update of our workflows. The listener, the client and the command line import them
 * from here; callers in other languages use the names.
 */
import type { UpdateDefinition } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ControlInput, ControlName, MigrationEnded } from '../shared/campaign/contract.js';
import type {
  AuditEntry,
  CampaignItemsPage,
  CampaignItemsQuery,
  CampaignProgress,
} from '../shared/campaign/views.js';
import type {
  ClearLimitsInput,
  ExchangePermitsInput,
  LimitsState,
  PermitAnswer,
  PermitsGranted,
  SetLimitsInput,
} from '../shared/limits/contract.js';
import type { ManoReply } from '../shared/mano/reply.js';
import type { MigrationState, ResolutionInput } from '../shared/migration/contract.js';
import type { NotificationLost, NotifyBatch } from '../shared/notify/contract.js';

/** A reply of the MANO, from the listener. At least once; the workflow is idempotent. */
export const manoReplySignal = defineSignal<[ManoReply]>('manoReply');

/** All that is known of a migration. */
export const migrationStateQuery = defineQuery<MigrationState>('migrationState');

/** The nonces of all its requests and probes, in the order in which they were made. */
export const migrationNoncesQuery = defineQuery<string[]>('migrationNonces');

/** An operator's decision on a migration whose outcome is unknown. Returns the state after it. */
export const resolveMigrationUpdate = defineUpdate<MigrationState, [ResolutionInput]>('resolveMigration');

/** The end of a migration, to the campaign that started it. */
export const migrationEndedSignal = defineSignal<[MigrationEnded]>('migrationEnded');

/** Where a campaign stands. */
export const campaignProgressQuery = defineQuery<CampaignProgress>('campaignProgress');

/** A page of its items; by default the first. */
export const campaignItemsQuery = defineQuery<CampaignItemsPage, [CampaignItemsQuery?]>('campaignItems');

/** Who ordered what, and what the campaign did by itself. */
export const campaignAuditQuery = defineQuery<AuditEntry[]>('campaignAudit');

/** Orders to a campaign, by the name of the update. Each returns the progress after it. */
export const campaignControls: {
  [Name in ControlName]: UpdateDefinition<CampaignProgress, [ControlInput<Name>], Name>;
} = {
  pause: defineUpdate('pause'),
  resume: defineUpdate('resume'),
  abort: defineUpdate('abort'),
  approve: defineUpdate('approve'),
  skip: defineUpdate('skip'),
  setLimits: defineUpdate('setLimits'),
  setBudget: defineUpdate('setBudget'),
  retryFailed: defineUpdate('retryFailed'),
  setWindows: defineUpdate('setWindows'),
  startNow: defineUpdate('startNow'),
  addItems: defineUpdate('addItems'),
  reprioritize: defineUpdate('reprioritize'),
};

/** Where the limits of a deployment stand. */
export const limitsStateQuery = defineQuery<LimitsState>('limitsState');

/** Orders to the limits of a deployment. Each returns their state after it. */
export const setSharedLimitsUpdate = defineUpdate<LimitsState, [SetLimitsInput], 'setLimits'>('setLimits');
export const clearSharedLimitsUpdate = defineUpdate<LimitsState, [ClearLimitsInput], 'clearLimits'>(
  'clearLimits',
);

/** What a holder wants, does not want any more, and has ended. */
export const exchangePermitsUpdate = defineUpdate<PermitAnswer, [ExchangePermitsInput], 'exchangePermits'>(
  'exchangePermits',
);

/** To a holder that waits: there is news, so that it asks again. */
export const permitsGrantedSignal = defineSignal<[PermitsGranted]>('permitsGranted');

/** To every campaign: limits of the deployment were set, or were cleared. */
export const sharedLimitsChangedSignal = defineSignal('sharedLimitsChanged');
/** Events of a campaign, in their order, to the workflow that tells a receiver. */
export const notifySignal = defineSignal<[NotifyBatch]>('notify');

/** Events that a receiver will not get, to their campaign. */
export const notificationLostSignal = defineSignal<[NotificationLost]>('notificationLost');
