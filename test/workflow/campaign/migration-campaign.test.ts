/** Campaigns on a real Temporal and a real bus, with a scripted MANO at the other end. */
import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { describe, expect } from 'vitest';
import type { ControlInput, ControlName } from '../../../src/shared/campaign/contract.js';
import type { CampaignItemView } from '../../../src/shared/campaign/views.js';
import { BY, CampaignOnRig, goodTasks, listOf, moves } from '../../support/campaigns.js';
import { eventsBesideTasks } from '../../support/history-cost.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import { ack, free, later, ready, rejection, type ScriptedReply } from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

const FOUR = { total: 4, perSourceVim: 4, perTargetVim: 4 };
const NARROW = { total: 1, perSourceVim: 1, perTargetVim: 1 };

const requestsOf = (rig: Rig, tasks: readonly Task[]): number[] =>
  tasks.map(({ input }) => rig.mano.migrations(input.serviceInstanceUuid).length);

const statesOf = (items: readonly CampaignItemView[] | null): string[] =>
  (items ?? []).map(({ state }) => state);

/** A MANO that keeps its final replies to itself until it is told. */
function held(rig: Rig, task: Task): { release: () => Promise<void> } {
  const { serviceInstanceUuid } = task.input;
  rig.mano.onMigration(serviceInstanceUuid, () => [ack()]);
  return {
    release: async () => {
      const request = await eventually(() => {
        const [first] = rig.mano.migrations(serviceInstanceUuid);
        if (first === undefined) throw new Error('no request has come');
        return first;
      });
      rig.mano.send({ ...ready(task.readyRecords), correlationId: request.correlationId });
    },
  };
}

describe.concurrent('a list of VNFs', () => {
  it('is moved, each of them once, and the result tells their new ids', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 5 });
    const campaign = await CampaignOnRig.start(rig, listOf(tasks));
    const result = await campaign.result();
    expect(result.state).toBe('COMPLETED');
    expect(result.counts).toMatchObject({ MIGRATED: 5, FAILED: 0 });
    expect(result.items?.map((item) => item.newVnfUuid)).toEqual(tasks.map((task) => task.newVnfUuid));
    expect(requestsOf(rig, tasks)).toEqual([1, 1, 1, 1, 1]);
  });

  it('costs the campaign at most 4 events each, and its migrations at most 18, beside those of workflow tasks', async ({
    rig,
  }) => {
    const tasks = goodTasks(rig, { count: 10 });
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: NARROW }));
    const result = await campaign.result();
    const [events = []] = await campaign.runs();
    expect(eventsBesideTasks({ events }).length).toBeLessThanOrEqual(20 + 4 * tasks.length);
    const ofOne = await rig.history(result.items?.[0]?.workflowId ?? '');
    expect(eventsBesideTasks(ofOne).length).toBeLessThanOrEqual(18);
  });

  it('never has more in flight than its limits, nor two of a service', async ({ rig }) => {
    const serviceInstanceUuid = randomUUID();
    const tasks = [
      ...goodTasks(rig, { count: 2, afterMs: 150 }),
      ...goodTasks(rig, { count: 2, afterMs: 150 }),
    ];
    const ofOneService = [0, 1].map(() => newTask({}, { serviceInstanceUuid }));
    const scripts = ofOneService.map((task) => moves(rig, task, { afterMs: 150 }));
    rig.mano.onMigration(serviceInstanceUuid, (request, nth) => {
      const which = ofOneService.findIndex(({ input }) => input.vnfUuid === request.fields['vnf_uuid']);
      return scripts[which]!(request, nth);
    });
    const limits = { total: 5, perSourceVim: 9, perTargetVim: 1 };
    const campaign = await CampaignOnRig.start(rig, listOf([...tasks, ...ofOneService], { limits }));
    const result = await campaign.result();
    expect(result.counts.MIGRATED).toBe(6);
    expect(mostAtOnce(result.items, (item) => item.targetVimUuid ?? '')).toBe(1);
    expect(mostAtOnce(result.items, (item) => item.serviceInstanceUuid)).toBe(1);
    expect(mostAtOnce(result.items, () => 'all')).toBeGreaterThan(1);
  });

  it('that is wrong is refused with every problem', async ({ rig }) => {
    const [task] = goodTasks(rig, { count: 1 }) as [Task];
    const { serviceInstanceUuid, vnfUuid } = task.input;
    const item = { serviceInstanceUuid, vnfUuid };
    const input = { items: [item, item, { ...item, vnfUuid: 'x' }], limits: { total: 0 }, surprise: 1 };
    const campaign = await CampaignOnRig.start(rig, input);
    const { type, message } = await campaign.failure();
    expect(type).toBe('InvalidCampaign');
    for (const what of ['items.2.vnfUuid', 'limits.total', 'surprise']) expect(message).toContain(what);
    const empty = await CampaignOnRig.start(rig, listOf([task, task]));
    expect((await empty.failure()).message).toContain('is there twice');
    const evacuation = { evacuate: { vims: [randomUUID()] }, target: { vimUuid: randomUUID() } };
    const blind = await CampaignOnRig.start(rig, evacuation);
    expect((await blind.failure()).message).toContain('REPOSITORY_URL');
  });
});

