/** The target of a migration on the list of VIMs, with a real bus between the worker and the adaptor. */
import { describe, expect } from 'vitest';
import type { PolicyInput } from '../../../src/shared/migration/contract.js';
import { eventsBesideTasks } from '../../support/history-cost.js';
import { it, type Rig } from '../../support/rig.js';
import { ack, later, ready } from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

const HASTE_MS = 1_000;
const PATIENCE_MS = 20_000;

function vim(vim_uuid: string, vim_name: string, more: object = {}): object {
  return { vim_uuid, vim_name, type: 'vm', core_total: 8, core_used: 1, ...more };
}

async function start(rig: Rig, policy: PolicyInput = {}): Promise<{ task: Task; id: string }> {
  const task = newTask(policy);
  return { task, id: await begin(rig, task) };
}

async function begin(rig: Rig, task: Task): Promise<string> {
  rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), later(50, ready(task.readyRecords))]);
  return await rig.start(task.input);
}

describe.concurrent('the target of a migration', () => {
  it('V1: is refused where the list does not have it, and nothing is sent', async ({ open }) => {
    const rig = await open({ vimListTimeoutMs: PATIENCE_MS });
    const known = newTask().input.vimUuid;
    await rig.mano.listVims([vim(known, 'Athens-200')]);
    const { task, id } = await start(rig);
    expect(await rig.failure(id)).toMatchObject({
      type: 'MigrationRejected',
      retryable: false,
      message: `no VIM ${task.input.vimUuid}; known are Athens-200 (${known}); not sent`,
      state: { attempts: [], mayBeRunning: false },
    });
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toEqual([]);
  });

  it('V2: is refused where it is of another type than the VNF needs', async ({ open }) => {
    const rig = await open({ vimListTimeoutMs: PATIENCE_MS, repository: true });
    const task = newTask();
    const { vimUuid } = task.input;
    rig.repository.settle(task);
    await rig.mano.listVims([vim(vimUuid, 'Aveiro-10', { type: 'container' })]);
    expect(await rig.failure(await begin(rig, task))).toMatchObject({
      type: 'MigrationRejected',
      message: `VIM Aveiro-10 (${vimUuid}) is of type container; the VNF needs one of type vm; not sent`,
    });
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toEqual([]);
  });

  it('has its name in the result, as the source has', async ({ open }) => {
    const rig = await open({ vimListTimeoutMs: PATIENCE_MS, repository: true });
    const task = newTask();
    rig.repository.settle(task);
    await rig.mano.listVims([vim(task.input.vimUuid, 'Aveiro-10'), vim(task.sourceVim, 'Athens-200')]);
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => {
      rig.repository.move(task);
      return [ack(), later(50, ready(task.readyRecords))];
    });
    const id = await rig.start(task.input);
    expect(await rig.migrations.result(id)).toMatchObject({
      outcome: 'migrated',
      vnfName: task.before.vnfrs[0]!.name,
      sourceVimName: 'Athens-200',
      targetVimName: 'Aveiro-10',
    });
    expect(await rig.migrations.status(id)).toMatchObject({ targetVimName: 'Aveiro-10', warning: null });
  });

  it('V3: is not verified where no adaptor answers: the migration goes on, and its state says why', async ({
    open,
  }) => {
    const rig = await open({ vimListTimeoutMs: HASTE_MS });
    const { id } = await start(rig);
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated', targetVimName: null });
    expect(await rig.migrations.status(id)).toMatchObject({
      warning: 'target not verified: no infrastructure adaptor answered within 1 s',
    });
  });

  it('costs one event where it is verified, and none where the policy turns that off', async ({ open }) => {
    const rig = await open({ vimListTimeoutMs: PATIENCE_MS });
    const [checked, unchecked] = [newTask(), newTask({ verifyTarget: 'off' })];
    await rig.mano.listVims([vim(checked.input.vimUuid, 'Athens-200')]);
    const events = async (task: Task): Promise<string[]> => {
      const id = await begin(rig, task);
      await rig.migrations.result(id);
      // The timer of the ack depends on whether ack and READY share a workflow task.
      return eventsBesideTasks(await rig.history(id)).filter((event) => !event.startsWith('TIMER_'));
    };
    const without = await events(unchecked);
    expect(rig.mano.vimListRequests).toHaveLength(0);
    const inOrder = [...without, 'MARKER_RECORDED'].sort();
    expect((await events(checked)).sort()).toEqual(inOrder);
  });

  it('V8: is looked for once by a hundred that start at once', async ({ open }) => {
    const rig = await open({ vimListTimeoutMs: PATIENCE_MS });
    const tasks = Array.from({ length: 100 }, () => newTask());
    await rig.mano.listVims(tasks.map(({ input }, at) => vim(input.vimUuid, `vim-${String(at)}`)));
    const ids = await Promise.all(tasks.map((task) => begin(rig, task)));
    const results = await Promise.all(ids.map((id) => rig.migrations.result(id)));
    expect(results.filter(({ outcome }) => outcome === 'migrated')).toHaveLength(100);
    expect(rig.mano.vimListRequests).toHaveLength(1);
  });
});
