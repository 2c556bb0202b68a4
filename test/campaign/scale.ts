/**
 * A campaign of thousands of VNFs against the simulated MANO, in processes of their own: what it costs, and, from
 * the MANO's durable ledger, whether it held its limits and moved each VNF once. Exit code 1 on any violation.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { connectClient } from '../../src/client/connect.js';
import { MigrationClient } from '../../src/client/migration-client.js';
import { loadConfig } from '../../src/config.js';
import type { CampaignInput } from '../../src/shared/campaign.js';
import type { CampaignResult } from '../../src/shared/campaign-views.js';
import type { WorldSpec } from '../../src/simulator/index.js';
import { uuidFrom } from '../../src/simulator/random.js';
import { campaignProgressQuery } from '../../src/workflows/messages.js';
import type { migrationCampaign } from '../../src/workflows/index.js';
import { eventsBesideTasks } from '../support/history-cost.js';
import { HELP, scaleOptions, type ScaleOptions } from './options.js';
import { ScaleStage } from './stage.js';
import { witnessOf, type Moved } from './witness.js';

const SOURCES = 4;
const TARGETS = 4;
const VNFS_OF_SHARED_SERVICE = 10;
const MOST_EVENTS = 6_000;
const MOST_CARRIED_BYTES = 1.5 * 1024 * 1024;
const MOST_OVERHEAD = 1.25;
const BATCHES = 4;

interface Scene {
  world: WorldSpec;
  /** One batch, or as many as are compared. */
  batches: Moved[][];
  targets: string[];
}

function sceneOf(options: ScaleOptions): Scene {
  const batchCount = options.overhead ? BATCHES : 1;
  const perService = options.sharedServices ? VNFS_OF_SHARED_SERVICE : 1;
  const [sources, targets] = [SOURCES, TARGETS].map((count, kind) =>
    Array.from({ length: count }, (_, index) => uuidFrom(`scale/vim/${String(kind)}/${String(index)}`)),
  ) as [string[], string[]];
  const moved = Array.from({ length: batchCount * options.items }, (_, index): Moved => {
    const service = Math.floor(index / perService);
    return {
      serviceInstanceUuid: uuidFrom(`scale/service/${String(service)}`),
      vnfUuid: uuidFrom(`scale/vnf/${String(index)}`),
      sourceVimUuid: sources[index % SOURCES] ?? '',
    };
  });
  const services = groupsOf(moved);
  const world: WorldSpec = {
    vims: [...sources, ...targets],
    services: [...services].map(([serviceInstanceUuid, vnfs]) => ({
      serviceInstanceUuid,
      vnfs: vnfs.map(({ vnfUuid, sourceVimUuid }) => ({
        vnfUuid,
        // A kind of its own: what became of it can then be told.
        name: `vnf-${vnfUuid.slice(0, 8)}`,
        kind: 'vm' as const,
        vimUuids: [sourceVimUuid],
        status: 'normal operation' as const,
      })),
    })),
    orphans: [],
  };
  const batches = Array.from({ length: batchCount }, (_, nth) =>
    moved.slice(nth * options.items, (nth + 1) * options.items),
  );
  return { world, batches, targets };
}

function groupsOf(moved: readonly Moved[]): Map<string, Moved[]> {
  const groups = new Map<string, Moved[]>();
  for (const one of moved) {
    const group = groups.get(one.serviceInstanceUuid);
    if (group === undefined) groups.set(one.serviceInstanceUuid, [one]);
    else group.push(one);
  }
  return groups;
}

function inputOf(
  batch: readonly Moved[],
  { options, targets }: { options: ScaleOptions; targets: string[] },
): CampaignInput {
  const { total, perVim } = options;
  return {
    items: batch.map(({ serviceInstanceUuid, vnfUuid }) => ({ serviceInstanceUuid, vnfUuid })),
    target: { vims: targets, strategy: 'spread' },
    limits: { total, perSourceVim: perVim, perTargetVim: perVim },
    actor: 'scale',
    reason: 'to measure it',
  };
}

