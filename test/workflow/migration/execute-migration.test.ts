/** A workflow of another project migrates a VNF as one of its steps. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, describe, expect, inject } from 'vitest';
import { migrationWorkflowId } from '../../../src/shared/names.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import { ack, ready, rejection, type Script } from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';
import type { moveAndTell } from '../../support/caller-workflows.js';

const taskQueue = `caller-${randomUUID()}`;

/** Made after the first rig, which sets up the Runtime that all share. */
let callers: Promise<{ stop: () => Promise<void> }> | null = null;

async function startCallers(): Promise<{ stop: () => Promise<void> }> {
  const connection = await NativeConnection.connect({ address: inject('stack').temporalAddress });
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../support/caller-workflows.ts', import.meta.url)),
  });
  // Nothing but the SDK and zod: whoever imports the helper into a workflow gets no Node.
  expect(code).not.toMatch(/amqplib|js-yaml/);
  const worker = await Worker.create({ connection, taskQueue, workflowBundle: { code } });
  const running = worker.run();
  const stop = async (): Promise<void> => {
    worker.shutdown();
    await running;
    await connection.close();
  };
  return { stop };
}

afterAll(async () => (await callers)?.stop());

async function call(rig: Rig, { task, script }: { task: Task; script: Script }) {
  await (callers ??= startCallers());
  rig.mano.onMigration(task.input.serviceInstanceUuid, script);
  return await rig.client.workflow.start<typeof moveAndTell>('moveAndTell', {
    taskQueue,
    workflowId: randomUUID(),
    args: [{ input: task.input, taskQueue: rig.taskQueue }],
  });
}

describe.concurrent('the helper for workflows', () => {
  it('gives the result', async ({ rig }) => {
    const task = newTask();
    const caller = await call(rig, { task, script: () => [ack(), ready(task.readyRecords)] });
    expect(await caller.result()).toBe(`migrated ${task.newVnfUuid}`);
  });

  it('tells what kind of failure it was, and what is known', async ({ rig }) => {
    const caller = await call(rig, { task: newTask(), script: () => [rejection(404)] });
    expect(await caller.result()).toBe('MigrationRejected in closed');
  });

  it('tells of wrong input', async ({ rig }) => {
    const task = newTask();
    const wrong = { ...task, input: { ...task.input, vimUuid: 'nonsense' } };
    const caller = await call(rig, { task: wrong, script: () => [] });
    expect(await caller.result()).toBe('InvalidMigrationRequest in closed');
  });

  it('leaves the migration watched when the caller is killed', async ({ rig }) => {
    const task = newTask();
    const caller = await call(rig, { task, script: () => [ack()] });
    const id = migrationWorkflowId(task.input.vnfUuid);
    await eventually(async () => expect((await rig.migrations.status(id)).phase).toBe('awaiting-final'));
    await caller.terminate();
    const [request] = rig.mano.migrations(task.input.serviceInstanceUuid);
    rig.mano.send({ ...ready(task.readyRecords), correlationId: request?.correlationId });
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated' });
  });

  it('takes the cancellation of its caller along', async ({ rig }) => {
    const task = newTask();
    const caller = await call(rig, { task, script: () => [ack()] });
    const id = migrationWorkflowId(task.input.vnfUuid);
    await eventually(async () => expect((await rig.migrations.status(id)).phase).toBe('awaiting-final'));
    await caller.cancel();
    expect(await caller.result()).toBe('no failure of a migration');
    expect((await rig.migrations.describe(id)).status.name).toBe('CANCELLED');
  });
});
