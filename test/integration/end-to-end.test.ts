/** The product as its users run it: processes of the build, a real Temporal, a real RabbitMQ. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { MigrationResult } from '../../src/shared/migration/contract.js';
import { generateWorld, startSimulator, type Simulator } from '../../src/simulator/index.js';
import { temporalExecutable } from '../support/temporal-cli.js';
import { runCli, startCli, type Running } from '../support/cli.js';
import { killed, lineOf, stopped } from '../support/processes.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `end-to-end-${process.pid}`;
const environment = {
  TEMPORAL_ADDRESS: temporalAddress,
  TEMPORAL_TASK_QUEUE: suite,
  DEPLOYMENT: suite,
  AMQP_URL: amqpUrl,
  AMQP_EXCHANGE: suite,
};
const world = generateWorld({ services: 8, seed: suite });
const nowhere = '00000000-0000-4000-8000-000000000404';

let simulator: Simulator;
let worker: Running | null = null;

beforeAll(async () => {
  simulator = await startSimulator({
    amqpUrl,
    exchange: suite,
    world,
    timings: { migrationMs: { min: 300, max: 600 } },
  });
});

afterEach(async () => {
  if (worker !== null) await stopped(worker);
  worker = null;
});

afterAll(async () => {
  await simulator.stop();
});

async function startWorker(more: Record<string, string> = {}): Promise<void> {
  worker = startCli(['worker'], { ...environment, ...more });
  await lineOf(worker, /started the worker/);
}

function idsOf(service: number) {
  const { serviceInstanceUuid, vnfs } = world.services[service]!;
  return { serviceInstanceUuid, vnfUuid: vnfs[0]!.vnfUuid, vimUuid: world.vims[1]! };
}

/** Requests for a migration of this VNF, as the MANO counted them; probes are none. */
function requestsFor(vnfUuid: string): number {
  return simulator
    .ledger()
    .filter((entry) => entry.type === 'request' && entry.kind === 'migration')
    .filter((entry) => JSON.stringify(entry).includes(vnfUuid)).length;
}

describe('end to end', () => {
  test('another SDK starts migrateVnf by its names and gets the documented result', async () => {
    await startWorker();
    const ids = idsOf(0);
    const workflow = ['workflow', 'execute', '--type', 'migrateVnf', '--task-queue', suite];
    const { stdout } = await promisify(execFile)(temporalExecutable(), [
      ...[...workflow, '--workflow-id', `${suite}/by-name`, '--input', JSON.stringify(ids)],
      ...['--address', temporalAddress, '--output', 'json'],
    ]);
    const { result } = JSON.parse(stdout) as { result: MigrationResult };
    expect(result).toMatchObject({
      ...ids,
      outcome: 'migrated',
      evidence: 'reply',
      recordsSummarised: false,
    });
    expect(result.newVnfUuid).toMatch(/^[0-9a-f-]{36}$/);
    expect(result.newVnfUuid).not.toBe(ids.vnfUuid);
    expect(result.attempts).toHaveLength(1);
    expect(result.vnfrs?.map((record) => record['id'])).toContain(result.newVnfUuid);
    expect(simulator.snapshot().running.some(({ vnfUuid }) => vnfUuid === result.newVnfUuid)).toBe(true);
  });

  test('the worker killed with -9 while the MANO works: migrated, with one request on the bus', async () => {
    await startWorker();
    const ids = idsOf(1);
    simulator.addRule({ behaviour: 'final-late', delayMs: 3_000, vnfUuid: ids.vnfUuid });
    const options = ['--service', ids.serviceInstanceUuid, '--vnf', ids.vnfUuid, '--vim', ids.vimUuid];
    const follower = startCli(['migrate', ...options, '--json'], environment);
    await lineOf(follower, /running at the MANO/);
    const finished = lineOf(follower, /"workflowId"/);
    await killed(worker!);
    await startWorker();
    const { result } = JSON.parse(await finished) as { result: MigrationResult };
    expect(result).toMatchObject({ ...ids, outcome: 'migrated' });
    expect(requestsFor(ids.vnfUuid)).toBe(1);
  });

  test('worker and listener apart', async () => {
    const listener = startCli(['listener'], environment);
    await lineOf(listener, /connected to the broker/);
    worker = startCli(['worker', '--no-listener'], environment);
    await lineOf(worker, /started the worker/);
    const ids = idsOf(2);
    const options = ['--service', ids.serviceInstanceUuid, '--vnf', ids.vnfUuid, '--vim', ids.vimUuid];
    const { code, stdout } = await runCli(['migrate', ...options], environment);
    expect(stdout).toMatch(
      /acked after .*\n[^]*migrated after .* \(reply\); the VNF's new id is [0-9a-f-]{36}/,
    );
    expect(code).toBe(0);
    expect(await stopped(listener)).toBe(0);
  });

  test('migrate tells a refusal, with exit code 1; status and list show it afterwards', async () => {
    await startWorker({ REPOSITORY_URL: simulator.repositoryUrl });
    const { serviceInstanceUuid, vimUuid } = idsOf(3);
    const options = ['--service', serviceInstanceUuid, '--vnf', nowhere, '--vim', vimUuid];
    const { code, stdout } = await runCli(['migrate', ...options], environment);
    expect(stdout).toMatch(/MigrationRejected: .*does not list VNF/);
    expect(code).toBe(1);
    expect(requestsFor(nowhere)).toBe(0);
    const status = await runCli(['status', nowhere], environment);
    expect(status.stdout).toMatch(/MigrationRejected/);
    const list = await runCli(['list', '--vnf', nowhere, '--status', 'failed', '--json'], environment);
    expect(list.stdout).toContain(`vnf-migration/${nowhere}`);
  });

  test('SIGTERM ends the worker with 0, after what is under way', async () => {
    await startWorker();
    expect(await stopped(worker!)).toBe(0);
  });

  test('wrong arguments are named, all of them, with exit code 2', async () => {
    const options = ['--service', 'x', '--vnf', '1', '--vim', 'y', '--policy', 'ackTimeout=soon'];
    const { code, stderr } = await runCli(['migrate', ...options], environment);
    for (const named of ['--service', '--vnf', '--vim', '--policy ackTimeout'])
      expect(stderr).toContain(named);
    expect(code).toBe(2);
  });
});
