/**
 * A query reaches a worker that does not hold the workflow. The worker then reads the whole history, including
 * events that no workflow task has started with. A decision from a part of such a task could never be replayed.
 *
 * This happens in practice. A worker is killed, and a query waits for a living worker. A reply arrives before the
 * query is answered. The next reply arrives before the server has taken the task from the dead worker.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject } from 'vitest';
import { migrationStateQuery } from '../../../src/workflows/messages.js';
import { startCli } from '../../support/cli.js';
import { killed, lineOf } from '../../support/processes.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import { busy, ready } from '../../support/scripted-mano.js';
import { newTask } from '../../support/tasks.js';

it('asked between two replies that no worker has seen, a migration goes on as if nobody had asked', async ({
  open,
}) => {
  const rig = await open({ worker: false });
  const { input, readyRecords } = newTask();
  const worker = startCli(['worker', '--no-listener'], environmentOf(rig));
  await lineOf(worker, /started the worker/);
  const id = await rig.start(input);
  await rig.inPhase(id, 'awaiting-ack');
  await killed(worker);

  const asked = Promise.allSettled([
    rig.client.withDeadline(Date.now() + 20_000, () =>
      rig.client.workflow.getHandle(id).query(migrationStateQuery),
    ),
  ]);
  // The server must have the question before the reply; nothing tells that it has.
  await delay(1_000);
  const correlationId = rig.mano.migrations(input.serviceInstanceUuid)[0]?.correlationId;
  rig.mano.send({ ...busy(), correlationId });
  await eventually(async () => expect(await signalsOf(rig, id)).toBe(1));
  await rig.startWorker();
  await asked;
  rig.mano.send({ ...ready(readyRecords), correlationId });

  await rig.inPhase(id, 'closed');
  expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated' });
  // The rig replays it when it closes.
});

function environmentOf({ taskQueue, exchange, deployment }: Rig): NodeJS.ProcessEnv {
  const { temporalAddress, amqpUrl } = inject('stack');
  return {
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_TASK_QUEUE: taskQueue,
    AMQP_URL: amqpUrl,
    AMQP_EXCHANGE: exchange,
    DEPLOYMENT: deployment,
  };
}

async function signalsOf(rig: Rig, workflowId: string): Promise<number> {
  const { events } = await rig.history(workflowId);
  return events?.filter((event) => event.workflowExecutionSignaledEventAttributes).length ?? 0;
}
