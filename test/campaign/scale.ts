/**
 * Runs a campaign of thousands of VNFs against the simulated MANO, in separate processes. It measures the cost.
 * From the MANO's durable ledger it checks that the campaign kept its limits and moved each VNF once. The exit code
 * is 1 on any violation.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { connectClient } from '../../src/client/connect.js';
import { loadConfig } from '../../src/settings/config.js';
import type { CampaignResult } from '../../src/shared/campaign/views.js';
import { eventsBesideTasks } from '../support/history-cost.js';
import { compareWays, MOST_OVERHEAD, type Comparison } from './compare.js';
import { HELP, scaleOptions, type ScaleOptions } from './options.js';
import { runCampaign } from './run-campaign.js';
import { inputOf, sceneOf } from './scene.js';
import { ScaleStage } from './stage.js';
import { witnessOf } from './witness.js';

const MOST_EVENTS = 6_000;
const MOST_CARRIED_BYTES = 1.5 * 1024 * 1024;

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
    if (options.overhead) return await tellOverhead(client, { options, scene, taskQueue, report });
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

async function tellOverhead(client: Client, comparison: Comparison): Promise<boolean> {
  const { direct, campaign } = await compareWays(client, comparison);
  const seconds = { direct: sum(direct), campaign: sum(campaign) };
  const ratio = seconds.campaign / seconds.direct;
  if (comparison.options.json) console.log(JSON.stringify({ ...seconds, ratio }));
  else console.table({ ...seconds, ratio });
  return ratio <= MOST_OVERHEAD;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

const options = scaleOptions(process.argv.slice(2));
if (options === 'help') console.log(HELP);
else process.exitCode = (await scale(options)) ? 0 : 1;
