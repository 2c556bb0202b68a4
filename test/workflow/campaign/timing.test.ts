/** Campaigns bound to time, and changed while they run, on a real Temporal and a real bus. */
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { localTimeOf } from '../../../src/shared/windows/calendar.js';
import { CampaignOnRig, goodTasks, listOf } from '../../support/campaigns.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import { ack, ready } from '../../support/scripted-mano.js';
import type { Task } from '../../support/tasks.js';

const HOUR_MS = 3_600_000;
const iso = (atMs: number): string => new Date(atMs).toISOString();

const requestsOf = (rig: Rig, tasks: readonly Task[]): number[] =>
  tasks.map(({ input }) => rig.mano.migrations(input.serviceInstanceUuid).length);

describe.concurrent('a campaign with a window', () => {
  it('starts nothing before it opens, tells when that is, and needs nobody then', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 3 });
    const opensMs = Date.now() + 3_000;
    const windows = [{ kind: 'allow' as const, from: iso(opensMs), until: iso(opensMs + HOUR_MS) }];
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { windows, cutoff: '1m' }));
    const closed = await campaign.until(({ waiting }) => expect(waiting).toEqual({ window: 3 }));
    expect(closed.timing).toMatchObject({ reason: 'window', changesAt: iso(opensMs), timeZone: 'UTC' });
    expect(requestsOf(rig, tasks)).toEqual([0, 0, 0]);
    const { counts, items } = await campaign.result();
    expect(counts.MIGRATED).toBe(3);
    for (const { startedAt } of items ?? [])
      expect(Date.parse(startedAt ?? '')).toBeGreaterThanOrEqual(opensMs);
    expect((await campaign.audit()).map(({ action }) => action)).toContain('window-opened');
  });

  it('starts in spite of it by an order, and takes orders while it is closed', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 2 });
    // Between one and two hours from now.
    const hour = localTimeOf(Date.now() + 2 * HOUR_MS, 'Europe/Athens').slice(11, 13);
    const cron = `0 ${String(Number(hour))} * * *`;
    const windows = [{ kind: 'allow' as const, cron, duration: '1h', timeZone: 'Europe/Athens' }];
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { windows, cutoff: '1m' }));
    await campaign.until(({ waiting }) => expect(waiting).toEqual({ window: 2 }));
    await campaign.order('pause');
    await campaign.order('resume');
    const past = [{ kind: 'allow' as const, from: '2020-01-01T00:00Z', until: '2020-01-02T00:00Z' }];
    await expect(campaign.order('setWindows', { windows: past })).rejects.toThrow(/nothing would ever start/);
    await campaign.order('startNow');
    expect((await campaign.result()).counts.MIGRATED).toBe(2);
  });

  it('that never opens is refused', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 1 });
    const windows = [{ kind: 'allow' as const, from: '2020-01-01T00:00Z', until: '2020-01-02T00:00Z' }];
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { windows }));
    expect(await campaign.failure()).toMatchObject({
      type: 'InvalidCampaign',
      message: expect.stringMatching(/nothing would ever start/) as string,
    });
  });
});

describe.concurrent('a campaign in steps', () => {
  it('soaks between its waves, and grows from one at a time', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 4 });
    const { items = [], ...more } = listOf(tasks, { waves: { soak: '2s' }, rampUp: { from: 1 } });
    const inWaves = items.map((item, index) => ({ ...item, wave: index < 3 ? 1 : 2 }));
    const campaign = await CampaignOnRig.start(rig, { items: inWaves, ...more });
    await campaign.until(({ waiting }) => expect(waiting).toEqual({ soak: 1 }));
    const { items: views } = (await campaign.result()) as {
      items: { startedAt: string; finishedAt: string }[];
    };
    const lastEndMs = Math.max(...views.slice(0, 3).map(({ finishedAt }) => Date.parse(finishedAt)));
    expect(Date.parse(views[3]!.startedAt) - lastEndMs).toBeGreaterThanOrEqual(2_000);
    expect(Date.parse(views[1]!.startedAt)).toBeGreaterThanOrEqual(Date.parse(views[0]!.finishedAt));
  });

  it('takes items and priorities while it runs, in whatever run', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 3 });
    const more = goodTasks(rig, { count: 2 });
    const [first] = tasks as [Task];
    const limits = { total: 1, perSourceVim: 1, perTargetVim: 1 };
    rig.mano.onMigration(first.input.serviceInstanceUuid, () => [ack()]);
    const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits }), { eventsPerRun: 30 });
    await campaign.until(({ counts }) => expect(counts.RUNNING).toBe(1));
    const items = listOf(more).items ?? [];
    await campaign.order('addItems', { items });
    await expect(campaign.order('addItems', { items })).rejects.toThrow(/the campaign has them already: /);
    const last = more[1]!.input.vnfUuid;
    await campaign.until(({ waiting }) => expect(waiting).toEqual({ 'total-limit': 4 }));
    await campaign.order('reprioritize', { vnfUuids: [last], priority: 10 });
    const [request] = rig.mano.migrations(first.input.serviceInstanceUuid);
    rig.mano.send({ ...ready(first.readyRecords), correlationId: request!.correlationId });
    const { counts, items: views } = await campaign.result();
    expect(counts).toMatchObject({ MIGRATED: 5 });
    const byStart = [...(views ?? [])].sort((left, right) =>
      (left.startedAt ?? '') < (right.startedAt ?? '') ? -1 : 1,
    );
    expect(byStart[1]?.vnfUuid).toBe(last);
    // What was added was looked up like any other.
    if (rig.hasRepository) expect(views?.[3]?.sourceVimUuid).not.toBeNull();
  });
});

describe.concurrent('a campaign that was terminated, and is started again', () => {
  it('takes up its own migrations as its own', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 2, afterMs: 4_000 });
    const workflowId = `vnf-campaign/${randomUUID()}`;
    const before = await CampaignOnRig.start(rig, listOf(tasks), { workflowId });
    await eventually(() => expect(requestsOf(rig, tasks)).toEqual([1, 1]));
    await before.handle.terminate('a test');
    const again = await CampaignOnRig.start(rig, listOf(tasks), { workflowId });
    await again.until(({ counts }) => expect(counts.RUNNING).toBe(2));
    const { counts } = await again.result();
    expect(counts.MIGRATED).toBe(2);
    expect(requestsOf(rig, tasks)).toEqual([1, 1]);
  });
});