/** Of those that share a key, told by their times. */
function mostAtOnce(items: CampaignItemView[] | null, keyOf: (item: CampaignItemView) => string): number {
  const edges = (items ?? []).flatMap((item) => [
    { key: keyOf(item), at: Date.parse(item.startedAt ?? ''), by: 1 },
    { key: keyOf(item), at: Date.parse(item.finishedAt ?? ''), by: -1 },
  ]);
  const now = new Map<string, number>();
  let most = 0;
  for (const { key, by } of edges.sort((left, right) => left.at - right.at || left.by - right.by)) {
    now.set(key, (now.get(key) ?? 0) + by);
    most = Math.max(most, now.get(key) ?? 0);
  }
  return most;
}

describe.concurrent('orders', () => {
  it('that make no sense are refused, in words', async ({ rig }) => {
    const [task] = goodTasks(rig, { count: 1 }) as [Task];
    const hold = held(rig, task);
    const campaign = await CampaignOnRig.start(rig, listOf([task]));
    await campaign.until(({ counts }) => expect(counts.RUNNING).toBe(1));
    await expect(campaign.order('approve')).rejects.toMatchObject({
      name: 'ControlRefusedError',
      message: 'approve: nothing waits for approval',
    });
    await expect(campaign.order('skip', { vnfUuids: [task.input.vnfUuid] })).rejects.toThrow();
    await hold.release();
    expect((await campaign.result()).audit.map(({ action }) => action)).toEqual(['start']);
  });

  it('with a key are carried out once each, and the key with another order is another order', async ({
    rig,
  }) => {
    const tasks = goodTasks(rig, { count: 3 });
    const hold = held(rig, tasks[0]!);
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: NARROW }));
    await campaign.until(({ counts }) => expect(counts.RUNNING).toBe(1));
    const give = <Name extends ControlName>(order: Name, input: ControlInput<Name>) =>
      rig.migrations.campaigns.control(campaign.handle.workflowId, { order, input, idempotencyKey: 'k' });
    const skip = (index: number) => give('skip', { ...BY, vnfUuids: [tasks[index]!.input.vnfUuid] });
    // Refused orders are no orders: what is refused now may be taken later, with the same key.
    await expect(give('resume', BY)).rejects.toThrow('it is not paused');
    await give('pause', BY);
    // A second order to pause would be refused.
    expect((await give('pause', BY)).state).toBe('PAUSED');
    await give('resume', BY);
    expect((await skip(1)).counts.SKIPPED).toBe(1);
    expect((await skip(2)).counts.SKIPPED).toBe(2);
    // What it answered the first time.
    expect((await skip(1)).counts.SKIPPED).toBe(1);
    await hold.release();
    const { audit } = await campaign.result();
    expect(audit.map(({ action }) => action)).toEqual(['start', 'pause', 'resume', 'skip', 'skip']);
    // Temporal answers for a campaign that has ended, too.
    expect((await give('pause', BY)).state).toBe('PAUSED');
  });

  it('with a key are carried out again by the next run of a campaign', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 1 });
    const hold = held(rig, tasks[0]!);
    const campaign = await CampaignOnRig.start(rig, listOf(tasks), { eventsPerRun: 30 });
    await campaign.until(({ counts }) => expect(counts.RUNNING).toBe(1));
    const { workflowId } = campaign.handle;
    const input = { ...BY, limits: { total: 7 } };
    const give = () =>
      rig.migrations.campaigns.control(workflowId, { order: 'setLimits', input, idempotencyKey: 'k' });
    await give();
    for (let total = 1; (await campaign.runs()).length === 1; total += 1) {
      await campaign.order('setLimits', { limits: { total } });
    }
    expect((await give()).limits.total).toBe(7);
    await hold.release();
    await campaign.result();
  });

  it('open the gates after the canary and between the waves', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 3 });
    const input = listOf(tasks, { canary: { count: 1 }, waves: { gate: 'manual' } });
    const items = input.items!.map((item, index) => ({ ...item, wave: index === 2 ? 2 : 1 }));
    const campaign = await CampaignOnRig.start(rig, { ...input, items });
    const first = await campaign.inState('AWAITING_APPROVAL');
    expect(first.pause?.cause).toBe('canary');
    expect(first.waiting).toEqual({ gate: 2 });
    await campaign.order('approve');
    const second = await campaign.until(({ counts, pause }) => {
      expect(counts.MIGRATED).toBe(2);
      expect(pause?.cause).toBe('wave');
    });
    expect(second.wave).toBe(1);
    expect(requestsOf(rig, tasks)).toEqual([1, 1, 0]);
    await campaign.order('approve');
    const { state, audit } = await campaign.result();
    expect(state).toBe('COMPLETED');
    expect(audit.filter(({ action }) => action === 'approve')).toHaveLength(2);
  });

  it('skip, and change the limits while it runs', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 6 });
    const holds = tasks.map((task) => held(rig, task));
    const limits = { total: 2, perSourceVim: 6, perTargetVim: 6 };
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits }));
    await campaign.until(({ counts }) => expect(counts.RUNNING).toBe(2));
    await campaign.order('skip', { vnfUuids: [tasks[2]!.input.vnfUuid] });
    await campaign.order('setLimits', { limits: { total: 1 } });
    await eventually(() => expect(requestsOf(rig, tasks)).toEqual([1, 1, 0, 0, 0, 0]));
    await holds[0]!.release();
    const lowered = await campaign.until(({ counts }) => expect(counts.MIGRATED).toBe(1));
    expect(lowered.counts).toMatchObject({ RUNNING: 1, WAITING: 3, SKIPPED: 1 });
    expect(lowered.waiting).toEqual({ 'total-limit': 3 });
    await campaign.order('setLimits', { limits: { total: 4 } });
    await eventually(() => expect(requestsOf(rig, tasks)).toEqual([1, 1, 0, 1, 1, 1]));
    for (const index of [1, 3, 4, 5]) await holds[index]!.release();
    const result = await campaign.result();
    expect(result.counts).toMatchObject({ MIGRATED: 5, SKIPPED: 1 });
    expect(result.state).toBe('COMPLETED');
    expect(result.items?.[2]?.message).toContain('skipped by ada');
  });

  it('start what has failed anew', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 2 });
    const hold = held(rig, tasks[1]!);
    const { serviceInstanceUuid } = tasks[0]!.input;
    rig.mano.onMigration(serviceInstanceUuid, (request, nth) =>
      nth === 1 ? [rejection('no such luck')] : moves(rig, tasks[0]!)(request, nth),
    );
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { budget: { maxErrors: 2 } }));
    await campaign.until(({ counts }) => expect(counts.FAILED).toBe(1));
    const [failed] = await campaign.items();
    expect(failed).toMatchObject({ failureType: 'MigrationRejected', generation: 1 });
    expect((await campaign.progress()).lastFailures).toHaveLength(1);
    await campaign.order('retryFailed');
    await campaign.until(({ counts }) => expect(counts.MIGRATED).toBe(1));
    await hold.release();
    const result = await campaign.result();
    expect(result.items?.map(({ state, generation }) => ({ state, generation }))).toEqual([
      { state: 'MIGRATED', generation: 2 },
      { state: 'MIGRATED', generation: 1 },
    ]);
  });

  it('of Temporal to cancel it leave what runs alone, and its state in the memo', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 2 });
    const hold = held(rig, tasks[0]!);
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: NARROW }));
    await eventually(() => expect(requestsOf(rig, tasks)).toEqual([1, 0]));
    await campaign.handle.cancel();
    await expect(campaign.handle.result()).rejects.toThrow(WorkflowFailedError);
    const { status, memo } = await campaign.handle.describe();
    expect(status.name).toBe('CANCELLED');
    expect(memo?.['campaignState']).toMatchObject({ counts: { RUNNING: 1, WAITING: 1 } });
    await hold.release();
    await campaign.adoptMigrations();
    const result = await rig.migrations.result(`vnf-migration/${tasks[0]!.input.vnfUuid}`);
    expect(result.outcome).toBe('migrated');
  });
});

