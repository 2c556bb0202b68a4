/**
 * `npm run floods` floods one live migration with replies, by the bus and by the Gatekeeper's callback, while other
 * migrations run beside it. It tells the verdict, the number of events, how much longer the others took, and the memory of
 * the worker.
 *
 * The simulated MANO moves the flooded VNF while the flood lasts; its repository says what is true.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parkedQueue, repliesQueue } from '../../src/amqp/topology.js';
import { callbackUrlOf } from '../../src/gatekeeper/callback-url.js';
import type { MigrationState } from '../../src/shared/migration/contract.js';
import { LongRun } from '../support/long-run.js';
import { floodBus, floodCallbacks, type FloodName } from './flood.js';
import { floodOptions, HELP, type FloodOptions } from './options.js';
import { sceneOn, type Scene } from './scene.js';

/** Migrations before a flood, one after another: what others take without one. */
const BEFORE = 10;
/** A forged READY is set aside; then a probe and the repository decide, this long after the ack. */
const POLICY = { finalTimeout: '2m', deadline: '15m' } as const;
const SAMPLE_EVERY_MS = 250;

const MOST_EVENTS = 20_000;
const MOST_TIMES = 2;
const MOST_MIB_MORE = 400;

interface Account {
  flood: FloodName;
  replies: number;
  outcome: string;
  evidence: string;
  events: number;
  floodSeconds: number;
  /** What another migration takes before the flood, and during it: the mean. */
  othersSeconds: number;
  othersFloodedSeconds: number;
  others: number;
  /** At most, above what it was before. */
  workerMibMore: number;
  parked: number;
  /** Of callbacks, by HTTP status. */
  answers?: Record<number, number>;
}

async function main(options: FloodOptions): Promise<void> {
  const report = (line: string): void => console.error(line);
  const run = await LongRun.begin('floods', { persistent: false, report });
  try {
    const scene = await sceneOn(run);
    const accounts: Account[] = [];
    for (const flood of options.floods) {
      const account = await floodOnce(scene, { flood, replies: options.replies });
      report(JSON.stringify(account));
      accounts.push(account);
    }
    await scene.close();
    tell(accounts, options);
  } finally {
    await run.stop();
  }
}

async function floodOnce(
  scene: Scene,
  { flood, replies }: { flood: FloodName; replies: number },
): Promise<Account> {
  const others = await migrateOneByOne(scene, (count) => count < BEFORE);
  const mibBefore = await mebibytesOf(scene.workerPid);
  const transport = flood === 'callbacks' ? 'gatekeeper' : 'bus';
  const input = scene.take('slow');
  const { workflowId } = await scene.migrations.start({ ...input, policy: { ...POLICY, transport } });
  const request = await ackedRequest(scene, workflowId);
  const result = scene.migrations.result(workflowId);
  let isOver = false;
  const memory = watchMemory(scene.workerPid, () => isOver);
  const startedAtMs = Date.now();
  const flooding = (async () => {
    const answers = await send(scene, { flood, replies, request });
    await drained(scene);
    return { answers, seconds: (Date.now() - startedAtMs) / 1_000 };
  })().finally(() => (isOver = true));
  const flooded = await migrateOneByOne(scene, () => !isOver);
  const { answers, seconds } = await flooding;
  const { outcome, evidence } = await result;
  return {
    ...{ flood, replies, outcome, evidence, floodSeconds: rounded(seconds) },
    events: await eventsOf(scene, workflowId),
    othersSeconds: rounded(mean(others)),
    othersFloodedSeconds: rounded(mean(flooded)),
    others: flooded.length,
    workerMibMore: Math.round((await memory) - mibBefore),
    parked: await waitingIn(scene, 'parked'),
    ...(answers === null ? {} : { answers }),
  };
}

/** The seconds that each took. At least one runs. */
async function migrateOneByOne(scene: Scene, isWanted: (count: number) => boolean): Promise<number[]> {
  const seconds: number[] = [];
  do {
    const startedAtMs = Date.now();
    await scene.migrations.migrate(scene.take('fast'));
    seconds.push((Date.now() - startedAtMs) / 1_000);
  } while (isWanted(seconds.length));
  return seconds;
}

type Request = MigrationState['attempts'][number];

async function ackedRequest({ migrations }: Scene, workflowId: string): Promise<Request> {
  for (;;) {
    const { phase, attempts } = await migrations.status(workflowId);
    const [request] = attempts;
    if (phase === 'awaiting-final' && request !== undefined) return request;
    await delay(100);
  }
}

async function send(
  { config, amqpUrl, callbackUrl }: Scene,
  { flood, replies, request }: { flood: FloodName; replies: number; request: Request },
): Promise<Record<number, number> | null> {
  const { correlationId } = request;
  switch (flood) {
    case 'known-id':
    case 'made-up-ids':
      await floodBus(flood, { amqpUrl, exchange: config.amqp.exchange, correlationId, replies });
      return null;
    case 'callbacks':
      return await floodCallbacks({ url: callbackUrlOf(callbackUrl, correlationId), replies });
  }
}

async function drained(scene: Scene): Promise<void> {
  while ((await waitingIn(scene, 'replies')) > 0) await delay(SAMPLE_EVERY_MS);
}

async function waitingIn({ channel, config }: Scene, which: 'replies' | 'parked'): Promise<number> {
  const queue = which === 'replies' ? repliesQueue(config.deployment) : parkedQueue(config.deployment);
  return (await channel.checkQueue(queue)).messageCount;
}

async function eventsOf({ client }: Scene, workflowId: string): Promise<number> {
  const { historyLength } = await client.workflow.getHandle(workflowId).describe();
  return historyLength;
}

async function watchMemory(pid: number, isOver: () => boolean): Promise<number> {
  let most = 0;
  while (!isOver()) {
    most = Math.max(most, await mebibytesOf(pid));
    await delay(SAMPLE_EVERY_MS);
  }
  return most;
}

async function mebibytesOf(pid: number): Promise<number> {
  const [, kibibytes = '0'] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1_024;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}

function problemsOf(account: Account): string[] {
  const { flood, outcome, events, othersSeconds, othersFloodedSeconds, workerMibMore } = account;
  const times = othersFloodedSeconds / othersSeconds;
  return [
    ...(outcome === 'migrated' ? [] : [`it ended as ${outcome}, and the VNF has moved`]),
    ...(events < MOST_EVENTS ? [] : [`its history has ${events} events`]),
    ...(times <= MOST_TIMES ? [] : [`others took ${times.toFixed(2)} times as long`]),
    ...(workerMibMore <= MOST_MIB_MORE ? [] : [`the worker took ${workerMibMore} MiB more`]),
  ].map((problem) => `${flood}: ${problem}`);
}

function tell(accounts: readonly Account[], { json }: FloodOptions): void {
  if (json) console.log(JSON.stringify(accounts));
  else console.table(accounts);
  for (const problem of accounts.flatMap(problemsOf)) {
    console.error(problem);
    process.exitCode = 1;
  }
}

const options = floodOptions(process.argv.slice(2));
if (options === 'help') console.log(HELP);
else await main(options);
