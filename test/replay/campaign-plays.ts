/** The script for each recorded campaign. */
import { expect } from 'vitest';
import { CampaignOnRig, goodTasks, listOf } from '../support/campaigns.js';
import { eventually, type Rig } from '../support/rig.js';
import { ack, free, ready, rejection } from '../support/scripted-mano.js';
import { newTask } from '../support/tasks.js';
import type { CampaignName } from './campaign-scenarios.js';

export interface CampaignPlay {
  /** With the records of a repository. */
  repository?: boolean;
  /** Starts it, does what happens while it runs, and returns when it has ended. */
  play: (rig: Rig) => Promise<CampaignOnRig>;
}

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
  'campaign-invalid': {
    play: async (rig) => {
      const campaign = await CampaignOnRig.start(rig, { items: [] });
      await campaign.failure();
      return campaign;
    },
  },
};
