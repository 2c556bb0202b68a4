/**
 * An upgrade with migrations in progress, as docs/upgrades.md describes it: workers of one build are replaced by
 * those of another during a load. Three witnesses show the result: Temporal's histories, the MANO's ledger, and its
 * records.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, inject, it, vi } from 'vitest';
import type { CampaignClient } from '../../src/client/campaign-client.js';
import type { CampaignInput } from '../../src/shared/campaign/contract.js';
import { accountOf, type Migration } from '../chaos/accounting.js';
import { runCli } from '../support/cli.js';
import type { Role } from '../support/deployment.js';
import { firstBuild, nextBuild, removeBuilds, thisBuild, type Build } from './builds.js';
import { Load, ONE, POLICY } from './load.js';
import { IN_TIME, UpgradeStage, type Work } from './stage.js';

const { amqpUrl, temporalAddress } = inject('stack');
/** Fewer while a test is written. */
const MIGRATIONS = Number(process.env['VNF_MIGRATOR_UPGRADE_MIGRATIONS'] ?? 200);
const FEW = 8;
const ITEMS = { canary: 4, rest: 2 };
const ALL_ITEMS = ITEMS.canary + ITEMS.rest;
const MIGRATION_MS = 5_000;
const WORKERS = 2;

let before: Build;
let after: Build;
let stage: UpgradeStage;

beforeAll(async () => {
  before = await thisBuild();
  after = await nextBuild('compatible');
});
afterAll(removeBuilds);
afterEach(() => stage.close());

async function open(migrations: number): Promise<void> {
  const services = migrations + ALL_ITEMS;
  stage = await UpgradeStage.open({ amqpUrl, temporalAddress, services, migrationMs: MIGRATION_MS });
}

async function startWorkers(build: Build, options: { versioned: boolean }): Promise<Role[]> {
  return await Promise.all(Array.from({ length: WORKERS }, () => stage.startWorker(build, options)));
}

