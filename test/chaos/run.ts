/**
 * Runs migrations while workers, Temporal and the broker are killed, and while replies are lost, late and doubled.
 * Then it checks the accounting.
 *
 * Invariant: a requested migration is followed until it has ended, whatever errors Temporal returns in the
 * meantime.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { lazyClient } from '../../src/client/connect.js';
import type { Ending } from '../../src/client/migration-outcome.js';
import { MigrationClient } from '../../src/client/migration-client.js';
import { loadConfig } from '../../src/settings/config.js';
import type { MigrationInput, PolicyInput } from '../../src/shared/migration/contract.js';
import { generateWorld } from '../../src/simulator/index.js';
import { accountOf, type Account, type Migration } from './accounting.js';
import type { ChaosOptions } from './options.js';
import { ChaosStage, type Kills } from './stage.js';

const POLICY: PolicyInput = {
  ackTimeout: '15s',
  finalTimeout: '20s',
  probeTimeout: '10s',
  initialInterval: '1s',
  maximumInterval: '10s',
  busyTimeout: '20m',
  maxProbes: 50,
  maxAttempts: 10,
  deadline: '25m',
  records: 'none',
};
/** For one migration: beyond its deadline. */
const PATIENCE_MS = 30 * 60_000;

/**
 * When so many have ended, nothing is killed any more: a task whose workers die again and again is given out ever more
 * rarely by the server, after the sixth or so every ten minutes, and the last one must be able to end.
 */
const CALM_FROM = 0.99;

export interface ChaosReport extends Account {
  kills: Kills;
  tookSeconds: number;
}

export async function runChaos(options: ChaosOptions, report: (line: string) => void): Promise<ChaosReport> {
  report(`seed ${options.seed}`);
  const world = generateWorld({ services: options.migrations, seed: options.seed });
  const stage = await ChaosStage.set(options, { world, report });
  const over = new AbortController();
  const kills = killing(stage, { options, signal: over.signal });
  try {
    const inputs = world.services.map(({ serviceInstanceUuid, vnfs }) => ({
      serviceInstanceUuid,
      vnfUuid: vnfs[0]?.vnfUuid ?? '',
      vimUuid: world.vims[1] ?? '',
      policy: POLICY,
    }));
    const startedAtMs = Date.now();
    const calm = (): void => over.abort();
    const migrations = await migrateAll(stage, { inputs, inFlight: options.inFlight, report, calm });
    const tookSeconds = Math.round((Date.now() - startedAtMs) / 1_000);
    over.abort();
    await kills;
    const account = accountOf({ migrations, ledger: stage.ledger(), world: await stage.world() });
    return { ...account, kills: stage.kills, tookSeconds };
  } finally {
    over.abort();
    await stage.stop();
  }
}

async function killing(
  stage: ChaosStage,
  { options, signal }: { options: ChaosOptions; signal: AbortSignal },
): Promise<void> {
  await Promise.all([
    every(options.killWorkerEveryMs, {
      signal,
      act: (round) => stage.killWorker(round % options.workers),
    }),
    every(options.killTemporalEveryMs, { signal, act: () => stage.killTemporal() }),
    every(options.killBrokerEveryMs ?? 0, { signal, act: () => stage.killBroker() }),
  ]);
}

async function migrateAll(
  stage: ChaosStage,
  {
    inputs,
    inFlight,
    report,
    calm,
  }: { inputs: MigrationInput[]; inFlight: number; report: (line: string) => void; calm: () => void },
): Promise<Migration[]> {
  const config = loadConfig(stage.environment);
  const client = lazyClient(config);
  const migrations = new MigrationClient({ client, taskQueue: config.temporal.taskQueue });
  const waiting = [...inputs];
  const done: Migration[] = [];
  const lane = async (): Promise<void> => {
    for (let input = waiting.shift(); input !== undefined; input = waiting.shift()) {
      done.push(await migrateThrough(migrations, input));
      if (done.length >= CALM_FROM * inputs.length) calm();
      if (done.length % 100 === 0) report(`${String(done.length)} of ${String(inputs.length)} ended`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  await client.connection.close();
  return done;
}

/** Starts one and waits for its end, however often Temporal is away meanwhile. */
async function migrateThrough(migrations: MigrationClient, input: MigrationInput): Promise<Migration> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const { serviceInstanceUuid, vnfUuid, vimUuid } = input;
  let workflowId: string | null = null;
  let ending: Ending | null = null;
  while (ending === null && !patience.aborted) {
    try {
      workflowId ??= (await migrations.start(input)).workflowId;
      ending = await migrations.ending(workflowId);
    } catch {
      await delay(500);
    }
  }
  return { workflowId: workflowId ?? vnfUuid, serviceInstanceUuid, vnfUuid, vimUuid, ending };
}

export async function every(
  intervalMs: number,
  { signal, act }: { signal: AbortSignal; act: (round: number) => Promise<void> },
): Promise<void> {
  if (intervalMs === 0) return;
  for (let round = 0; ; round += 1) {
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await act(round);
  }
}
