/**
 * What no event of this process tells: migrations and campaigns that run, who works for them, and the nodes of the broker.
 *
 * Invariants: it is taken when metrics are scraped, and shown by the next scrape: where nobody scrapes, nobody is asked. One at
 * a time, not more often than `EVERY_MS`, with few campaigns: each is one query to a worker. What cannot be read leaves the
 * last known numbers, and readiness tells the outage.
 */
import type { Client } from '@temporalio/client';
import { reachableNodes, type ReachableNodes } from '../amqp/reachable-nodes.js';
import { CampaignClient } from '../client/campaign-client.js';
import { temporalProblem } from '../client/connection-errors.js';
import { executionsPage } from '../client/visibility.js';
import {
  ITEM_STATES,
  WAIT_REASONS,
  type CampaignProgress,
  type ItemState,
  type WaitReason,
} from '../shared/campaign/views.js';
import { CAMPAIGN_WORKFLOW, MIGRATION_WORKFLOW } from '../shared/names.js';
import { pollingBuilds, ranByBuild, UNVERSIONED, type PollingBuilds } from '../temporal/builds.js';
import { runningQuery } from '../temporal/running-query.js';
import type { Logger } from './logger.js';

/** The states of a campaign that runs, by its own word, and `silent`: it did not answer. */
export const CENSUS_STATES = [
  'PLANNED',
  'AWAITING_APPROVAL',
  'RUNNING',
  'PAUSED',
  'DRAINING',
  'silent',
] as const;
type CensusState = (typeof CENSUS_STATES)[number];

export interface Campaigns {
  states: Record<CensusState, number>;
  /** In which items wait, and none runs, though no time that the specification names holds them. */
  stalled: number;
  items: Record<ItemState, number>;
  waiting: Record<WaitReason, number>;
}

export interface Census {
  workers: number;
  runningMigrations: number;
  /** Those that no worker can continue: of a build without workers, or new ones of a current build without workers. */
  migrationsWithoutWorker: number;
  campaigns: Campaigns;
  /** Null without a bus. */
  brokerNodes: ReachableNodes | null;
}

export interface CensusOptions {
  client: Client;
  taskQueue: string;
  /** Empty: there is no bus. */
  brokerUrls: readonly string[];
  log: Logger;
}

const EVERY_MS = 30_000;
const ANSWER_WITHIN_MS = 5_000;
const MOST_CAMPAIGNS = 20;
/** What an item waits for by the will of who wrote the specification. */
const PLANNED_WAITS: readonly WaitReason[] = ['window', 'not-before', 'ramp-up', 'soak'];

export class CensusTaker {
  private last: Census | null = null;
  private begunAtMs = Number.NEGATIVE_INFINITY;
  private taking: Promise<void> | null = null;
  private isStopped = false;

  constructor(private readonly options: CensusOptions) {}

  /** The last one; null: none was taken yet. Begins the next one where it is time to. */
  latest(): Census | null {
    const isDue = Date.now() - this.begunAtMs >= EVERY_MS;
    if (isDue && this.taking === null && !this.isStopped) this.taking = this.take();
    return this.last;
  }

  /** Resolves when nothing is asked any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.taking;
  }

  private async take(): Promise<void> {
    this.begunAtMs = Date.now();
    try {
      this.last = await takeCensus({ ...this.options, isStopped: () => this.isStopped });
    } catch (error) {
      this.options.log.debug({ reason: temporalProblem(error) }, 'could not count what runs');
    } finally {
      this.taking = null;
    }
  }
}

interface Taking extends CensusOptions {
  isStopped: () => boolean;
}

async function takeCensus({ client, taskQueue, brokerUrls, isStopped }: Taking): Promise<Census> {
  const namespace = client.options.namespace;
  const nodes = brokerUrls.length === 0 ? null : reachableNodes(brokerUrls);
  const builds = await timely(client, () => pollingBuilds(client, { namespace, taskQueue }));
  const { runningMigrations, migrationsWithoutWorker } = await countMigrations(client, { taskQueue, builds });
  return {
    workers: [...builds.builds.values()].reduce((sum, { workers }) => sum + workers.size, 0),
    runningMigrations,
    migrationsWithoutWorker,
    campaigns: await readCampaigns(client, {
      taskQueue,
      isAsked: () => builds.builds.size > 0 && !isStopped(),
    }),
    brokerNodes: await nodes,
  };
}

function timely<T>(client: Client, call: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
}

async function countMigrations(
  client: Client,
  { taskQueue, builds: { builds, current } }: { taskQueue: string; builds: PollingBuilds },
): Promise<Pick<Census, 'runningMigrations' | 'migrationsWithoutWorker'>> {
  const running = runningQuery({ type: MIGRATION_WORKFLOW, taskQueue });
  const count = async (query: string): Promise<number> =>
    (await timely(client, () => client.workflow.count(query))).count;
  const runningMigrations = await count(running);
  if (builds.size === 0) return { runningMigrations, migrationsWithoutWorker: runningMigrations };
  const isUnversioned = builds.size === 1 && builds.has(UNVERSIONED) && current === UNVERSIONED;
  if (isUnversioned || runningMigrations === 0) return { runningMigrations, migrationsWithoutWorker: 0 };
  const versions = [...builds.values()].flatMap(({ version }) => (version === null ? [] : [version]));
  // What no build has begun yet is given to the current one.
  const begun = builds.has(current) ? ['TemporalWorkerDeploymentVersion IS NULL'] : [];
  const served = [...versions.map(ranByBuild), ...begun].join(' OR ');
  const withWorker = served === '' ? 0 : await count(`${running} AND (${served})`);
  // The two were counted one after the other.
  return { runningMigrations, migrationsWithoutWorker: Math.max(runningMigrations - withWorker, 0) };
}

async function readCampaigns(
  client: Client,
  { taskQueue, isAsked }: { taskQueue: string; isAsked: () => boolean },
): Promise<Campaigns> {
  const query = runningQuery({ type: CAMPAIGN_WORKFLOW, taskQueue });
  const { executions } = await executionsPage(client, { query, pageSize: MOST_CAMPAIGNS });
  const campaigns = new CampaignClient({ client });
  const told: (CampaignProgress | null)[] = [];
  // One after the other: each is a task of a worker that has other things to do.
  for (const { workflowId } of executions)
    told.push(isAsked() ? await campaigns.progress(workflowId).catch(() => null) : null);
  return sumOf(told);
}

/** `null`: a campaign that did not answer. */
export function sumOf(progresses: readonly (CampaignProgress | null)[]): Campaigns {
  const sum: Campaigns = {
    states: zeros(CENSUS_STATES),
    stalled: progresses.filter((progress) => progress !== null && isStalled(progress)).length,
    items: zeros(ITEM_STATES),
    waiting: zeros(WAIT_REASONS),
  };
  for (const progress of progresses) {
    const state = CENSUS_STATES.find((name) => name === (progress?.state ?? 'silent'));
    if (state !== undefined) sum.states[state] += 1;
    for (const name of ITEM_STATES) sum.items[name] += progress?.counts[name] ?? 0;
    for (const reason of WAIT_REASONS) sum.waiting[reason] += progress?.waiting[reason] ?? 0;
  }
  return sum;
}

function isStalled({ counts, waiting, trouble }: CampaignProgress): boolean {
  const isHeld = WAIT_REASONS.some((reason) => (waiting[reason] ?? 0) > 0 && !PLANNED_WAITS.includes(reason));
  return counts.RUNNING === 0 && (isHeld || trouble !== null);
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