async function makeCurrent(build: Build): Promise<void> {
  const env = { ...stage.deployment.settings, ...stage.versionOf(build) };
  const { code, stderr } = await runCli(['setup', '--current-version'], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

function load(migrations: number): Promise<Load> {
  return Load.begin(stage, { migrations, inFlight: Math.ceil(migrations / 4), items: ITEMS });
}

/** None lost, each exactly once. */
async function expectAllMoved(running: Load, migrations: readonly Migration[]): Promise<void> {
  const { length } = migrations;
  const account = accountOf({ migrations, ledger: stage.mano.ledger(), world: await stage.mano.world() });
  expect(account).toMatchObject({
    violations: [],
    attempted: length,
    sent: length,
    migrated: length,
    lost: 0,
    duplicated: 0,
    unexpected: 0,
  });
  expect(await running.campaign()).toMatchObject({ state: 'COMPLETED', counts: { MIGRATED: ALL_ITEMS } });
}

async function workOf(migrations: readonly { workflowId: string }[]): Promise<Work[]> {
  return await Promise.all(migrations.map(({ workflowId }) => stage.workOf(workflowId)));
}

function orderOf({ builds }: Work): string {
  return builds.map((version) => (version === before.version ? 'old' : 'new')).join(' → ');
}

/** How many workflows were carried out by these builds, in this order. */
function ordersOf(works: readonly Work[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const order of works.map(orderOf)) found[order] = (found[order] ?? 0) + 1;
  return found;
}

function failedTasks(works: readonly Work[]): Work['failed'] {
  return works.flatMap(({ failed }) => failed);
}

it(`${String(MIGRATIONS)} migrations while workers without a version are replaced one by one: the new ones go on where the old ones were`, async () => {
  await open(MIGRATIONS);
  const old = await startWorkers(before, { versioned: false });
  const running = await load(MIGRATIONS);
  for (const [index, worker] of old.entries()) {
    await running.untilEnded(((index + 1) * MIGRATIONS) / 4);
    expect(await worker.stop()).toBe(0);
    await stage.startWorker(after, { versioned: false });
  }
  await running.approve();
  const migrations = await running.all();
  await expectAllMoved(running, migrations);

  const works = await workOf(migrations);
  const campaign = await stage.workOf(running.workflowId);
  expect(orderOf(campaign)).toMatch(/^old.* → new$/);
  const memosOf = (wanted: string): unknown[] =>
    works.filter((work) => orderOf(work) === wanted).map(({ memo }) => memo);
  // Begun by the old build, and so without what the new one does at the beginning.
  expect(memosOf('old → new')).toContainEqual({ endedBy: after.version });
  expect(memosOf('new')).toContainEqual({ begunBy: after.version, endedBy: after.version });
  // An old worker may be handed what a new one began: it gives it back so, and the next one takes it.
  const byTheNew = failedTasks([...works, campaign]).filter(({ by }) => by === after.version);
  expect(byTheNew).toEqual([]);
});

it(`${String(MIGRATIONS)} migrations while another version is made current: each ends where it began, a campaign goes over`, async () => {
  await open(MIGRATIONS);
  const old = await startWorkers(before, { versioned: true });
  await makeCurrent(before);
  const running = await load(MIGRATIONS);
  await running.untilEnded(MIGRATIONS / 4);
  await startWorkers(after, { versioned: true });
  await makeCurrent(after);
  await stage.untilDrained(before);
  for (const worker of old) expect(await worker.stop()).toBe(0);
  await running.approve();
  const migrations = await running.all();
  await expectAllMoved(running, migrations);

  const works = await workOf(migrations);
  const campaign = await stage.workOf(running.workflowId);
  const some = expect.any(Number) as number;
  expect(ordersOf(works)).toEqual({ old: some, new: some });
  expect(orderOf(campaign)).toBe('old → new');
  expect(failedTasks([...works, campaign])).toEqual([]);
});

it('a version that cannot go on with what is under way: migrations do not meet it, a campaign waits until it is taken back', async () => {
  const wrong = await nextBuild('incompatible');
  await open(FEW);
  await startWorkers(before, { versioned: true });
  await startWorkers(wrong, { versioned: true });
  await makeCurrent(before);
  const running = await load(FEW);
  await running.untilEnded(1);
  await makeCurrent(wrong);
  await vi.waitFor(async () => {
    const { failed } = await stage.workOf(running.workflowId);
    expect(failed).toContainEqual({
      by: wrong.version,
      cause: 'WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR',
    });
  }, IN_TIME);
  await makeCurrent(before);
  await running.approve();
  const migrations = await running.all();
  await expectAllMoved(running, migrations);

  const works = await workOf(migrations);
  expect(works.filter(({ builds }) => builds.length !== 1)).toEqual([]);
  expect(failedTasks(works)).toEqual([]);
  expect(orderOf(await stage.workOf(running.workflowId))).toBe('old');
});

it('campaigns of each kind that version 0.1 began go on with this build', async () => {
  const first = await firstBuild();
  stage = await UpgradeStage.open({ amqpUrl, temporalAddress, services: 20, migrationMs: 1_000 });
  const { mano, deployment } = stage;
  const { campaigns } = deployment.migrations;
  const [old] = await Promise.all([stage.startWorker(first, { versioned: false })]);
  const take = (count: number) => Array.from({ length: count }, () => mano.take());
  const evacuated = take(3);
  const snapshot = await mano.world();
  const placeOf = (vnfUuid: string) =>
    snapshot.running.find((vnf) => vnf.vnfUuid === vnfUuid)?.vimUuids[0] ?? '';
  const home = placeOf(evacuated[0]?.vnfUuid ?? '');
  const ONE_BY_ONE = { limits: ONE, policy: POLICY };
  const kinds: Record<string, CampaignInput> = {
    list: { ...ONE_BY_ONE, items: take(4) },
    waves: {
      ...ONE_BY_ONE,
      items: take(3).map((ids, index) => ({ ...ids, wave: index + 1 })),
      canary: { count: 1 },
      waves: { gate: 'manual' },
    },
    evacuation: {
      ...ONE_BY_ONE,
      evacuate: { vims: [home], include: { vnfUuids: evacuated.map(({ vnfUuid }) => vnfUuid) } },
      target: { vimUuid: evacuated[0]?.vimUuid ?? '' },
    },
    paused: { ...ONE_BY_ONE, items: take(3) },
  };
  const ids: Record<string, string> = {};
  for (const [kind, input] of Object.entries(kinds)) {
    ids[kind] = (await campaigns.start(input, { name: `${deployment.name}-${kind}` })).workflowId;
  }
  const BY = { actor: 'ada', reason: 'a test' };
  await campaigns.control(ids['paused'] ?? '', { order: 'pause', input: BY });
  for (const [kind, id] of Object.entries(ids)) {
    if (kind === 'paused') continue;
    await vi.waitFor(
      async () => expect((await campaigns.progress(id)).counts.MIGRATED).toBeGreaterThan(0),
      IN_TIME,
    );
  }
  expect(await old.stop()).toBe(0);

  const now = await thisBuild();
  await stage.startWorker(now, { versioned: false });
  await campaigns.control(ids['paused'] ?? '', { order: 'resume', input: BY });
  for (const [kind, id] of Object.entries(ids)) {
    const ending = campaigns.result(id);
    const approving = kind === 'waves' ? approveUntilEnd(campaigns, id) : Promise.resolve();
    expect(await ending, kind).toMatchObject({ state: 'COMPLETED' });
    await approving;
    expect((await stage.workOf(id)).builds, kind).toEqual([first.version, now.version]);
    expect((await stage.workOf(id)).failed, kind).toEqual([]);
  }
});

async function approveUntilEnd(campaigns: CampaignClient, id: string): Promise<void> {
  for (;;) {
    const { state } = await campaigns.progress(id);
    if (state === 'COMPLETED') return;
    if (state === 'AWAITING_APPROVAL') {
      await campaigns.control(id, { order: 'approve', input: { actor: 'ada', reason: 'a test' } });
    }
    await delay(200);
  }
}
