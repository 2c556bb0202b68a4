/**
 * Three campaigns and single migrations under the limits of one deployment, while workers and Temporal are killed every few
 * seconds. The MANO's ledger counts. `npm run chaos:limits`; the exit code is 1 on any violation.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { lazyClient } from '../../src/client/connect.js';
import { LimitsClient } from '../../src/client/limits-client.js';
import { MigrationClient } from '../../src/client/migration-client.js';
import { loadConfig } from '../../src/settings/config.js';
import type { SharedLimits } from '../../src/shared/limits/contract.js';
import type { PolicyInput } from '../../src/shared/migration/contract.js';
import type { WorldSpec } from '../../src/simulator/index.js';
import { uuidFrom } from '../../src/simulator/random.js';
import { flightsOf, mostAtOnce, type Flight, type Moved } from '../campaign/witness.js';
import { LongRun } from '../support/long-run.js';
import { every } from './run.js';
import { restart } from './stage.js';

interface Options {
  items: number;
  singles: number;
  killWorkerEveryMs: number;
  killTemporalEveryMs: number;
}

const CAMPAIGNS = 3;
const WORKERS = 2;
const POLICY: PolicyInput = { ackTimeout: '20s', finalTimeout: '30s', deadline: '30m', records: 'none' };
const WIDE = { total: 10, perSourceVim: 10, perTargetVim: 10 };
const [TARGET_A, TARGET_B] = [uuidFrom('limits/target/a'), uuidFrom('limits/target/b')];
const sourceOf = (nth: number): string => uuidFrom(`limits/source/${String(nth)}`);
const LIMITS: SharedLimits = {
  total: 6,
  vims: [
    { vimUuid: TARGET_A, in: 3, out: null },
    { vimUuid: TARGET_B, in: 4, out: null },
    { vimUuid: sourceOf(0), in: null, out: 2 },
  ],
};
/** The longest wait of a VNF, of the mean. */
const MOST_OF_MEAN = 3;
const SETTLED_WITHIN_MS = 6 * 60_000;

function sceneOf({ items, singles }: Options): { world: WorldSpec; groups: Moved[][] } {
  const groups = [...Array.from({ length: CAMPAIGNS }, () => items), singles].map((count, group) =>
    Array.from({ length: count }, (_, index): Moved => {
      const name = `${String(group)}/${String(index)}`;
      return {
        serviceInstanceUuid: uuidFrom(`limits/service/${name}`),
        vnfUuid: uuidFrom(`limits/vnf/${name}`),
        sourceVimUuid: sourceOf(group),
      };
    }),
  );
  const services = groups.flat().map(({ serviceInstanceUuid, vnfUuid, sourceVimUuid }) => ({
    serviceInstanceUuid,
    vnfs: [
      {
        ...{ vnfUuid, name: `vnf-${vnfUuid.slice(0, 8)}`, kind: 'vm' as const, vimUuids: [sourceVimUuid] },
        status: 'normal operation' as const,
      },
    ],
  }));
  const vims = [...groups.map((_, group) => sourceOf(group)), TARGET_A, TARGET_B];
  return { world: { vims, vimFacts: [], services, orphans: [] }, groups };
}

async function main(options: Options): Promise<void> {
  const report = (line: string): void => console.error(line);
  const { world, groups } = sceneOf(options);
  const run = await LongRun.begin('chaos-limits', { persistent: true, report });
  const over = new AbortController();
  const kills = { worker: 0, temporal: 0 };
  try {
    const { repositoryUrl } = await run.startMano(world, [
      '--migration-ms',
      '500..1500',
      '--ack-delay-ms',
      '5',
    ]);
    const environment = { ...run.environment(), REPOSITORY_URL: repositoryUrl };
    for (let index = 0; index < WORKERS; index += 1) await run.startWorker(index, environment);
    const config = loadConfig(environment);
    const { taskQueue } = config.temporal;
    const client = lazyClient(config);
    const migrations = new MigrationClient({ client, taskQueue });
    const limits = new LimitsClient({ client, taskQueue, deployment: config.deployment });
    await limits.set({ actor: 'chaos', reason: 'to hold them', ...LIMITS });
    await until(
      async () => (await limits.state())?.audit.some(({ action }) => action === 'in force') === true,
    );
    const killed = killing(run, { options, environment, kills, signal: over.signal });
    const startedAtMs = Date.now();
    const states = await Promise.all([
      ...groups.slice(0, CAMPAIGNS).map((group, nth) => campaign(migrations, { group, nth })),
      ...(groups[CAMPAIGNS] ?? []).map((one) => single(migrations, one)),
    ]);
    const tookSeconds = Math.round((Date.now() - startedAtMs) / 1_000);
    over.abort();
    await killed;
    const leasesLeft = await leasesAfter(limits);
    await client.connection.close();
    const flights = flightsOf(run.ledger(), new Map(groups.flat().map((one) => [one.vnfUuid, one])));
    finish({ flights, states, leasesLeft, startedAtMs, expected: groups.flat().length, tookSeconds, kills });
  } finally {
    over.abort();
    await run.stop();
  }
}

