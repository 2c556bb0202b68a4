/**
 * `vnf-migrator`: what TypeScript callers import.
 * @module
 */
export { CampaignClient } from './campaign-client.js';
export {
  CampaignSchedules,
  type CampaignSchedule,
  type Scheduled,
  type ScheduleTimes,
} from './campaign-schedules.js';
export * from './errors.js';
export { LimitsClient, type LimitsClientOptions } from './limits-client.js';
export type { Ending } from './migration-outcome.js';
export { MigrationClient, type StartOptions, type Started, type WaitOptions } from './migration-client.js';
export type { MigrationClientOptions } from './options.js';
export type { Failback, LeftOut } from '../shared/campaign/failback.js';
export type { OppositeCampaign } from '../shared/campaign/opposite.js';
export * from '../shared/index.js';
