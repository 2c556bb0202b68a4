/** A worker's log about a migration: one JSON object a line, and each line identifies its migration. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { generateWorld, startSimulator, type RuleInput, type Simulator } from '../../src/simulator/index.js';
import { Bus, READY } from '../support/bus.js';
import { runCli, startCli, type Running } from '../support/cli.js';
import { lineOf, stopped } from '../support/processes.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const { temporalAddress, amqpUrl } = inject('stack');
const suite = `logs-${process.pid}`;
const world = generateWorld({ services: 4, seed: suite });

let bus: Bus;
let simulator: Simulator;
let worker: Running | null = null;

beforeAll(async () => {
  bus = await Bus.open(amqpUrl);
  const timings = { migrationMs: { min: 50, max: 100 } };
  simulator = await startSimulator({ amqpUrl, exchange: bus.exchange, world, timings });
});
afterEach(async () => {
  if (worker !== null) await stopped(worker);
  worker = null;
});
afterAll(async () => {
  await simulator.stop();
  await bus.close();
});

type Line = Record<string, unknown> & { msg: string };

const environment = () => ({
  TEMPORAL_ADDRESS: temporalAddress,
  TEMPORAL_TASK_QUEUE: suite,
  DEPLOYMENT: bus.deployment,
  AMQP_URL: amqpUrl,
  AMQP_EXCHANGE: bus.exchange,
  REPOSITORY_URL: simulator.repositoryUrl,
});

async function startWorker(more: Record<string, string> = {}): Promise<Running> {
  worker = startCli(['worker'], { ...environment(), LOG_LEVEL: 'debug', ...more });
  await lineOf(worker, /started the worker/);
  return worker;
}

function idsOf(service: number) {
  const { serviceInstanceUuid, vnfs } = world.services[service]!;
  return { serviceInstanceUuid, vnfUuid: vnfs[0]!.vnfUuid, vimUuid: world.vims[1]! };
}

/** Migrates a VNF that meets these faults. */
async function migrate(
  { serviceInstanceUuid, vnfUuid, vimUuid }: ReturnType<typeof idsOf>,
  { faults = [], policy }: { faults?: RuleInput[]; policy: string[] },
): Promise<void> {
  for (const fault of faults) simulator.addRule({ ...fault, vnfUuid });
  const ids = ['--service', serviceInstanceUuid, '--vnf', vnfUuid, '--vim', vimUuid];
  const given = policy.flatMap((part) => ['--policy', part]);
  await runCli(['migrate', ...ids, ...given], environment());
}

/** Its correlation id, as the MANO saw it. */
function requestFor(vnfUuid: string): string {
  const request = simulator.ledger().find((entry) => entry.type === 'request' && entry.vnfUuid === vnfUuid);
  if (request?.type !== 'request' || request.correlationId === null) throw new Error('no request was sent');
  return request.correlationId;
}

/** Of a worker that has ended. Throws at a line that is no JSON object. */
async function linesOf(running: Running): Promise<Line[]> {
  worker = null;
  expect(await stopped(running)).toBe(0);
  const texts = running.said().trimEnd().split('\n');
  return texts.map((text) => JSON.parse(text) as Line);
}

function about(lines: Line[], vnfUuid: string): Line[] {
  return lines.filter((line) => JSON.stringify(line).includes(vnfUuid));
}

const byText = (left: unknown, right: unknown): number =>
  JSON.stringify(left).localeCompare(JSON.stringify(right));

/** Said before the activity's input, or after the workflow's state, is at hand. */
const WITHOUT_REQUEST = /^(Workflow |Activity started)/;

