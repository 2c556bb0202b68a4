/** Limits of a deployment: lone migrations wait for them, on a real Temporal, and a simulated MANO's ledger counts. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { LimitsClient } from '../../src/client/limits-client.js';
import {
  LIMITS_WORKFLOW_TYPE,
  type LimitsState,
  type PermitHolder,
} from '../../src/shared/limits/contract.js';
import { limitsWorkflowId, migrationWorkflowId } from '../../src/shared/names.js';
import { entriesOf, startSimulator, type LedgerEntry, type Simulator } from '../../src/simulator/index.js';
import type { DeploymentLimitsOptions } from '../../src/workflows/limits/deployment-limits.js';
import { exchangePermitsUpdate } from '../../src/workflows/messages.js';
import { runCli } from '../support/cli.js';
import { eventsBesideTasks } from '../support/history-cost.js';
import { eventually, it, type History, type Rig } from '../support/rig.js';
import { ack, ready } from '../support/scripted-mano.js';
import { newTask, type Task } from '../support/tasks.js';

const { amqpUrl, temporalAddress } = inject('stack');
const BY = { actor: 'ada', reason: 'a test' };
const SWEEP_MS = 1_000;

function limitsOf(rig: Rig): LimitsClient {
  return new LimitsClient({ client: rig.client, deployment: rig.deployment, taskQueue: rig.taskQueue });
}

/** As the first order starts it, with a short time between sweeps. */
async function begin(rig: Rig, options: DeploymentLimitsOptions = {}): Promise<LimitsClient> {
  const workflowId = limitsWorkflowId(rig.deployment);
  const { firstExecutionRunId } = await rig.client.workflow.start(LIMITS_WORKFLOW_TYPE, {
    workflowId,
    taskQueue: rig.taskQueue,
    args: [{ sweepIntervalMs: SWEEP_MS, ...options }],
  });
  rig.adopt(workflowId, firstExecutionRunId);
  return limitsOf(rig);
}

async function stateWhen(limits: LimitsClient, matches: (state: LimitsState) => void): Promise<LimitsState> {
  return await eventually(async () => {
    const state = await limits.state();
    expect(state).not.toBeNull();
    matches(state!);
    return state!;
  });
}

/** The look at what is in flight is over, and grants begin. */
async function inForce(limits: LimitsClient): Promise<void> {
  await stateWhen(limits, ({ audit }) => expect(audit.map(({ action }) => action)).toContain('in force'));
}

/** One that stays in flight until the MANO is told to end it. */
function holding(rig: Rig, task: Task = newTask()): Task {
  rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack()]);
  return task;
}

function finish(rig: Rig, task: Task): void {
  const [request] = rig.mano.requestsFor(task.input.serviceInstanceUuid);
  rig.mano.send({ ...ready(task.readyRecords), correlationId: request!.correlationId });
}

const sentFor = (rig: Rig, { input }: Task) => rig.mano.migrations(input.serviceInstanceUuid).length;

function activitiesOf({ events }: History): string[] {
  return (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
  );
}

/** As the worker wrote them. */
function settingsIn({ events }: History): string {
  const details = events?.map(({ markerRecordedEventAttributes: marker }) => marker?.details ?? {});
  const payloads = details?.flatMap((one) => Object.values(one)).flatMap((one) => one.payloads ?? []) ?? [];
  const texts = payloads.map(({ data }) => Buffer.from(data ?? []).toString());
  return texts.find((text) => text.includes('hasRepository')) ?? '';
}

describe('where no limits are set', () => {
  it('a migration has no event more, and nothing is shown', async ({ rig }) => {
    const task = newTask();
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), ready(task.readyRecords)]);
    const id = await rig.start(task.input);
    await rig.migrations.result(id);
    const history = await rig.history(id);
    expect(activitiesOf(history)).toEqual(['publishRequest']);
    const markers = eventsBesideTasks(history).filter((name) => name === 'MARKER_RECORDED');
    expect(markers).toHaveLength(1);
    expect(settingsIn(history)).toMatch(/"hasVimList":false}$/);
    expect(await rig.migrations.status(id)).not.toHaveProperty('permit');
    expect(await limitsOf(rig).state()).toBeNull();
    await expect(limitsOf(rig).clear(BY)).rejects.toThrow('no limits are set');
  });
});