describe.concurrent('failures', () => {
  const failing = (rig: Rig, tasks: readonly Task[]): void => {
    for (const { input } of tasks) rig.mano.onMigration(input.serviceInstanceUuid, () => [rejection('no')]);
  };

  it('spend the budget, which pauses the campaign until a person resumes it', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 4 });
    failing(rig, tasks.slice(0, 2));
    const campaign = await CampaignOnRig.start(
      rig,
      listOf(tasks, { limits: NARROW, budget: { maxErrors: 1 } }),
    );
    const paused = await campaign.inState('PAUSED');
    expect(paused.pause).toMatchObject({ cause: 'budget' });
    expect(paused.budget).toMatchObject({ errors: 2, allowed: 1, consecutive: 2 });
    expect(paused.waiting).toEqual({ paused: 2 });
    await campaign.order('resume');
    const result = await campaign.result();
    expect(result.state).toBe('COMPLETED_WITH_ERRORS');
    expect(result.counts).toMatchObject({ FAILED: 2, MIGRATED: 2 });
  });

  it('spend the budget, which aborts the campaign where it says so', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 3 });
    failing(rig, tasks.slice(0, 1));
    const budget = { maxErrors: 0, action: 'abort' as const };
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: NARROW, budget }));
    const result = await campaign.result();
    expect(result.state).toBe('ABORTED');
    expect(statesOf(result.items)).toEqual(['FAILED', 'CANCELLED', 'CANCELLED']);
    expect(requestsOf(rig, tasks)).toEqual([1, 0, 0]);
  });

  it('by silence are a deaf MANO: it pauses, asks, and goes on when it answers', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 3 });
    const deafness = new AbortController();
    const answers = (script: () => ScriptedReply[]) => () => (deafness.signal.aborted ? script() : []);
    for (const task of tasks) {
      const { serviceInstanceUuid } = task.input;
      rig.mano.onMigration(
        serviceInstanceUuid,
        answers(() => [ack(), ready(task.readyRecords)]),
      );
      rig.mano.onProbe(
        serviceInstanceUuid,
        answers(() => [free()]),
      );
    }
    const policy = { ...newTask().input.policy, ackTimeout: 300, probeTimeout: 300, maxProbes: 1 };
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { policy, budget: { maxErrors: 0 } }));
    const paused = await campaign.inState('PAUSED');
    expect(paused.pause).toMatchObject({ cause: 'mano-deaf' });
    expect(paused.counts).toMatchObject({ WAITING: 3, FAILED: 0 });
    deafness.abort();
    const result = await campaign.result();
    expect(result.counts).toMatchObject({ MIGRATED: 3 });
    expect(result.audit.map(({ action }) => action)).toEqual(['start', 'pause', 'resume']);
  });

  it('of a migration that is terminated by hand do not hold the campaign up', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 2 });
    held(rig, tasks[0]!);
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { budget: { maxErrors: 1 } }));
    await eventually(() => expect(requestsOf(rig, tasks)).toEqual([1, 1]));
    await rig.client.workflow.getHandle(`vnf-migration/${tasks[0]!.input.vnfUuid}`).terminate('by hand');
    const result = await campaign.result();
    expect(statesOf(result.items)).toEqual(['UNKNOWN', 'MIGRATED']);
  });
});