describe('the log of a migration', () => {
  it('tells each step with workflow id, request number and correlation id', async () => {
    const running = await startWorker();
    const ids = idsOf(0);
    const faults: RuleInput[] = [
      { behaviour: 'deploy-fails', nth: 1 },
      { behaviour: 'request-lost', nth: 2 },
    ];
    await migrate(ids, { faults, policy: ['ackTimeout=3s', 'initialInterval=2s', 'backoffCoefficient=1'] });
    const lines = about(await linesOf(running), ids.vnfUuid);

    const workflowId = `vnf-migration/${ids.vnfUuid}`;
    for (const line of lines) expect(line).toMatchObject({ workflowId });
    const steps = lines.filter(({ sdkComponent }) => sdkComponent === 'workflow');
    const told = steps.filter(({ msg }) => msg !== 'waiting').map(({ msg, attempt }) => [msg, attempt]);
    // The ack may be known before the confirm.
    expect(told.sort(byText)).toEqual(
      [
        ['read the repository', undefined],
        ['read the list of VIMs', undefined],
        ['sending a request', 1],
        ['the request was sent', 1],
        ['the MANO accepted the request', 1],
        ['the MANO reported a failure', 1],
        ['read the repository', 1],
        ['the request will be sent again', 1],
        ['read the repository', 1],
        ['sending a request', 2],
        ['the request was sent', 2],
        ['sending a probe', 2],
        ['the probe was sent', 2],
        ['the MANO answered the probe', 2],
        ['read the repository', 2],
        ['sending a request', 3],
        ['the request was sent', 3],
        ['the MANO accepted the request', 3],
        ['the MANO reported READY', 3],
        ['read the repository', 3],
        ['the migration ended', 3],
      ].sort(byText),
    );
    expect(steps.at(-1)).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
    const requests = new Map<unknown, unknown>();
    const firstRequest = lines.findIndex(({ msg }) => msg === 'sending a request');
    for (const line of lines.slice(firstRequest)) {
      if (WITHOUT_REQUEST.test(line.msg)) continue;
      expect(line['correlationId']).toMatch(
        new RegExp(`^vnfm:${bus.deployment}:${workflowId}:[0-9a-f]{16}$`),
      );
      // The listener has no table: it knows the request by its correlation id.
      if (line['sdkComponent'] !== undefined) expect(line['attempt']).toBeTypeOf('number');
      if (line.msg === 'the request was sent') requests.set(line['correlationId'], line['attempt']);
    }
    expect([...requests.values()]).toEqual([1, 2, 3]);
    // Whoever wrote the line, one request has one number.
    for (const { correlationId, attempt } of lines) {
      const number = requests.get(correlationId);
      if (number !== undefined && attempt !== undefined) expect(attempt).toBe(number);
    }
    expect(lines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['signalled', 'published', 'Activity completed', 'Workflow completed']),
    );
  });

  it('tells a failure, and a reply that comes after it, in few fields and without a token', async () => {
    const running = await startWorker();
    const ids = idsOf(1);
    const faults: RuleInput[] = [{ behaviour: 'removal-fails' }];
    await migrate(ids, { faults, policy: [] });
    const parked = lineOf(running, /parked a reply/);
    bus.reply({ correlationId: requestFor(ids.vnfUuid), body: READY });
    await parked;
    const everything = await linesOf(running);
    const lines = about(everything, ids.vnfUuid);

    const workflowId = `vnf-migration/${ids.vnfUuid}`;
    const said = (msg: string) => lines.find((line) => line.msg === msg);
    const sent = said('the request was sent');
    const { correlationId, runId } = sent!;
    expect(said('the migration ended')).toMatchObject({
      ...{ workflowId, runId, correlationId, attempt: 1 },
      ...{ outcome: 'failed', failureType: 'MigrationFailed' },
    });
    expect(said('parked a reply')).toMatchObject({ workflowId, correlationId });
    expect(said('Workflow failed')).toMatchObject({ workflowId, runId });
    expect(said('published')).toMatchObject({ workflowId, runId, attempt: 1, correlationId });
    for (const line of everything) {
      expect(JSON.stringify(line)).not.toMatch(/task_?token/i);
      expect(JSON.stringify(line).length).toBeLessThan(4_000);
    }
  });

  it("has the lines of the SDK's core, too, as JSON", async () => {
    const proxy = await TcpProxy.open(temporalAddress);
    try {
      const running = await startWorker({
        TEMPORAL_ADDRESS: proxy.address,
        TEMPORAL_TASK_QUEUE: randomUUID(),
      });
      const core = lineOf(running, /temporalio_client/);
      await proxy.refuse();
      await core;
      const lines = await linesOf(running);
      expect(lines.some(({ sdkComponent }) => sdkComponent === 'core')).toBe(true);
    } finally {
      await proxy.close();
    }
  });
});