/** Waits for the end, and tells on the way how far it is. */
async function runCampaign(
  client: Client,
  {
    input,
    taskQueue,
    name,
    report,
  }: { input: CampaignInput; taskQueue: string; name: string; report: (line: string) => void },
): Promise<CampaignResult> {
  const workflowId = `vnf-campaign/${name}`;
  const handle = await client.workflow.start<typeof migrationCampaign>('migrationCampaign', {
    workflowId,
    taskQueue,
    args: [input],
  });
  const over = new AbortController();
  const tell = async (): Promise<void> => {
    for (;;) {
      await delay(10_000, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      const progress = await client
        .withDeadline(Date.now() + 8_000, () =>
          client.workflow.getHandle(workflowId).query(campaignProgressQuery),
        )
        .catch(() => null);
      if (progress !== null) report(`${progress.state} ${JSON.stringify(progress.counts)}`);
    }
  };
  const telling = tell();
  try {
    return await handle.result();
  } finally {
    over.abort();
    await telling;
  }
}

interface Cost {
  runs: number;
  mostEvents: number;
  eventsPerItem: number;
  /** Without those of workflow tasks, whose number depends on how busy the machine is. */
  ownEventsPerItem: number;
  mostCarriedBytes: number;
  mostHistoryBytes: number;
}

/** Of the campaign's own workflow, from its histories. */
async function costOf(client: Client, { name, items }: { name: string; items: number }): Promise<Cost> {
  const workflowId = `vnf-campaign/${name}`;
  const runIds: string[] = [];
  for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${workflowId}"` }))
    runIds.push(runId);
  const cost: Cost = {
    runs: runIds.length,
    mostEvents: 0,
    eventsPerItem: 0,
    ownEventsPerItem: 0,
    mostCarriedBytes: 0,
    mostHistoryBytes: 0,
  };
  let all = 0;
  let own = 0;
  for (const runId of runIds) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const history = await handle.fetchHistory();
    const { events } = history;
    own += eventsBesideTasks(history).length;
    const { historySize } = await handle.describe();
    const count = events?.length ?? 0;
    all += count;
    const payloads = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const carried = payloads[1]?.data?.length ?? 0;
    cost.mostEvents = Math.max(cost.mostEvents, count);
    cost.mostCarriedBytes = Math.max(cost.mostCarriedBytes, carried);
    cost.mostHistoryBytes = Math.max(cost.mostHistoryBytes, historySize ?? 0);
  }
  cost.eventsPerItem = Math.round((all / items) * 100) / 100;
  cost.ownEventsPerItem = Math.round((own / items) * 100) / 100;
  return cost;
}

function violationsOf({
  cost,
  witness,
  result,
  options,
}: {
  cost: Cost;
  witness: ReturnType<typeof witnessOf>;
  result: CampaignResult;
  options: ScaleOptions;
}): string[] {
  const { most } = witness;
  const rules: [boolean, string][] = [
    [result.state === 'COMPLETED', `the campaign ended ${result.state}: ${JSON.stringify(result.counts)}`],
    [most.total <= options.total, `${String(most.total)} in flight`],
    // Without a repository nobody knows where a VNF is.
    [
      !options.repository || most.perSource <= options.perVim,
      `${String(most.perSource)} left one VIM at a time`,
    ],
    [most.perTarget <= options.perVim, `${String(most.perTarget)} came to one VIM at a time`],
    [most.perService <= 1, `${String(most.perService)} of one service at a time`],
    [cost.mostEvents < MOST_EVENTS, `a run of ${String(cost.mostEvents)} events`],
    [cost.mostCarriedBytes <= MOST_CARRIED_BYTES, `${String(cost.mostCarriedBytes)} bytes carried`],
  ];
  return [...rules.filter(([holds]) => !holds).map(([, text]) => text), ...witness.wrong.slice(0, 20)];
}

