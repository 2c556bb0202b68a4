/** Campaigns under the limits of their deployment, on a real Temporal and a real bus. */
import { describe, expect } from 'vitest';
import { LimitsClient } from '../../../src/client/limits-client.js';
import { LIMITS_WORKFLOW_TYPE } from '../../../src/shared/limits/contract.js';
import { limitsWorkflowId } from '../../../src/shared/names.js';
import { BY, CampaignOnRig, goodTasks, listOf } from '../../support/campaigns.js';
import { eventsBesideTasks } from '../../support/history-cost.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import { ack, ready } from '../../support/scripted-mano.js';
import type { Task } from '../../support/tasks.js';

type Open = (options: object) => Promise<Rig>;

async function limited(open: Open, total: number): Promise<{ rig: Rig; limits: LimitsClient }> {
  const rig = await open({});
  const limits = new LimitsClient({
    ...{ client: rig.client, deployment: rig.deployment, taskQueue: rig.taskQueue },
  });
  const workflowId = limitsWorkflowId(rig.deployment);
  const { firstExecutionRunId } = await rig.client.workflow.start(LIMITS_WORKFLOW_TYPE, {
    workflowId,
    taskQueue: rig.taskQueue,
    args: [{ sweepIntervalMs: 1_000 }],
  });
  rig.adopt(workflowId, firstExecutionRunId);
  await setTotal(limits, total);
  return { rig, limits };
}

async function setTotal(limits: LimitsClient, total: number): Promise<void> {
  await limits.set({ ...BY, total });
  await eventually(async () => {
    expect((await limits.state())?.audit.map(({ action }) => action)).toContain('in force');
  });
}

/** The most requests that the MANO had open at a time, by when each began and ended. */
function mostAtOnce(spans: readonly { startedAt: string | null; finishedAt: string | null }[]): number {
  const turns = spans.flatMap(({ startedAt, finishedAt }) => [
    { at: Date.parse(startedAt ?? ''), by: 1 },
    { at: Date.parse(finishedAt ?? ''), by: -1 },
  ]);
  turns.sort((left, right) => left.at - right.at || left.by - right.by);
  let [now, most] = [0, 0];
  for (const { by } of turns) most = Math.max(most, (now += by));
  return most;
}

async function noneLeft(limits: LimitsClient): Promise<void> {
  await eventually(async () => {
    expect(await limits.state()).toMatchObject({ inFlight: 0, waitingCount: 0 });
  });
}

describe('two campaigns of a deployment with limits', () => {
  it('exceed none of them together, and leave no permit behind', async ({ open }) => {
    const { rig, limits } = await limited(open, 3);
    const campaigns = await Promise.all(
      [6, 6].map((count) =>
        CampaignOnRig.start(rig, listOf(goodTasks(rig, { count, afterMs: 200 })), { eventsPerRun: 40 }),
      ),
    );
    const results = await Promise.all(campaigns.map((campaign) => campaign.result()));
    expect(results.map(({ counts }) => counts.MIGRATED)).toEqual([6, 6]);
    expect(mostAtOnce(results.flatMap(({ items }) => items ?? []))).toBe(3);
    const waited = results.map(({ waitedMs }) => waitedMs['shared-total-limit'] ?? 0);
    expect(Math.min(...waited)).toBeGreaterThan(0);
    await noneLeft(limits);
  });

  it('cost at most six events an item', async ({ open }) => {
    const { rig, limits } = await limited(open, 2);
    const tasks = goodTasks(rig, { count: 12, afterMs: 100 });
    const campaign = await CampaignOnRig.start(rig, listOf(tasks));
    expect((await campaign.result()).counts.MIGRATED).toBe(12);
    const [events = []] = await campaign.runs();
    expect(eventsBesideTasks({ events }).length).toBeLessThanOrEqual(20 + 6 * tasks.length);
    await noneLeft(limits);
  });
});

describe('limits that are set while a campaign runs', () => {
  it('count what runs, hold what waits, and let it go when they are cleared', async ({ open }) => {
    const rig = await open({});
    const tasks = goodTasks(rig, { count: 4 });
    const held = tasks.slice(0, 2);
    for (const { input } of held) rig.mano.onMigration(input.serviceInstanceUuid, () => [ack()]);
    const campaign = await CampaignOnRig.start(
      rig,
      listOf(tasks, { limits: { total: 2, perSourceVim: 10, perTargetVim: 10 } }),
    );
    await eventually(() => {
      for (const { input } of held) expect(rig.mano.migrations(input.serviceInstanceUuid)).toHaveLength(1);
    });
    const limits = new LimitsClient({
      ...{ client: rig.client, deployment: rig.deployment, taskQueue: rig.taskQueue },
    });
    await setTotal(limits, 1);
    await eventually(async () => expect((await limits.state())?.inFlight).toBe(2));
    const finish = ({ input, readyRecords }: Task): void => {
      const [request] = rig.mano.migrations(input.serviceInstanceUuid);
      rig.mano.send({ ...ready(readyRecords), correlationId: request!.correlationId });
    };
    finish(held[0]!);
    await campaign.until(({ counts, waiting }) => {
      expect(counts.MIGRATED).toBe(1);
      expect(waiting['shared-total-limit']).toBeGreaterThan(0);
    });
    await limits.clear(BY);
    await campaign.until(({ counts }) => expect(counts.MIGRATED).toBe(3));
    finish(held[1]!);
    expect((await campaign.result()).counts.MIGRATED).toBe(4);
    await eventually(async () => expect(await limits.state()).toBeNull());
  });
});