describe('lone migrations', () => {
  it('wait, are told why, and go when one before them ends; the last order clears them all', async ({
    open,
  }) => {
    const rig = await open({});
    const limits = await begin(rig, { sweepIntervalMs: 60_000 });
    await limits.set({ ...BY, total: 1 });
    await inForce(limits);
    const [first, second, third] = [holding(rig), holding(rig), holding(rig)] as const;
    const firstId = await rig.start(first.input);
    await rig.inPhase(firstId, 'awaiting-final');
    const secondId = await rig.start(second.input);
    expect(await rig.inPhase(secondId, 'awaiting-permit')).toMatchObject({
      attempts: [],
      mayBeRunning: false,
    });
    const waiting = await eventually(async () => {
      const state = await rig.migrations.status(secondId);
      expect(state.permit).toMatchObject({ state: 'waiting', reason: 'shared-total-limit' });
      return state;
    });
    expect(waiting.permit!.waitingSince).not.toBeNull();
    expect(waiting.nextStepAt).not.toBeNull();
    const thirdId = await rig.start(third.input);
    const full = await stateWhen(limits, ({ waitingCount }) => expect(waitingCount).toBe(2));
    expect(full).toMatchObject({
      limits: { total: 1, vims: [] },
      inFlight: 1,
      leases: [{ vnfUuid: first.input.vnfUuid, owner: firstId }],
    });
    expect(full.waiting.map(({ owner }) => owner)).toEqual([secondId, thirdId]);
    expect([sentFor(rig, second), sentFor(rig, third)]).toEqual([0, 0]);

    finish(rig, first);
    await rig.inPhase(secondId, 'awaiting-final');
    expect((await rig.migrations.status(secondId)).permit).toMatchObject({ state: 'held' });
    expect((await rig.migrations.status(thirdId)).phase).toBe('awaiting-permit');

    await limits.clear(BY);
    await rig.inPhase(thirdId, 'awaiting-final');
    await eventually(async () => expect(await limits.state()).toBeNull());
    finish(rig, second);
    finish(rig, third);
    for (const id of [secondId, thirdId]) {
      expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated' });
    }
  });

  it('wait for the source that the records show', async ({ open }) => {
    const rig = await open({ repository: true });
    const limits = await begin(rig);
    const sourceVim = randomUUID();
    await limits.set({ ...BY, vims: [{ vimUuid: sourceVim, out: 0 }] });
    await inForce(limits);
    const task = holding(rig, newTask({}, { sourceVim }));
    rig.repository.settle(task);
    const id = await rig.start(task.input);
    await rig.inPhase(id, 'awaiting-permit');
    await stateWhen(limits, ({ waiting }) =>
      expect(waiting).toMatchObject([{ sourceVimUuid: sourceVim, reason: 'shared-source-limit' }]),
    );
    await limits.set({ ...BY, vims: [{ vimUuid: sourceVim, out: null }] });
    await rig.inPhase(id, 'awaiting-final');
    rig.repository.move(task);
    finish(rig, task);
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated' });
  });

  it('end with their deadline while they wait: nothing was sent, and nothing is left', async ({ open }) => {
    const rig = await open({});
    const limits = await begin(rig);
    await limits.set({ ...BY, total: 0 });
    await inForce(limits);
    const task = holding(rig, newTask({ deadline: '2s' }));
    const id = await rig.start(task.input);
    expect(await rig.failure(id)).toMatchObject({
      type: 'MigrationRejected',
      retryable: true,
      message: expect.stringContaining('gave no permit (shared-total-limit); not sent') as string,
      state: { attempts: [], mayBeRunning: false, phase: 'closed' },
    });
    expect(await limits.state()).toMatchObject({ waitingCount: 0, inFlight: 0 });
  });

  it('withdraw when they are cancelled while they wait', async ({ open }) => {
    const rig = await open({});
    const limits = await begin(rig, { sweepIntervalMs: 60_000 });
    await limits.set({ ...BY, total: 0 });
    const id = await rig.start(holding(rig).input);
    await stateWhen(limits, ({ waitingCount }) => expect(waitingCount).toBe(1));
    await rig.migrations.cancel(id);
    expect(await rig.migrations.ending(id)).toMatchObject({ error: { state: { mayBeRunning: false } } });
    expect(await limits.state()).toMatchObject({ waitingCount: 0, inFlight: 0 });
  });
});

