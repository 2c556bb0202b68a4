/** Callers in another namespace: the operations of the Nexus service, on the real server. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, describe, expect, inject } from 'vitest';
import type { moveVnfThroughNexus } from '../../examples/typescript/workflows.js';
import { runCli } from '../support/cli.js';
import type { callVnfMigration } from '../support/nexus-callers.js';
import { eventually, it, type Rig } from '../support/rig.js';
import { ack, later, ready, rejection, type Script } from '../support/scripted-mano.js';
import { newTask, type Task } from '../support/tasks.js';

const { temporalAddress: address } = inject('stack');
const namespace = `callers-${randomUUID()}`;
const taskQueue = 'callers';

interface Callers {
  client: Client;
  stop: () => Promise<void>;
}

/** Made after the first rig, which sets up the Runtime that all share. */
let callers: Promise<Callers> | null = null;

async function startCallers(): Promise<Callers> {
  const [connection, native, { code }] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
    bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../support/nexus-callers.ts', import.meta.url)),
    }),
  ]);
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  // The server takes some seconds to know it everywhere.
  const worker = await eventually(() =>
    Worker.create({ connection: native, namespace, taskQueue, workflowBundle: { code } }),
  );
  const running = worker.run();
  const stop = async (): Promise<void> => {
    worker.shutdown();
    await running;
    await Promise.all([connection.close(), native.close()]);
  };
  return { client: new Client({ connection, namespace }), stop };
}

afterAll(async () => (await callers)?.stop());

/** An endpoint to a rig's task queue, made as an operator makes it. */
async function endpointTo(rig: Rig): Promise<string> {
  const endpoint = `to-${rig.taskQueue}`;
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_TASK_QUEUE: rig.taskQueue };
  const { code, stderr } = await runCli(['setup', '--nexus-endpoint', endpoint], env);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return endpoint;
}

interface Called {
  rig: Rig;
  operation: 'migrate' | 'campaign';
  input: unknown;
}

async function call({ rig, operation, input }: Called) {
  const { client } = await (callers ??= startCallers());
  return await client.workflow.start<typeof callVnfMigration>('callVnfMigration', {
    taskQueue,
    workflowId: randomUUID(),
    args: [{ endpoint: await endpointTo(rig), operation, input }],
  });
}

async function untilOperationStarted(workflowId: string): Promise<void> {
  const { client } = await (callers ??= startCallers());
  await eventually(async () => {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    expect(events?.some((event) => event.nexusOperationStartedEventAttributes != null)).toBe(true);
  });
}

function scripted(rig: Rig, script: (task: Task) => Script): Task {
  const task = newTask();
  rig.mano.onMigration(task.input.serviceInstanceUuid, script(task));
  return task;
}

const goesWell =
  (task: Task): Script =>
  () => [ack(), later(300, ready(task.readyRecords))];