describe.concurrent('a VNF in the hands of another caller', () => {
  it('is already there when that one brings it to the same VIM', async ({ rig }) => {
    const [task, other] = goodTasks(rig, { count: 2 }) as [Task, Task];
    const hold = held(rig, task);
    await rig.start(task.input);
    const campaign = await CampaignOnRig.start(rig, listOf([task, other]));
    await campaign.until(({ waiting }) => expect(waiting).toEqual({ 'owned-by': 1 }));
    const [item] = await campaign.items();
    expect(item?.workflowId).toBe(`vnf-migration/${task.input.vnfUuid}`);
    await hold.release();
    const result = await campaign.result();
    expect(result.state).toBe('COMPLETED');
    expect(result.items?.[0]).toMatchObject({ state: 'ALREADY_THERE', newVnfUuid: task.newVnfUuid });
    expect(requestsOf(rig, [task])).toEqual([1]);
  });

  it('is moved on under its new id when that one brings it elsewhere', async ({ rig }) => {
    const [task] = goodTasks(rig, { count: 1 }) as [Task];
    const { serviceInstanceUuid, vimUuid } = task.input;
    const next = newTask({}, { serviceInstanceUuid, vnfUuid: task.newVnfUuid });
    rig.mano.onMigration(serviceInstanceUuid, (_, nth) =>
      nth === 1 ? [ack(), later(500, ready(task.readyRecords))] : [ack(), ready(next.readyRecords)],
    );
    await rig.start(task.input);
    const input = listOf([{ ...task, input: { ...task.input, vimUuid: next.input.vimUuid } }]);
    const campaign = await CampaignOnRig.start(rig, input);
    const result = await campaign.result();
    expect(result.items?.[0]).toMatchObject({
      state: 'MIGRATED',
      vnfUuid: task.input.vnfUuid,
      presentVnfUuid: task.newVnfUuid,
      newVnfUuid: next.newVnfUuid,
      sourceVimUuid: vimUuid,
    });
  });

  it('which is another campaign: no VNF is moved twice, and both end', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 8, afterMs: 50 });
    const limits = { total: 2, perSourceVim: 2, perTargetVim: 2 };
    const campaigns = await Promise.all([
      CampaignOnRig.start(rig, listOf(tasks, { limits })),
      CampaignOnRig.start(rig, listOf([...tasks].reverse(), { limits })),
    ]);
    const results = await Promise.all(campaigns.map((campaign) => campaign.result()));
    expect(requestsOf(rig, tasks)).toEqual(tasks.map(() => 1));
    expect(results.map(({ state }) => state)).toEqual(['COMPLETED', 'COMPLETED']);
    const moved = results.reduce((sum, { counts }) => sum + counts.MIGRATED, 0);
    expect(moved).toBe(tasks.length);
  });
});

