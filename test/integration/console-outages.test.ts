/**
 * What watchers of a campaign see while the worker, Temporal, or the console itself is away: that it is, and everything that
 * happened meanwhile.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { connectClient, type ConnectedClient } from '../../src/client/connect.js';
import { MigrationClient } from '../../src/client/migration-client.js';
import type { CampaignView } from '../../src/console/live/campaign-source.js';
import type { ProblemBody } from '../../src/console/problem.js';
import { loadConfig } from '../../src/settings/config.js';
import type { CampaignItemView, CampaignProgress } from '../../src/shared/campaign/views.js';
import { campaignWorkflowId } from '../../src/shared/names.js';
import { generateWorld, startSimulator, type Simulator } from '../../src/simulator/index.js';
import { startCli, type Running } from '../support/cli.js';
import { consoleLogin, ConsoleCaller, SERVES } from '../support/console-process.js';
import { EventStream } from '../support/event-stream.js';
import { killed, lineOf, stopped } from '../support/processes.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `outages-${process.pid}`;
const path = `campaigns/${suite}`;
/** Waves with a gate: the campaign waits while something is away, and can do nothing unseen. */
const WAVES = 4;
const world = generateWorld({ services: WAVES, seed: suite });
const PATIENTLY = { timeout: 20_000, interval: 50 };
const APPROVAL = { reason: 'all is well' };

let folder: string;
let simulator: Simulator;
let proxy: TcpProxy;
let client: ConnectedClient;
let environment: Record<string, string>;
let worker: Running;
let console: Running;
let caller: ConsoleCaller;
let token: string;
let stream: EventStream;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'console-outages-'));
  [simulator, proxy] = await Promise.all([
    startSimulator({
      ...{ amqpUrl, exchange: suite, world },
      timings: { migrationMs: { min: 50, max: 100 } },
    }),
    TcpProxy.open(temporalAddress),
  ]);
  environment = {
    ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_TASK_QUEUE: suite, DEPLOYMENT: suite },
    ...{ AMQP_URL: amqpUrl, AMQP_EXCHANGE: suite, REPOSITORY_URL: simulator.repositoryUrl },
  };
  client = await connectClient(loadConfig(environment));
  const login = await consoleLogin(folder);
  [token = ''] = login.tokens;
  worker = startCli(['worker'], environment);
  Object.assign(environment, login.settings);
  await startConsole('0');
  await lineOf(worker, /started the worker/);
  const items = world.services.map(({ serviceInstanceUuid, vnfs }, index) => ({
    ...{ serviceInstanceUuid, vnfUuid: vnfs[0]!.vnfUuid, wave: index + 1 },
  }));
  const campaign = { items, waves: { gate: 'manual' }, target: { vimUuid: world.vims[1] } };
  await caller.send('POST', 'campaigns', { name: suite, campaign });
  stream = await EventStream.from(caller, `${path}/events`);
  await untilMigrated(1, await nextSnapshot());
});

afterAll(async () => {
  stream.close();
  await Promise.all([stopped(console), stopped(worker)]);
  await Promise.all([simulator.stop(), proxy.close(), client.connection.close()]);
  rmSync(folder, { recursive: true });
});

async function startConsole(address: string): Promise<void> {
  const settings = { ...environment, TEMPORAL_ADDRESS: proxy.address, CONSOLE_ADDRESS: address };
  console = startCli(['console'], settings);
  caller = new ConsoleCaller(await lineOf(console, SERVES), token);
}

/** The port stays: pages come back to where they were. */
async function startConsoleAgain(): Promise<void> {
  await startConsole(new URL(caller.url).host);
}

/** Until the stream says that the campaign waits at a gate after so many; `snapshot` is what it began with. */
async function untilMigrated(count: number, snapshot?: CampaignView): Promise<void> {
  let progress = snapshot?.progress ?? null;
  while (progress?.counts.MIGRATED !== count || progress.state !== 'AWAITING_APPROVAL')
    progress = (await stream.next('progress')) as unknown as CampaignProgress;
}

async function nextSnapshot(): Promise<CampaignView> {
  return (await stream.next('snapshot')) as unknown as CampaignView;
}

async function untilTrouble(what: string): Promise<void> {
  while ((await stream.next('trouble'))['what'] !== what);
}

test('a worker that is away is told, what Temporal knows is answered, and progress goes on', async () => {
  await stopped(worker);
  await untilTrouble('worker');
  const view = await caller.get<CampaignView & { unavailable: string | null }>(path);
  expect(view).toMatchObject({ name: suite, status: 'RUNNING', isRunning: true });
  expect(view.unavailable).toMatch(/no worker answers/);
  worker = startCli(['worker'], environment);
  await stream.next('well');
  expect(await caller.get(path)).toMatchObject({ unavailable: null });
  await caller.send('POST', `${path}/orders/approve`, APPROVAL);
  await untilMigrated(2);
});

test('Temporal that is away is told, and that it is back', async () => {
  await proxy.refuse();
  await untilTrouble('temporal');
  const answer = await caller.ask('GET', path);
  expect(answer.status).toBe(503);
  expect((await answer.json()) as ProblemBody).toMatchObject({
    type: 'urn:vnf-migrator:problem:unavailable',
  });
  await proxy.accept();
  await stream.next('well');
  expect(await caller.get(path)).toMatchObject({ unavailable: null, isRunning: true });
});

test('a console that is stopped ends at once, although it is watched', async () => {
  const { lastId } = stream;
  const askedAtMs = Date.now();
  expect(await stopped(console)).toBe(0);
  expect(Date.now() - askedAtMs).toBeLessThan(2_000);
  await stream.over();
  expect(stream.seen).not.toContain('ended');
  await startConsoleAgain();
  await caller.send('POST', `${path}/orders/approve`, APPROVAL);
  // Of events it knows none, so that the client begins anew with all of it.
  stream = await EventStream.from(caller, `${path}/events`, { lastId });
  const snapshot = await nextSnapshot();
  expect(stream.seen[0]).toBe('snapshot');
  await untilMigrated(3, snapshot);
});

test('who comes back to a console that was killed misses nothing', async () => {
  const { lastId } = stream;
  await killed(console);
  await stream.over();
  const { campaigns } = new MigrationClient({ client, taskQueue: suite });
  const input = { ...APPROVAL, actor: 'olga' };
  await campaigns.control(campaignWorkflowId(suite), { order: 'approve', input });
  await vi.waitUntil(
    async () => (await campaigns.describe(campaignWorkflowId(suite))).status.name === 'COMPLETED',
    PATIENTLY,
  );
  await startConsoleAgain();
  stream = await EventStream.from(caller, `${path}/events`, { lastId });
  const snapshot = await nextSnapshot();
  expect(snapshot.result).toMatchObject({ state: 'COMPLETED', counts: { MIGRATED: WAVES } });
  expect(await stream.next('ended')).toEqual(snapshot);
  const { items } = await caller.get<{ items: CampaignItemView[] }>(`${path}/items`);
  expect(items.map(({ state }) => state)).toEqual(Array.from({ length: WAVES }, () => 'MIGRATED'));
});