async function scale(options: ScaleOptions): Promise<boolean> {
  const report = (line: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
  const scene = sceneOf(options);
  const stage = await ScaleStage.set(options, { world: scene.world, report });
  const config = loadConfig(stage.environment);
  // One that tries again: a server closes connections that are some minutes old.
  const client = await connectClient(config);
  const over = new AbortController();
  const killing = killWorkers(stage, { options, signal: over.signal });
  try {
    const { taskQueue } = config.temporal;
    if (options.overhead) return await compare(client, { options, scene, taskQueue, report });
    const [batch = []] = scene.batches;
    const startedAtMs = Date.now();
    const input = inputOf(batch, { options, targets: scene.targets });
    const result = await runCampaign(client, { input, taskQueue, name: 'scale', report });
    const seconds = (Date.now() - startedAtMs) / 1_000;
    over.abort();
    await killing;
    const cost = await costOf(client, { name: 'scale', items: options.items });
    const witness = witnessOf(stage.ledger(), batch);
    const violations = violationsOf({ cost, witness, result, options });
    const { wrong, most, ...rest } = witness;
    const table = {
      items: options.items,
      seconds,
      perSecond: options.items / seconds,
      ...cost,
      ...rest,
      ...prefixed(most),
    };
    if (options.json) console.log(JSON.stringify({ ...table, wrong: wrong.length, violations }));
    else console.table(table);
    for (const violation of violations) console.error(violation);
    return violations.length === 0;
  } finally {
    over.abort();
    await killing;
    await client.connection.close();
    await stage.stop();
  }
}

function prefixed(most: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(most).map(([name, value]) => [`most in flight: ${name}`, value]));
}

async function killWorkers(
  stage: ScaleStage,
  { options, signal }: { options: ScaleOptions; signal: AbortSignal },
): Promise<void> {
  if (options.killWorkerEveryMs === 0) return;
  for (let round = 0; ; round += 1) {
    await delay(options.killWorkerEveryMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await stage.killWorker(round % options.workers);
  }
}

/** The same number of migrations, as many at a time, one by one and by a campaign, in turns. */
async function compare(
  client: Client,
  {
    options,
    scene,
    taskQueue,
    report,
  }: { options: ScaleOptions; scene: Scene; taskQueue: string; report: (line: string) => void },
): Promise<boolean> {
  const seconds = { direct: 0, campaign: 0 };
  for (const [nth, batch] of scene.batches.entries()) {
    const startedAtMs = Date.now();
    const way = nth % 2 === 0 ? 'direct' : 'campaign';
    if (way === 'direct') await migrateOneByOne(client, { batch, options, scene, taskQueue });
    else {
      const input = inputOf(batch, {
        options: { ...options, perVim: options.total },
        targets: scene.targets,
      });
      const result = await runCampaign(client, { input, taskQueue, name: `compare-${String(nth)}`, report });
      if (result.state !== 'COMPLETED') throw new Error(`the campaign ended ${result.state}`);
    }
    const took = (Date.now() - startedAtMs) / 1_000;
    seconds[way] += took;
    report(`${way}: ${String(batch.length)} in ${took.toFixed(1)} s`);
  }
  const ratio = seconds.campaign / seconds.direct;
  if (options.json) console.log(JSON.stringify({ ...seconds, ratio }));
  else console.table({ ...seconds, ratio });
  return ratio <= MOST_OVERHEAD;
}

async function migrateOneByOne(
  client: Client,
  {
    batch,
    options,
    scene,
    taskQueue,
  }: { batch: readonly Moved[]; options: ScaleOptions; scene: Scene; taskQueue: string },
): Promise<void> {
  const migrations = new MigrationClient({ client, taskQueue });
  const waiting = [...batch.entries()];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { serviceInstanceUuid, vnfUuid }] = next;
      const vimUuid = scene.targets[index % TARGETS] ?? '';
      await migrations.migrate({ serviceInstanceUuid, vnfUuid, vimUuid, policy: { records: 'none' } });
    }
  };
  await Promise.all(Array.from({ length: options.total }, lane));
}

const options = scaleOptions(process.argv.slice(2));
if (options === 'help') console.log(HELP);
else process.exitCode = (await scale(options)) ? 0 : 1;