describe.concurrent('an evacuation', () => {
  const evacuationOf = (sourceVim: string, vimUuid: string) => ({
    evacuate: { vims: [sourceVim] },
    target: { vimUuid },
    policy: newTask().input.policy,
  });

  it('takes what is there, and what comes while it runs, and tells what is left', async ({
    rigWithRepository: rig,
  }) => {
    const tasks = goodTasks(rig, { count: 3 });
    const { sourceVim } = tasks[0]!;
    const { vimUuid } = tasks[0]!.input;
    const late = newTask({}, { sourceVim, vimUuid });
    const script = moves(rig, tasks[2]!);
    rig.mano.onMigration(late.input.serviceInstanceUuid, moves(rig, late));
    rig.mano.onMigration(tasks[2]!.input.serviceInstanceUuid, (request, nth) => {
      rig.repository.settle(late);
      return script(request, nth);
    });
    // What no service lists is left there, and told.
    const orphan = newTask({}, { vimUuid: sourceVim });
    rig.repository.settle(orphan);
    rig.repository.leaveCopy(orphan);
    const campaign = await CampaignOnRig.start(rig, evacuationOf(sourceVim, vimUuid));
    const result = await campaign.result();
    expect(result.counts).toMatchObject({ MIGRATED: 4, FAILED: 0 });
    expect(result.items?.map(({ sourceVimUuid }) => sourceVimUuid)).toEqual(Array(4).fill(sourceVim));
    expect(result.residual).toMatchObject([{ kind: 'orphan', vnfUuid: orphan.newVnfUuid }]);
    expect(result.state).toBe('COMPLETED_WITH_ERRORS');
    expect(result.audit.map(({ action }) => action)).toEqual(['start', 'sweep']);
  });

  it('waits for a repository that cannot be read, says so, and takes it never for empty', async ({
    open,
  }) => {
    const rig = await open({ repository: true });
    const tasks = goodTasks(rig, { count: 1 });
    const { sourceVim, input } = tasks[0]!;
    rig.repository.beAll('down');
    const campaign = await CampaignOnRig.start(rig, evacuationOf(sourceVim, input.vimUuid));
    const waiting = await campaign.until(({ trouble }) => expect(trouble).toContain('Repository'));
    expect(waiting.state).toBe('PLANNED');
    rig.repository.beAll('up');
    const result = await campaign.result();
    expect(result.state).toBe('COMPLETED');
    expect(result.counts.MIGRATED).toBe(1);
  });
});