it('costs a lone migration that need not wait two activities', async ({ open }) => {
  const rig = await open({});
  const limits = await begin(rig);
  await limits.set({ ...BY, total: 1 });
  await inForce(limits);
  const task = newTask();
  rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), ready(task.readyRecords)]);
  const id = await rig.start(task.input);
  await rig.migrations.result(id);
  const all = ['exchangePermits', 'publishRequest', 'exchangePermits'];
  const history = await rig.history(id);
  expect(activitiesOf(history)).toEqual(all);
  expect(settingsIn(history)).toMatch(/"hasVimList":false,"hasLimits":true}$/);
  expect(await limits.state()).toMatchObject({ inFlight: 0 });
});

it('a refused order starts nothing, and sets nothing', async ({ open }) => {
  const rig = await open({});
  await expect(limitsOf(rig).set({ ...BY, total: -1 })).rejects.toThrow('total');
  expect(await limitsOf(rig).state()).toBeNull();
  const limits = await begin(rig);
  await expect(limits.set(BY)).rejects.toThrow('it changes nothing');
  expect(await limits.state()).toMatchObject({ limits: null, audit: [] });
});

describe('what was in flight when limits were set', () => {
  it('is counted, with what campaigns have started; campaigns are told', async ({ open }) => {
    const rig = await open({});
    const alone = holding(rig);
    const aloneId = await rig.start(alone.input);
    const item = holding(rig);
    const { policy, ...ids } = item.input;
    const campaign = await rig.client.workflow.start('migrationCampaign', {
      workflowId: `vnf-campaign/${rig.deployment}`,
      taskQueue: rig.taskQueue,
      args: [{ items: [ids], policy }],
    });
    rig.adopt(campaign.workflowId, campaign.firstExecutionRunId);
    const itemId = migrationWorkflowId(item.input.vnfUuid);
    for (const id of [aloneId, itemId]) await rig.inPhase(id, 'awaiting-final');

    const limits = await begin(rig);
    await limits.set({ ...BY, total: 2 });
    await inForce(limits);
    // Found at first by itself; then the campaign, which was told, has it.
    await stateWhen(limits, ({ leases }) => {
      expect(new Set(leases.map(({ owner }) => owner))).toEqual(new Set([aloneId, campaign.workflowId]));
    });
    await eventually(async () => {
      const { events } = await rig.history(campaign.workflowId);
      const signals = events?.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
      expect(signals).toContain('sharedLimitsChanged');
    });

    const next = holding(rig);
    const nextId = await rig.start(next.input);
    await rig.inPhase(nextId, 'awaiting-permit');
    // It does not know of the limits, so a sweep gives its lease back.
    finish(rig, alone);
    await rig.inPhase(nextId, 'awaiting-final');
    finish(rig, item);
    finish(rig, next);
    await campaign.result();
    await rig.migrations.result(nextId);
  });
});