describe.concurrent('migrate', () => {
  it('gives the result of the migration, which is found under its own id', async ({ rig }) => {
    const task = scripted(rig, goesWell);
    const caller = await call({ rig, operation: 'migrate', input: task.input });
    expect(await caller.result()).toMatchObject({ outcome: 'migrated', newVnfUuid: task.newVnfUuid });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
    expect((await rig.migrations.status(`vnf-migration/${task.input.vnfUuid}`)).phase).toBe('closed');
  });

  it('fails with the type of the failure', async ({ rig }) => {
    const task = scripted(rig, () => () => [rejection(404)]);
    const caller = await call({ rig, operation: 'migrate', input: task.input });
    expect(await caller.result()).toMatchObject({ types: ['MigrationRejected'], phase: 'closed' });
  });

  it('refuses wrong input once, and for good', async ({ rig }) => {
    const caller = await call({ rig, operation: 'migrate', input: { vnfUuid: 'nonsense' } });
    expect(await caller.result()).toMatchObject({
      types: expect.arrayContaining(['InvalidMigrationRequest']) as unknown,
      message: expect.stringContaining('vimUuid') as unknown,
    });
  });

  it('called twice at a time moves the VNF once, and both hear of it', async ({ rig }) => {
    const task = scripted(rig, () => () => [ack()]);
    const first = await call({ rig, operation: 'migrate', input: task.input });
    const second = await call({ rig, operation: 'migrate', input: task.input });
    // The MANO ends it once both wait for it.
    for (const { workflowId } of [first, second]) await untilOperationStarted(workflowId);
    const [request] = rig.mano.migrations(task.input.serviceInstanceUuid);
    rig.mano.send({ ...ready(task.readyRecords), correlationId: request!.correlationId });
    const [one, other] = await Promise.all([first.result(), second.result()]);
    expect(one).toMatchObject({ newVnfUuid: task.newVnfUuid });
    expect(other).toEqual(one);
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('to another target than the one that runs is refused', async ({ rig }) => {
    const task = scripted(rig, () => () => [ack()]);
    const id = await rig.start(task.input);
    await rig.inPhase(id, 'awaiting-final');
    const input = { ...task.input, vimUuid: randomUUID() };
    const caller = await call({ rig, operation: 'migrate', input });
    expect(await caller.result()).toMatchObject({
      types: expect.arrayContaining(['OtherMigrationRunsError']) as unknown,
    });
    await rig.migrations.cancel(id);
  });

  it('cancelled by its caller is cancelled', async ({ rig }) => {
    const task = scripted(rig, () => () => [ack()]);
    const caller = await call({ rig, operation: 'migrate', input: task.input });
    const id = `vnf-migration/${task.input.vnfUuid}`;
    await eventually(async () => expect((await rig.migrations.status(id)).phase).toBe('awaiting-final'));
    await caller.cancel();
    await expect(caller.result()).rejects.toThrow();
    expect((await rig.migrations.describe(id)).status.name).toBe('CANCELLED');
  });
});

describe.concurrent('campaign', () => {
  it('moves its VNFs, and gives the result', async ({ rig }) => {
    const tasks = [scripted(rig, goesWell), scripted(rig, goesWell)];
    const items = tasks.map(({ input: { serviceInstanceUuid, vnfUuid, vimUuid } }) => ({
      serviceInstanceUuid,
      vnfUuid,
      vimUuid,
    }));
    const input = { name: `nexus-${randomUUID()}`, campaign: { items } };
    const caller = await call({ rig, operation: 'campaign', input });
    expect(await caller.result()).toMatchObject({ state: 'COMPLETED', counts: { MIGRATED: 2 } });
  });

  it.for([{ name: 'x', campaign: { items: [] } }, null, {}, { name: 5, campaign: {} }])(
    'refuses %j',
    async (input, { rig }) => {
      const caller = await call({ rig, operation: 'campaign', input });
      expect(await caller.result()).toMatchObject({
        types: expect.arrayContaining(['InvalidCampaign']) as unknown,
      });
    },
  );
});

it('the example for TypeScript tells how it ended', async ({ rig }) => {
  const task = scripted(rig, goesWell);
  const { client } = await (callers ??= startCallers());
  const ending = await client.workflow.execute<typeof moveVnfThroughNexus>('moveVnfThroughNexus', {
    taskQueue,
    workflowId: randomUUID(),
    args: [task.input, await endpointTo(rig)],
  });
  expect(ending).toEqual({ outcome: 'migrated', vnfUuid: task.newVnfUuid });
});

describe('setup --nexus-endpoint', () => {
  it('may be repeated; a name that leads elsewhere is refused', async ({ rig }) => {
    const endpoint = await endpointTo(rig);
    const env = { TEMPORAL_ADDRESS: address, TEMPORAL_TASK_QUEUE: rig.taskQueue };
    const again = await runCli(['setup', '--nexus-endpoint', endpoint], env);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('already') as unknown });
    const elsewhere = await runCli(['setup', '--nexus-endpoint', endpoint], {
      ...env,
      TEMPORAL_TASK_QUEUE: 'another',
    });
    expect(elsewhere.code).not.toBe(0);
    expect(elsewhere.stderr).toContain(`leads to ${rig.taskQueue} in default already`);
  });
});