describe.concurrent('a campaign of several runs', () => {
  it('loses nothing between them: each VNF is moved once', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 25 });
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: FOUR }), { eventsPerRun: 50 });
    const result = await campaign.result();
    expect(result.counts.MIGRATED).toBe(25);
    expect(requestsOf(rig, tasks)).toEqual(tasks.map(() => 1));
    const runs = await campaign.runs();
    expect(runs.length).toBeGreaterThan(2);
    expect(result.audit.map(({ action }) => action)).toEqual(['start']);
  });

  it('hears of a migration that an earlier run started and a person terminated', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 12 });
    held(rig, tasks[0]!);
    const limits = { total: 2, perSourceVim: 2, perTargetVim: 2 };
    const input = listOf(tasks, { limits, budget: { maxErrors: 1 }, silenceTimeout: '2s' });
    const campaign = await CampaignOnRig.start(rig, input, { eventsPerRun: 40 });
    await eventually(async () => expect((await campaign.runs()).length).toBeGreaterThan(1));
    await rig.client.workflow.getHandle(`vnf-migration/${tasks[0]!.input.vnfUuid}`).terminate('by hand');
    const result = await campaign.result();
    expect(result.counts).toMatchObject({ MIGRATED: 11, UNKNOWN: 1 });
  });

  it('takes orders in any of them', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 20, afterMs: 30 });
    // However slow the orders are, they find it still at work.
    const hold = held(rig, tasks[19]!);
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: FOUR }), { eventsPerRun: 40 });
    for (let order = 0; order < 6; order += 1) {
      await campaign.order('pause');
      await campaign.order('resume');
    }
    await hold.release();
    const result = await campaign.result();
    expect(result.counts.MIGRATED).toBe(20);
    expect(result.audit.filter(({ action }) => action === 'pause').length).toBeGreaterThan(0);
    expect(requestsOf(rig, tasks)).toEqual(tasks.map(() => 1));
  });
});