describe('a sweep', () => {
  it('takes back the lease of a migration that was terminated, and what another waited for', async ({
    open,
  }) => {
    const rig = await open({});
    const limits = await begin(rig);
    await limits.set({ ...BY, total: 1 });
    await inForce(limits);
    const [first, gone, last] = [holding(rig), holding(rig), holding(rig)] as const;
    const firstId = await rig.start(first.input);
    await rig.inPhase(firstId, 'awaiting-final');
    const goneId = await rig.start(gone.input);
    await stateWhen(limits, ({ waitingCount }) => expect(waitingCount).toBe(1));
    const lastId = await rig.start(last.input);
    await stateWhen(limits, ({ waitingCount }) => expect(waitingCount).toBe(2));
    for (const id of [goneId, firstId]) await rig.client.workflow.getHandle(id).terminate('as kill -9 would');
    await rig.inPhase(lastId, 'awaiting-final');
    await stateWhen(limits, ({ inFlight, waitingCount }) =>
      expect({ inFlight, waitingCount }).toEqual({ inFlight: 1, waitingCount: 0 }),
    );
  });

  it('takes back leases of a campaign that is gone, and keeps those of its migrations that run', async ({
    open,
  }) => {
    const rig = await open({});
    const limits = await begin(rig);
    await limits.set({ ...BY, total: 9 });
    await inForce(limits);
    const task = holding(rig);
    const id = await rig.start(task.input);
    await rig.inPhase(id, 'awaiting-final');
    const holder: PermitHolder = {
      kind: 'campaign',
      workflowId: `vnf-campaign/gone-${rig.deployment}`,
      firstRunId: randomUUID(),
    };
    const move = (vnfUuid: string) => ({ vnfUuid, sourceVimUuid: null, targetVimUuid: randomUUID() });
    const inUse = [move(task.input.vnfUuid), move(randomUUID())];
    const call = { holder, wanted: [move(randomUUID())], unwanted: [], released: [], inUse };
    const handle = rig.client.workflow.getHandle(limitsWorkflowId(rig.deployment));
    const answer = await handle.executeUpdate(exchangePermitsUpdate, { args: [call] });
    expect(answer).toMatchObject({ granted: [call.wanted[0]!.vnfUuid], waiting: [] });
    // Its own lease went over to the campaign.
    const { leases } = await stateWhen(limits, ({ inFlight }) => expect(inFlight).toBe(1));
    expect(leases).toMatchObject([{ vnfUuid: task.input.vnfUuid, owner: holder.workflowId }]);
    await delay(2 * SWEEP_MS);
    expect((await limits.state())!.inFlight).toBe(1);
    finish(rig, task);
    await rig.migrations.result(id);
    await stateWhen(limits, ({ inFlight }) => expect(inFlight).toBe(0));
  });
});

describe('many at once', () => {
  let simulator: Simulator | null = null;
  const ITEMS = 36;
  const TARGETS = [randomUUID(), randomUUID(), randomUUID()];

  afterAll(async () => {
    await simulator?.stop();
  });

  /** The most moves at a time, in all and to a VIM, as the MANO saw them. */
  function peaksOf(ledger: readonly LedgerEntry[]): { total: number; in: Map<string, number> } {
    const open = new Map<string, string>();
    const peaks = { total: 0, in: new Map<string, number>() };
    for (const entry of ledger) {
      if (entry.type === 'decision' && entry.decision === 'accepted') {
        open.set(entry.correlationId ?? '', String(entry.vimUuid));
      } else if (entry.type === 'reply' && entry.isFinal) open.delete(entry.correlationId ?? '');
      peaks.total = Math.max(peaks.total, open.size);
      for (const vim of TARGETS) {
        const now = [...open.values()].filter((one) => one === vim).length;
        peaks.in.set(vim, Math.max(peaks.in.get(vim) ?? 0, now));
      }
    }
    return peaks;
  }

  it('never exceed a limit, and all end; the workflow goes on in many runs', async ({ open }) => {
    const home = randomUUID();
    const rig = await open({});
    const services = Array.from({ length: ITEMS }, () => ({
      serviceInstanceUuid: randomUUID(),
      vnfs: [{ vnfUuid: randomUUID(), vimUuids: [home] }],
    }));
    simulator = await startSimulator({
      ...{ amqpUrl, exchange: rig.exchange, world: { vims: [home, ...TARGETS], services } },
      timings: { migrationMs: { min: 500, max: 1_000 } },
    });
    const limits = await begin(rig, { eventsPerRun: 200 });
    const [narrow = '', wide = ''] = TARGETS;
    const vims = [
      { vimUuid: narrow, in: 2 },
      { vimUuid: wide, in: 4 },
    ];
    await limits.set({ ...BY, total: 7, vims });
    await inForce(limits);
    // More than the worker's places for workflow tasks.
    const ids = await Promise.all(
      services.map(({ serviceInstanceUuid, vnfs: [vnf] }, index) => {
        const { input } = newTask({}, { serviceInstanceUuid, vnfUuid: vnf!.vnfUuid });
        return rig.start({ ...input, vimUuid: TARGETS[index % 3]! });
      }),
    );
    for (const id of ids) expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated' });
    const peaks = peaksOf(simulator.ledger());
    expect(entriesOf(simulator.ledger(), 'request').length).toBeGreaterThanOrEqual(ITEMS);
    expect(peaks.total).toBeLessThanOrEqual(7);
    expect(peaks.total).toBeGreaterThan(2);
    expect(peaks.in.get(narrow)).toBeLessThanOrEqual(2);
    expect(peaks.in.get(wide)).toBeLessThanOrEqual(4);
    await stateWhen(limits, ({ inFlight, waitingCount }) => expect(inFlight + waitingCount).toBe(0));
    const { events } = await rig.history(limitsWorkflowId(rig.deployment));
    expect(events![0]!.workflowExecutionStartedEventAttributes!.continuedExecutionRunId).not.toBe('');
  });
});

