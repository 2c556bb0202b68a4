/** What the routes of the console work with. */
import type { ConnectedClient } from '../client/connect.js';
import type { CampaignClient } from '../client/campaign-client.js';
import type { CampaignSchedules } from '../client/campaign-schedules.js';
import { LimitsClient } from '../client/limits-client.js';
import { MigrationClient } from '../client/migration-client.js';
import type { Logger } from '../observability/logger.js';
import type { Config } from '../settings/config.js';
import type { VimListAnswer } from '../shared/vim/answer.js';
import { vimListSource, type VimListSource } from '../vims/source.js';
import { createIdentify, type Identify } from './access/identify.js';
import type { TokenHolder } from './access/tokens.js';
import { CampaignSource } from './live/campaign-source.js';
import { EventStreams } from './live/event-stream.js';
import type { Within } from './live/feed.js';
import { Feeds } from './live/feeds.js';
import { MigrationSource } from './live/migration-source.js';
import { SharedAnswers } from './shared-answers.js';

export interface ContextOptions {
  config: Config;
  client: ConnectedClient;
  /** Whom tokens stand for at present; null: no login by token. */
  tokens: (() => readonly TokenHolder[]) | null;
  log: Logger;
  /** Of this package. */
  version: string;
}

export interface ConsoleContext extends ContextOptions {
  migrations: MigrationClient;
  campaigns: CampaignClient;
  schedules: CampaignSchedules;
  limits: LimitsClient;
  /** One list serves all who name a VIM, or plan, within seconds. */
  vimList: VimListSource;
  campaignFeeds: Feeds<CampaignSource>;
  migrationFeeds: Feeds<MigrationSource>;
  streams: EventStreams;
  identify: Identify;
}

export function contextOf(options: ContextOptions): ConsoleContext {
  const { config, client, tokens } = options;
  const { taskQueue } = config.temporal;
  const migrations = new MigrationClient({ client, taskQueue });
  const { campaigns, schedules } = migrations;
  const lists = new SharedAnswers<VimListAnswer>(LIST_VALID_MS);
  const queryVims = vimListSource(config);
  const reading: Within = (call) => within({ client }, call);
  return {
    ...{ ...options, migrations, campaigns, schedules },
    limits: new LimitsClient({ client, taskQueue, deployment: config.deployment }),
    vimList: () => lists.get('vims', () => queryVims()),
    campaignFeeds: new Feeds((workflowId) => new CampaignSource(campaigns, workflowId), {
      within: reading,
    }),
    migrationFeeds: new Feeds((workflowId) => new MigrationSource(migrations, workflowId), {
      within: reading,
    }),
    streams: new EventStreams(),
    identify: createIdentify({ tokens, proxy: config.console.proxy }),
  };
}

/** A list of VIMs is a query to the MANO over a connection of its own, and takes up to 20 s. */
const LIST_VALID_MS = 5_000;
/** Temporal answers within this, or is away; without it a call on a connection that hangs would wait for ever. */
const ANSWER_WITHIN_MS = 15_000;

/** Calls of Temporal, with an end to the waiting. */
export async function within<T>(
  { client }: Pick<ConsoleContext, 'client'>,
  call: () => Promise<T>,
): Promise<T> {
  return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
}
