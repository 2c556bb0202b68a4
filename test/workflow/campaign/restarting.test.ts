/** Starting a migration again: what MigrationClient.start does after each kind of ending. */
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { PolicyInput } from '../../../src/shared/migration/contract.js';
import { it, type Rig } from '../../support/rig.js';
import {
  ack,
  busy,
  CREATE_TOPIC,
  finalError,
  ready,
  rejection,
  type Script,
} from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

interface Past {
  policy?: PolicyInput;
  repository?: boolean;
  script: (task: Task, rig: Rig) => Script;
  /** What ends it, once it runs. */
  end?: (rig: Rig, id: string) => Promise<unknown>;
}

const deployFails = [ack(), finalError('mano.function.deploy', { topic: CREATE_TOPIC })];

async function terminate(rig: Rig, id: string): Promise<void> {
  await rig.inPhase(id, 'awaiting-final');
  await rig.client.workflow.getHandle(id).terminate();
}

async function cancelIn(
  rig: Rig,
  { id, phase }: { id: string; phase: 'busy' | 'awaiting-final' },
): Promise<void> {
  await rig.inPhase(id, phase);
  await rig.migrations.cancel(id);
}

/** A migration that has ended. */
async function afterwards(
  rig: Rig,
  { policy, repository, script, end }: Past,
): Promise<{ task: Task; id: string }> {
  const task = newTask(policy);
  if (repository === true) rig.repository.settle(task);
  rig.mano.onMigration(task.input.serviceInstanceUuid, script(task, rig));
  const id = await rig.start(task.input);
  await end?.(rig, id);
  await rig.migrations.ending(id);
  return { task, id };
}

describe.concurrent('while it runs', () => {
  it('the same request joins it', async ({ rig }) => {
    const task = newTask();
    const id = await rig.start(task.input);
    const first = await rig.migrations.describe(id);
    const upperCase = { ...task.input, vnfUuid: task.input.vnfUuid.toUpperCase() };
    for (const input of [task.input, upperCase, { ...task.input, policy: { maxAttempts: 1 } }]) {
      expect(await rig.migrations.start(input)).toEqual({ workflowId: id, runId: first.runId, isNew: false });
    }
  });

  it('ten starts at once are one run', async ({ rig }) => {
    const { input } = newTask();
    const started = await Promise.all(Array.from({ length: 10 }, () => rig.migrations.start(input)));
    expect(new Set(started.map(({ runId }) => runId)).size).toBe(1);
    expect(started.filter(({ isNew }) => isNew)).toHaveLength(1);
    await rig.migrations.cancel(started[0]!.workflowId);
  });

  it.for(['serviceInstanceUuid', 'vimUuid'] as const)('another %s is refused', async (field, { rig }) => {
    const task = newTask();
    const id = await rig.start(task.input);
    await expect(rig.migrations.start({ ...task.input, [field]: randomUUID() })).rejects.toMatchObject({
      name: 'OtherMigrationRunsError',
      message: expect.stringContaining(id) as string,
    });
  });

  it('another VNF under the same workflow id is refused', async ({ rig }) => {
    const task = newTask();
    const workflowId = `of the caller's choice/${randomUUID()}`;
    await rig.start(task.input, { workflowId });
    const other = { ...task.input, vnfUuid: randomUUID() };
    await expect(rig.migrations.start(other, { workflowId })).rejects.toMatchObject({
      name: 'OtherMigrationRunsError',
    });
  });

  it('a wrong request starts nothing, and every problem is named', async ({ rig }) => {
    const input = { ...newTask().input, vnfUuid: 'none', policy: { deadline: 'soon' } };
    await expect(rig.migrations.start(input)).rejects.toMatchObject({
      name: 'InvalidRequestError',
      problems: [expect.stringContaining('vnfUuid'), expect.stringContaining('policy.deadline')],
    });
  });
});

const MOVED: Past = { script: (task) => () => [ack(), ready(task.readyRecords)] };

describe.concurrent('after it moved', () => {
  it.for([{}, { afterUnknown: true }])(
    '%o: the old id is not sent again, the new one is told',
    async (options, { rig }) => {
      const { task } = await afterwards(rig, MOVED);
      const again = rig.migrations.start(task.input, options);
      await expect(again).rejects.toMatchObject({
        name: 'AlreadyMigratedError',
        message: expect.stringContaining(task.newVnfUuid) as string,
        result: { newVnfUuid: task.newVnfUuid },
      });
      expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
    },
  );
});

const MAY_START_ANEW: Record<string, Past> = {
  'it was there already': { script: () => () => [rejection('vnf already deployed on this vim')] },
  'the MANO refused it': { script: () => () => [rejection(404)] },
  'the service was busy': { policy: { busyTimeout: 1 }, script: () => () => [busy()] },
  'it failed, and the records are as they were': {
    repository: true,
    policy: { maxAttempts: 1 },
    script: () => () => deployFails,
  },
  'it was cancelled while the service was busy': {
    policy: { initialInterval: '20s', maximumInterval: '20s' },
    script: () => () => [busy()],
    end: (rig, id) => cancelIn(rig, { id, phase: 'busy' }),
  },
};

const ONLY_AFTER_A_LOOK: Record<string, Past> = {
  'nobody knows how': { policy: { deadline: 1_000 }, script: () => () => [ack()] },
  'it failed at the end': { script: () => () => deployFails },
  'it left a copy': {
    repository: true,
    script: (task, rig) => () => {
      rig.repository.leaveCopy(task);
      return deployFails;
    },
  },
  'it was cancelled with its request running': {
    script: () => () => [ack()],
    end: (rig, id) => cancelIn(rig, { id, phase: 'awaiting-final' }),
  },
  'it was terminated from outside': { script: () => () => [ack()], end: terminate },
};

describe.concurrent('after it changed nothing it may start anew', () => {
  it.for(Object.entries(MAY_START_ANEW))('%s', async ([, past], { rig: plain, rigWithRepository }) => {
    const rig = past.repository === true ? rigWithRepository : plain;
    const { task, id } = await afterwards(rig, past);
    const before = (await rig.migrations.describe(id)).runId;
    await startsAnew(rig, { task, before });
  });
});

describe.concurrent('after an ending that leaves a doubt it starts anew only with afterUnknown', () => {
  it.for(Object.entries(ONLY_AFTER_A_LOOK))('%s', async ([, past], { rig: plain, rigWithRepository }) => {
    const rig = past.repository === true ? rigWithRepository : plain;
    const { task, id } = await afterwards(rig, past);
    const before = (await rig.migrations.describe(id)).runId;
    await expect(rig.migrations.start(task.input)).rejects.toMatchObject({
      name: 'OutcomeUnknownError',
      message: expect.stringContaining(id) as string,
    });
    expect((await rig.migrations.describe(id)).runId).toBe(before);
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
    await startsAnew(rig, { task, before, afterUnknown: true });
  });
});

async function startsAnew(
  rig: Rig,
  { task, before, ...options }: { task: Task; before: string; afterUnknown?: boolean },
): Promise<void> {
  rig.mano.onMigration(task.input.serviceInstanceUuid, () => {
    if (rig.hasRepository) rig.repository.move(task);
    return [ack(), ready(task.readyRecords)];
  });
  const id = await rig.start(task.input, options);
  expect((await rig.migrations.describe(id)).runId).not.toBe(before);
  expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated', newVnfUuid: task.newVnfUuid });
}
