/** Pages of campaigns and migrations, as Temporal's visibility has them. */
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { campaignPage } from '../../src/client/campaign-list.js';
import {
  migrationPage,
  type ListedMigration,
  type MigrationFilters,
} from '../../src/client/migration-list.js';
import { CampaignOnRig, goodTasks, listOf } from '../support/campaigns.js';
import { eventually, it, type Rig } from '../support/rig.js';
import { ack } from '../support/scripted-mano.js';
import type { Task } from '../support/tasks.js';

/** A page at a time, to the end. */
async function pagesOf(rig: Rig, filters: MigrationFilters): Promise<ListedMigration[][]> {
  const pages: ListedMigration[][] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const { migrations, nextCursor } = await migrationPage(rig.client, { pageSize: 2, cursor, filters });
    if (migrations.length > 0) pages.push(migrations);
    cursor = nextCursor ?? undefined;
    more = nextCursor !== null;
  }
  return pages;
}

describe.concurrent('migrations', () => {
  it('are listed page by page, each once, with what moves where for which campaign', async ({ rig }) => {
    const tasks = goodTasks(rig, { count: 5 });
    // Callers choose workflow ids as they like.
    const workflowId = `vnf-campaign/it's ${randomUUID()}`;
    const campaign = await CampaignOnRig.start(rig, listOf(tasks), { workflowId });
    await campaign.result();
    const pages = await eventually(async () => {
      const listed = await pagesOf(rig, { campaign: workflowId, status: 'Completed' });
      expect(listed.map(({ length }) => length)).toEqual([2, 2, 1]);
      return listed;
    });
    const ids = pages.flat().map(({ vnfUuid }) => vnfUuid);
    expect(ids.sort()).toEqual(tasks.map(({ input }) => input.vnfUuid).sort());
    const { vnfUuid, serviceInstanceUuid, vimUuid } = tasks[0]!.input;
    const [[one] = []] = await pagesOf(rig, { vnf: vnfUuid, service: serviceInstanceUuid, vim: vimUuid });
    expect(one).toMatchObject({
      ...{ workflowId: `vnf-migration/${vnfUuid}`, status: 'COMPLETED', campaign: workflowId },
      ...{ vnfUuid, serviceInstanceUuid, sourceVimUuid: null, targetVimUuid: vimUuid },
    });
    expect(await pagesOf(rig, { campaign: `x' OR WorkflowType = 'migrateVnf` })).toEqual([]);
  });
});

describe.concurrent('campaigns', () => {
  it('are listed with how far each is, by its own word or by what Temporal keeps', async ({ rig }) => {
    const [done, held] = goodTasks(rig, { count: 2 }) as [Task, Task];
    rig.mano.onMigration(held.input.serviceInstanceUuid, () => [ack()]);
    const ended = await CampaignOnRig.start(rig, listOf([done]));
    await ended.result();
    const running = await CampaignOnRig.start(rig, listOf([held]));
    await running.until(({ counts }) => expect(counts.RUNNING).toBe(1));
    const rowOf = async ({ handle }: CampaignOnRig, status: 'Running' | 'Completed') => {
      const { campaigns } = await campaignPage(rig.client, { status, pageSize: 100 });
      return campaigns.find(({ workflowId }) => workflowId === handle.workflowId);
    };
    await eventually(async () => {
      expect(await rowOf(running, 'Running')).toMatchObject({
        ...{ name: running.handle.workflowId.slice('vnf-campaign/'.length), status: 'RUNNING' },
        ...{ state: 'RUNNING', counts: { RUNNING: 1 }, closedAt: null },
      });
      expect(await rowOf(ended, 'Completed')).toMatchObject({
        ...{ status: 'COMPLETED', state: 'COMPLETED', counts: { MIGRATED: 1 } },
        closedAt: expect.any(String) as string,
      });
    });
    expect(await rowOf(ended, 'Running')).toBeUndefined();
  });
});
