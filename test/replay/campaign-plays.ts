/** The script for each recorded campaign. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { LimitsClient } from '../../src/client/limits-client.js';
import { localTimeOf } from '../../src/shared/windows/calendar.js';
import { BY, CampaignOnRig, goodTasks, listOf } from '../support/campaigns.js';
import { eventually, type Rig, type RigOptions } from '../support/rig.js';
import { ack, free, ready, rejection } from '../support/scripted-mano.js';
import { newTask } from '../support/tasks.js';
import type { CampaignName } from './campaign-scenarios.js';

export interface CampaignPlay {
  /** With the records of a repository. */
  repository?: boolean;
  /** A rig of its own. */
  ownRig?: RigOptions;
  /** Starts it, does what happens while it runs, and returns when it has ended. */
  play: (rig: Rig) => Promise<CampaignOnRig>;
}

const HOUR_MS = 3_600_000;
const FOUR = { total: 4, perSourceVim: 4, perTargetVim: 4 };
const ONE = { total: 1, perSourceVim: 1, perTargetVim: 1 };

async function ended(campaign: CampaignOnRig): Promise<CampaignOnRig> {
  await campaign.result();
  return campaign;
}

export const PLAYS: Record<CampaignName, CampaignPlay> = {
  'campaign-list': {
    repository: true,
    play: async (rig) =>
      ended(await CampaignOnRig.start(rig, listOf(goodTasks(rig, { count: 5 }), { limits: FOUR }))),
  },
  'campaign-several-runs': {
    play: async (rig) => {
      const input = listOf(goodTasks(rig, { count: 20 }), { limits: FOUR });
      return await ended(await CampaignOnRig.start(rig, input, { eventsPerRun: 50 }));
    },
  },
  'campaign-canary-and-waves': {
    play: async (rig) => {
      const input = listOf(goodTasks(rig, { count: 3 }), { canary: { count: 1 }, waves: { gate: 'manual' } });
      const items = input.items?.map((item, index) => ({ ...item, wave: index === 2 ? 2 : 1 })) ?? [];
      const campaign = await CampaignOnRig.start(rig, { ...input, items });
      await campaign.inState('AWAITING_APPROVAL');
      await campaign.order('approve');
      await campaign.until(({ pause }) => expect(pause?.cause).toBe('wave'));
      await campaign.order('approve');
      return await ended(campaign);
    },
  },
  'campaign-orders': {
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 5 });
      for (const { input } of tasks.slice(0, 2)) {
        rig.mano.onMigration(input.serviceInstanceUuid, () => [rejection('no')]);
      }
      const budget = { maxErrors: 1 };
      const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: ONE, budget }));
      await campaign.inState('PAUSED');
      await campaign.order('setLimits', { limits: { total: 2 } });
      await campaign.order('skip', { vnfUuids: [tasks[4]?.input.vnfUuid ?? ''] });
      await campaign.order('setBudget', { budget: { maxErrors: 9 } });
      await campaign.order('retryFailed');
      await campaign.order('resume');
      return await ended(campaign);
    },
  },
  'campaign-deaf-mano': {
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 3 });
      let isDeaf = true;
      for (const { input, readyRecords } of tasks) {
        const { serviceInstanceUuid } = input;
        rig.mano.onMigration(serviceInstanceUuid, () => (isDeaf ? [] : [ack(), ready(readyRecords)]));
        rig.mano.onProbe(serviceInstanceUuid, () => (isDeaf ? [] : [free()]));
      }
      const policy = { ...newTask().input.policy, ackTimeout: 300, probeTimeout: 300, maxProbes: 1 };
      const campaign = await CampaignOnRig.start(rig, listOf(tasks, { policy, budget: { maxErrors: 0 } }));
      await campaign.until(({ pause }) => expect(pause?.cause).toBe('mano-deaf'));
      isDeaf = false;
      return await ended(campaign);
    },
  },
  'campaign-evacuation': {
    repository: true,
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 3 });
      const { sourceVim = '', input } = tasks[0] ?? {};
      const evacuation = {
        evacuate: { vims: [sourceVim] },
        target: { vimUuid: input?.vimUuid ?? '' },
        policy: newTask().input.policy,
      };
      return await ended(await CampaignOnRig.start(rig, evacuation));
    },
  },
  'campaign-owned-by-another': {
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 2, afterMs: 1_500 });
      if (tasks[0] !== undefined) await rig.start(tasks[0].input);
      return await ended(await CampaignOnRig.start(rig, listOf(tasks)));
    },
  },
  'campaign-aborted': {
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 3, afterMs: 500 });
      const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: ONE }));
      await campaign.until(({ counts }) => expect(counts.RUNNING).toBe(1));
      await campaign.order('abort');
      return await ended(campaign);
    },
  },
  'campaign-cancelled': {
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 2, afterMs: 1_000 });
      const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: ONE }));
      await campaign.until(({ counts }) => expect(counts.RUNNING).toBe(1));
      await campaign.handle.cancel();
      await eventually(async () => {
        expect((await campaign.handle.describe()).status.name).toBe('CANCELLED');
      });
      return campaign;
    },
  },
  'campaign-in-its-windows': {
    play: async (rig) => {
      const from = Date.now();
      const iso = (ms: number): string => new Date(from + ms).toISOString();
      const timeZone = 'Australia/Lord_Howe';
      const hour = Number(localTimeOf(from - HOUR_MS, timeZone).slice(11, 13));
      const tasks = goodTasks(rig, { count: 6 });
      const { items = [], ...more } = listOf(tasks, {
        windows: [
          { kind: 'allow', cron: `0 ${String(hour)} * * *`, duration: '5h', timeZone },
          { kind: 'deny', from: iso(0), until: iso(3_000) },
        ],
        cutoff: '1m',
        rampUp: { from: 1, factor: 2 },
        waves: { soak: '1s' },
      });
      const inWaves = items.map((item, index) => ({ ...item, wave: index < 4 ? 1 : 2 }));
      return await ended(await CampaignOnRig.start(rig, { ...more, items: inWaves }, { eventsPerRun: 30 }));
    },
  },
  'campaign-with-more-items': {
    repository: true,
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 3, afterMs: 500 });
      const more = goodTasks(rig, { count: 2 });
      const campaign = await CampaignOnRig.start(rig, listOf(tasks, { limits: ONE }));
      await campaign.until(({ counts }) => expect(counts.RUNNING).toBe(1));
      await campaign.order('addItems', { items: listOf(more).items ?? [] });
      await campaign.order('reprioritize', { vnfUuids: [more[1]?.input.vnfUuid ?? ''], priority: 9 });
      const past = { kind: 'allow' as const, from: '2020-01-01T00:00Z', until: '2020-01-02T00:00Z' };
      await expect(campaign.order('setWindows', { windows: [past] })).rejects.toThrow(/ever start/);
      await campaign.order('setWindows', { notBefore: new Date(Date.now() + HOUR_MS).toISOString() });
      await campaign.until(({ waiting }) => expect(waiting['not-before']).toBeGreaterThan(0));
      await campaign.order('startNow');
      return await ended(campaign);
    },
  },
  'campaign-taken-up-again': {
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 2, afterMs: 2_500 });
      const workflowId = `vnf-campaign/${randomUUID()}`;
      const before = await CampaignOnRig.start(rig, listOf(tasks), { workflowId });
      await before.until(({ inFlight }) => expect(inFlight).toHaveLength(2));
      await before.handle.terminate('a test');
      return await ended(await CampaignOnRig.start(rig, listOf(tasks), { workflowId }));
    },
  },
  'campaign-under-limits': {
    ownRig: {},
    play: async (rig) => {
      const limits = new LimitsClient({
        ...{ client: rig.client, deployment: rig.deployment, taskQueue: rig.taskQueue },
      });
      await limits.set({ ...BY, total: 1 });
      await eventually(async () => {
        expect((await limits.state())?.audit.map(({ action }) => action)).toContain('in force');
      });
      const [first, second] = await Promise.all(
        [4, 3].map((count) =>
          CampaignOnRig.start(rig, listOf(goodTasks(rig, { count, afterMs: 100 })), { eventsPerRun: 40 }),
        ),
      );
      await second?.result();
      await limits.clear(BY);
      return await ended(first!);
    },
  },
  'campaign-with-receivers': {
    ownRig: {
      around: () => ({
        checkReceivers: () => Promise.resolve([]),
        deliverNotifications: ({ events }) => Promise.resolve({ delivered: events.length, problem: null }),
      }),
    },
    play: async (rig) => {
      const tasks = goodTasks(rig, { count: 3 });
      rig.mano.onMigration(tasks[2]?.input.serviceInstanceUuid ?? '', () => [rejection('no')]);
      const input = listOf(tasks, { notify: ['ops', 'audit'], budget: { maxErrors: '100%' } });
      return await ended(await CampaignOnRig.start(rig, input, { eventsPerRun: 30 }));
    },
  },
  'campaign-invalid': {
    play: async (rig) => {
      const campaign = await CampaignOnRig.start(rig, { items: [] });
      await campaign.failure();
      return campaign;
    },
  },
};