async function killing(
  run: LongRun,
  {
    options,
    environment,
    kills,
    signal,
  }: {
    options: Options;
    environment: Record<string, string>;
    kills: Outcome['kills'];
    signal: AbortSignal;
  },
): Promise<void> {
  const worker = every(options.killWorkerEveryMs, {
    signal,
    act: async (round) => {
      kills.worker += 1;
      await run.replaceWorker(round % WORKERS, environment);
    },
  });
  const temporal = every(options.killTemporalEveryMs, {
    signal,
    act: async () => {
      kills.temporal += 1;
      await restart(run.stack.temporal);
    },
  });
  await Promise.all([worker, temporal]);
}

async function campaign(
  migrations: MigrationClient,
  { group, nth }: { group: readonly Moved[]; nth: number },
): Promise<string> {
  const input = {
    items: group.map(({ serviceInstanceUuid, vnfUuid }) => ({ serviceInstanceUuid, vnfUuid })),
    target: { vims: [TARGET_A, TARGET_B], strategy: 'spread' as const },
    limits: WIDE,
    policy: POLICY,
    budget: { maxErrors: '100%', maxConsecutive: 1_000 },
  };
  const { campaigns } = migrations;
  const { workflowId } = await again(() => campaigns.start(input, { name: `limits-${String(nth)}` }));
  const { state, counts } = await again(() => campaigns.result(workflowId));
  return counts.MIGRATED === group.length ? 'migrated' : `${state} ${JSON.stringify(counts)}`;
}

async function single(migrations: MigrationClient, one: Moved): Promise<string> {
  const { serviceInstanceUuid, vnfUuid } = one;
  const input = { serviceInstanceUuid, vnfUuid, vimUuid: TARGET_A, policy: POLICY };
  const { workflowId } = await again(() => migrations.start(input));
  const ending = await again(() => migrations.ending(workflowId));
  return ending.kind === 'result' ? ending.result.outcome : ending.error.message;
}

/** However often Temporal is away meanwhile. */
async function again<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries > 600) throw error;
      await delay(500);
    }
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await again(isTrue))) await delay(200);
}

async function leasesAfter(limits: LimitsClient): Promise<number> {
  const limit = Date.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const { inFlight = 0, waitingCount = 0 } = (await again(() => limits.state())) ?? {};
    if (inFlight + waitingCount === 0 || Date.now() > limit) return inFlight + waitingCount;
    await delay(1_000);
  }
}

interface Outcome {
  flights: Flight[];
  states: string[];
  leasesLeft: number;
  startedAtMs: number;
  expected: number;
  tookSeconds: number;
  kills: { worker: number; temporal: number };
}

function finish({ flights, states, leasesLeft, startedAtMs, expected, tookSeconds, kills }: Outcome): void {
  const waits = flights.map(({ fromMs }) => fromMs - startedAtMs);
  const mean = waits.reduce((sum, ms) => sum + ms, 0) / Math.max(1, waits.length);
  const longestOfMean = Math.max(...waits) / mean;
  const most = {
    total: mostAtOnce(flights, () => 'all'),
    toA: mostAtOnce(
      flights.filter(({ target }) => target === TARGET_A),
      () => 'all',
    ),
    toB: mostAtOnce(
      flights.filter(({ target }) => target === TARGET_B),
      () => 'all',
    ),
    fromFirst: mostAtOnce(
      flights.filter(({ source }) => source === sourceOf(0)),
      () => 'all',
    ),
  };
  console.table({
    ...most,
    accepted: flights.length,
    expected,
    longestOfMean,
    leasesLeft,
    tookSeconds,
    ...kills,
  });
  const [toA, toB, fromFirst] = [LIMITS.vims[0]?.in ?? 0, LIMITS.vims[1]?.in ?? 0, LIMITS.vims[2]?.out ?? 0];
  const violations = [
    most.total > (LIMITS.total ?? 0) ? `${String(most.total)} in flight` : null,
    most.toA > toA ? `${String(most.toA)} to A` : null,
    most.toB > toB ? `${String(most.toB)} to B` : null,
    most.fromFirst > fromFirst ? `${String(most.fromFirst)} from the first source` : null,
    longestOfMean > MOST_OF_MEAN ? `the longest wait is ${longestOfMean.toFixed(2)} of the mean` : null,
    leasesLeft > 0 ? `${String(leasesLeft)} permits are left` : null,
    ...states.filter((state) => state !== 'migrated').map((state) => `ended as ${state}`),
  ].filter((violation) => violation !== null);
  for (const violation of violations) console.error(violation);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '30' },
    singles: { type: 'string', default: '20' },
    'kill-worker-every': { type: 'string', default: '4' },
    'kill-temporal-every': { type: 'string', default: '9' },
  },
});
await main({
  items: Number(values.items),
  singles: Number(values.singles),
  killWorkerEveryMs: 1_000 * Number(values['kill-worker-every']),
  killTemporalEveryMs: 1_000 * Number(values['kill-temporal-every']),
});
