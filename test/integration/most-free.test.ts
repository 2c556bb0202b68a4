/** Campaigns over VIMs of unlike size, by the ledger of a simulated MANO whose VIMs fill up. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { CampaignReport } from '../../src/campaign-report/report-data.js';
import {
  entriesOf,
  startSimulator,
  World,
  type LedgerEntry,
  type Simulator,
  type WorldSpecInput,
} from '../../src/simulator/index.js';
import { runCli, startCli, type Ran, type Running } from '../support/cli.js';
import { lineOf, stopped } from '../support/processes.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `most-free-${process.pid}`;
const HEADROOM = 0.1;
const ITEMS = 100;
const CORES = 2;
/** In cores. With the headroom they take 100 VNFs of two cores, but not a third each. */
const SIZES = { 'small-1': 20, 'middle-2': 65, 'large-3': 200 };

interface Scene {
  world: WorldSpecInput;
  home: string;
  /** By name. */
  targets: Record<keyof typeof SIZES, string>;
}

function scene(): Scene {
  const home = randomUUID();
  const targets = { 'small-1': randomUUID(), 'middle-2': randomUUID(), 'large-3': randomUUID() };
  const vim = (vimUuid: string, name: string, cores: number) => ({
    ...{ vimUuid, name, type: 'vm' as const, cores: { total: cores }, memoryMb: { total: 1_000_000 } },
  });
  return {
    home,
    targets,
    world: {
      vims: [home, ...Object.values(targets)],
      vimFacts: [
        vim(home, 'home-0', 1_000),
        ...Object.entries(targets).map(([name, uuid]) => vim(uuid, name, SIZES[name as keyof typeof SIZES])),
      ],
      services: Array.from({ length: ITEMS }, (_, index) => ({
        serviceInstanceUuid: randomUUID(),
        vnfs: [
          {
            vnfUuid: randomUUID(),
            name: `fw-${String(index)}`,
            vimUuids: [home],
            unit: { cores: CORES, memoryMb: 512 },
          },
        ],
      })),
    },
  };
}

/** The most cores that ever ran on each VIM, whatever the records said. */
function peaksOf(ledger: readonly LedgerEntry[]): Map<string, number> {
  const world = new World();
  const peaks = new Map<string, number>();
  for (const { change, atMs } of entriesOf(ledger, 'record')) {
    world.apply(change, atMs);
    for (const { vimUuid, ours } of world.vims()) {
      peaks.set(vimUuid, Math.max(peaks.get(vimUuid) ?? 0, ours.cores));
    }
  }
  return peaks;
}

let folder: string;
const running: { simulator: Simulator; worker: Running }[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'most-free-'));
});
afterAll(async () => {
  for (const { simulator, worker } of running) {
    await stopped(worker);
    await simulator.stop();
  }
  rmSync(folder, { recursive: true });
});

async function deploy(name: string): Promise<Scene & { simulator: Simulator; campaign: Command }> {
  const own = `${suite}-${name}`;
  const given = scene();
  const simulator = await startSimulator({
    ...{ amqpUrl, exchange: own, world: given.world },
    timings: { migrationMs: { min: 50, max: 400 } },
  });
  const environment = {
    ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_TASK_QUEUE: own, DEPLOYMENT: own },
    ...{ AMQP_URL: amqpUrl, AMQP_EXCHANGE: own, REPOSITORY_URL: simulator.repositoryUrl },
  };
  const worker = startCli(['worker'], environment);
  running.push({ simulator, worker });
  await lineOf(worker, /started the worker/);
  return { ...given, simulator, campaign: (...args) => runCli(['campaign', ...args], environment) };
}

type Command = (...args: string[]) => Promise<Ran>;

const TO_ALL = Object.keys(SIZES).flatMap((name) => ['--target', name]);
const FAST = ['--limit', 'total=40', '--limit', 'perSourceVim=40', '--limit', 'perTargetVim=40'];

describe('an evacuation over three VIMs of unlike size', () => {
  test('with most-free: no VIM is ever above its room less the headroom, and everything moves', async () => {
    const { home, targets, simulator, campaign } = await deploy('most-free');
    const what = ['--evacuate', 'home-0', ...TO_ALL, '--strategy', 'most-free', '--name', `${suite}-free`];

    const plan = await campaign('plan', ...what, ...FAST);
    expect(plan.stdout).toMatch(/home-0 \(.*\) +100 +200 to 0 of 1000/);
    expect(plan.stdout).toMatch(/small-1 \(.*\) +\d+ +0 to \d+ of 20/);
    expect(plan.code).toBe(0);

    const { stdout, code } = await campaign('start', ...what, ...FAST);
    expect(stdout).toMatch(/completed after .*: 100 migrated/);
    expect(code).toBe(0);
    const peaks = peaksOf(simulator.ledger());
    expect(peaks.get(home)).toBe(ITEMS * CORES);
    for (const [name, uuid] of Object.entries(targets)) {
      const room = SIZES[name as keyof typeof SIZES] * (1 - HEADROOM);
      expect(peaks.get(uuid), name).toBeGreaterThan(0);
      expect(peaks.get(uuid), name).toBeLessThanOrEqual(room);
    }

    const report = JSON.parse(
      (await campaign('report', `${suite}-free`, '--format', 'json')).stdout,
    ) as CampaignReport;
    expect(report.items[0]).toMatchObject({ sourceVimName: 'home-0', vnfName: expect.any(String) as string });
    const names = new Set(report.items.map(({ targetVimName }) => targetVimName));
    expect([...names].sort()).toEqual(Object.keys(SIZES).sort());
    const csv = (await campaign('report', `${suite}-free`, '--format', 'csv')).stdout;
    expect(csv).toMatch(/,fw-\d+,/);
    const page = (await campaign('report', `${suite}-free`)).stdout;
    expect(page).toContain(`small-1 (${targets['small-1']})`);
  });

  test('with spread: the plan overfills the smallest VIM', async () => {
    const { campaign } = await deploy('spread');
    const plan = await campaign(
      'plan',
      '--evacuate',
      'home-0',
      ...TO_ALL,
      '--name',
      `${suite}-spread`,
      ...FAST,
    );
    expect(plan.stdout).toMatch(/small-1 \(.*\) +34 +0 to 68 of 20/);
  });

  test('names what fits nowhere in the plan, and ends its item as failed', async () => {
    const { simulator, campaign } = await deploy('nowhere');
    const [first, second] = simulator.world.snapshot().services;
    const items = [first, second].map((of) => ({
      serviceInstanceUuid: of!.serviceInstanceUuid,
      vnfUuid: of!.vnfs[0]!.vnfUuid,
    }));
    const file = join(folder, 'tiny.json');
    // Only a hundredth of the small VIM may be used: two cores fit nowhere.
    writeFileSync(
      file,
      JSON.stringify({ items, target: { vims: ['small-1'], strategy: 'most-free', headroom: '99%' } }),
    );
    const what = ['--spec', file, '--name', `${suite}-nowhere`];
    const plan = await campaign('plan', ...what);
    expect(plan.stdout).toMatch(
      /fits nowhere: VNF .*: it needs 2 cores and 512 MB, type vm: it would fit on no/,
    );
    expect(plan.code).toBe(1);
    const { stdout, code } = await campaign('start', ...what);
    expect(stdout).toMatch(/it would fit on no target VIM, not even on an empty one/);
    expect(code).toBe(1);
    expect(entriesOf(simulator.ledger(), 'request')).toEqual([]);
  });
});