describe('the command line', () => {
  let simulator: Simulator;
  const athens = randomUUID();
  const exchange = `limits-${randomUUID().slice(0, 8)}`;

  beforeAll(async () => {
    const fact = { vimUuid: athens, name: 'athens-200', type: 'vm' as const };
    simulator = await startSimulator({
      ...{ amqpUrl, exchange },
      world: { vims: [athens], vimFacts: [fact], services: [] },
    });
  });
  afterAll(async () => {
    await simulator.stop();
  });

  it('sets, shows and clears them, VIMs by their names', async ({ open }) => {
    const rig = await open({ exchange });
    const environment = {
      ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_TASK_QUEUE: rig.taskQueue },
      ...{ DEPLOYMENT: rig.deployment, AMQP_URL: amqpUrl, AMQP_EXCHANGE: exchange },
    };
    const limits = (...args: string[]) => runCli(['limits', ...args], environment);
    const reason = ['--reason', 'the switch in rack 4', '--actor', 'ada'];
    expect(await limits('show')).toMatchObject({ code: 0, stdout: 'no limits are set\n' });
    expect(await limits('show', '--json')).toMatchObject({ stdout: '{"limits":null}\n' });
    expect(await limits('clear', ...reason)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no limits are set') as string,
    });
    const wrong = await limits('set', '--in', '2', ...reason);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('name it by --vim') as string });
    expect((await limits('set', '--vim', 'sparta', '--in', '2', ...reason)).stderr).toMatch(
      /no VIM is named "sparta"; known are athens-200/,
    );

    const set = await limits(
      'set',
      '--vim',
      'Athens-200',
      '--in',
      '2',
      '--out',
      '4',
      '--total',
      '20',
      ...reason,
    );
    expect(set.stdout).toMatch(/^0 in flight, 0 wait; at most 20 in all/);
    expect(set.stdout).toContain(`athens-200 (${athens})`);
    expect(set.stdout).toMatch(/0 of 2 +0 of 4/);
    const shown = await limits('show');
    expect(shown.stdout).toMatch(/ada: set total 20, VIM .* in 2 out 4 \(the switch in rack 4\)/);
    expect(JSON.parse((await limits('show', '--json')).stdout)).toMatchObject({
      limits: { total: 20, vims: [{ vimUuid: athens, in: 2, out: 4 }] },
    });
    await limits('set', '--total', 'none', ...reason);
    expect((await limits('show')).stdout).toMatch(/no limit in all/);
    expect(await limits('clear', ...reason)).toMatchObject({
      code: 0,
      stdout: 'cleared: no limits are set\n',
    });
    await eventually(async () => expect((await limits('show')).stdout).toBe('no limits are set\n'));
  });
});
