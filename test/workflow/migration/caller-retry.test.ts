/**
 * A caller starts `migrateVnf` with its own retry policy, the most impatient one possible. Whatever the ending, no
 * harmful request is sent. The requests that the MANO received prove it.
 */
import { describe, expect } from 'vitest';
import type { FailureType } from '../../../src/shared/migration/failures.js';
import type { PolicyInput } from '../../../src/shared/migration/contract.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import {
  ack,
  busy,
  CREATE_TOPIC,
  finalError,
  free,
  ready,
  rejection,
  silence,
  type Script,
} from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

const IMPATIENT = { initialInterval: '100 ms', backoffCoefficient: 1 } as const;
const HASTY = { ackTimeout: 200, finalTimeout: 200, probeTimeout: 100, maxProbes: 2, maxAttempts: 1 };

interface Ending {
  policy?: PolicyInput;
  script: (task: Task, rig: Rig) => Script;
  probes?: Script;
  repository?: boolean;
}

async function begin(rig: Rig, ending: Ending) {
  const task = newTask(ending.policy);
  const { serviceInstanceUuid } = task.input;
  if (ending.repository === true) rig.repository.settle(task);
  rig.mano.onMigration(serviceInstanceUuid, ending.script(task, rig));
  rig.mano.onProbe(serviceInstanceUuid, ending.probes ?? silence);
  const handle = await rig.startRaw(task.input, { retry: IMPATIENT });
  return { task, handle };
}

/** How many runs the retry policy made of the start. */
async function runsOf(rig: Rig, { workflowId, firstExecutionRunId }: Started): Promise<number> {
  return (await rig.chain(workflowId, firstExecutionRunId)).length;
}

interface Started {
  workflowId: string;
  firstExecutionRunId: string;
}

const deployFails = [ack(), finalError('mano.function.deploy', { topic: CREATE_TOPIC })];
const removalFails = [ack(), finalError('mano.function.remove')];

const LAST: Record<string, Ending & { type: FailureType }> = {
  'the MANO refuses it': {
    script: () => () => [rejection(404)],
    type: 'MigrationRejected',
  },
  'it failed at the end': { script: () => () => deployFails, type: 'MigrationFailed' },
  'the removal failed': { script: () => () => removalFails, type: 'MigrationFailed' },
  'the removal failed, and the records are as they were': {
    repository: true,
    script: () => () => removalFails,
    type: 'MigrationFailed',
  },
  'it failed and left a copy': {
    repository: true,
    script: (task, rig) => () => {
      rig.repository.leaveCopy(task);
      return deployFails;
    },
    type: 'MigrationFailed',
  },
  'nobody answers': { policy: HASTY, script: () => silence, type: 'MigrationNotAcknowledged' },
  'nobody answers, and the records are as they were': {
    policy: HASTY,
    repository: true,
    script: () => silence,
    type: 'MigrationNotAcknowledged',
  },
  'not taken, says the MANO, and no attempt is left': {
    policy: HASTY,
    script: () => silence,
    probes: () => [free()],
    type: 'MigrationNotAcknowledged',
  },
  'the final is lost': {
    policy: HASTY,
    script: () => () => [ack()],
    probes: () => [free()],
    type: 'MigrationOutcomeUnknown',
  },
  'the service is locked until the deadline': {
    policy: { ...HASTY, deadline: 1_000 },
    script: () => () => [ack()],
    probes: () => [busy()],
    type: 'MigrationOutcomeUnknown',
  },
  'the VNF is gone from the records': {
    policy: HASTY,
    repository: true,
    script: (task, rig) => () => {
      rig.repository.unlist(task);
      return deployFails;
    },
    type: 'MigrationFailed',
  },
};

describe.concurrent('after an ending that may have changed something there is no second run', () => {
  it.for(Object.entries(LAST))('%s', async ([, ending], { rig: plain, rigWithRepository }) => {
    const rig = ending.repository === true ? rigWithRepository : plain;
    const { task, handle } = await begin(rig, ending);
    expect(await rig.failure(handle.workflowId)).toMatchObject({ type: ending.type, retryable: false });
    expect(await runsOf(rig, handle)).toBe(1);
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('the request is wrong', async ({ rig }) => {
    const { input } = newTask();
    const handle = await rig.startRaw({ ...input, vnfUuid: 'none' }, { retry: IMPATIENT });
    expect(await rig.failure(handle.workflowId)).toMatchObject({ type: 'InvalidMigrationRequest' });
    expect(await runsOf(rig, handle)).toBe(1);
    expect(rig.mano.requestsFor(input.serviceInstanceUuid)).toEqual([]);
  });

  it('an operator says that it did not move', async ({ rig }) => {
    const { task, handle } = await begin(rig, {
      policy: { onUnknownOutcome: 'wait' },
      script: () => () => deployFails,
    });
    await rig.inPhase(handle.workflowId, 'awaiting-operator');
    const word = { outcome: 'not-migrated', actor: 'ada', reason: 'it is where it was' } as const;
    await rig.migrations.resolve(handle.workflowId, word);
    expect(await rig.failure(handle.workflowId)).toMatchObject({ type: 'MigrationFailed', retryable: false });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('it is cancelled while its request runs', async ({ rig }) => {
    const { task, handle } = await begin(rig, { script: () => () => [ack()] });
    await rig.inPhase(handle.workflowId, 'awaiting-final');
    await handle.cancel();
    expect(await rig.migrations.ending(handle.workflowId)).toMatchObject({ error: { type: null } });
    expect(await runsOf(rig, handle)).toBe(1);
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it("its run is cut short by a time limit of the caller's own", async ({ rig }) => {
    const task = newTask();
    const { serviceInstanceUuid } = task.input;
    rig.mano.onMigration(serviceInstanceUuid, () => [ack()]);
    const handle = await rig.startRaw(task.input, { retry: IMPATIENT, workflowRunTimeout: 2_000 });
    expect(await rig.failure(handle.workflowId)).toMatchObject({
      type: 'MigrationOutcomeUnknown',
      retryable: false,
      state: { mayBeRunning: true },
    });
    expect(await runsOf(rig, handle)).toBeGreaterThan(1);
    expect(rig.mano.migrations(serviceInstanceUuid)).toHaveLength(1);
  });

  it('it moved', async ({ rig }) => {
    const { task, handle } = await begin(rig, {
      script:
        ({ readyRecords }) =>
        () => [ack(), ready(readyRecords)],
    });
    await handle.result();
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('it is there already', async ({ rig }) => {
    const { task, handle } = await begin(rig, {
      script: () => () => [rejection('vnf already deployed on this vim')],
    });
    expect(await handle.result()).toMatchObject({ outcome: 'already-there' });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });
});

/** The answers that say that nothing was done, until one request is taken. */
const untilTaken =
  (refusals: number, refusal: Script): Ending['script'] =>
  (task, rig) =>
  (request, nth) => {
    if (nth <= refusals) return refusal(request, nth);
    if (rig.hasRepository) rig.repository.move(task);
    return [ack(), ready(task.readyRecords)];
  };

const AGAIN: Record<string, Ending & { type: FailureType; requests: number }> = {
  'the service is busy': {
    policy: { busyTimeout: 1 },
    script: untilTaken(2, () => [busy()]),
    type: 'ServiceBusy',
    requests: 3,
  },
  "the MANO's repository fails": {
    policy: { busyTimeout: 1 },
    script: untilTaken(2, () => [rejection(500)]),
    type: 'MigrationRejected',
    requests: 3,
  },
  'it failed, and the records are as they were': {
    policy: { maxAttempts: 1 },
    repository: true,
    script: untilTaken(2, () => deployFails),
    type: 'MigrationFailed',
    requests: 3,
  },
  'not taken, and the records are as they were': {
    policy: HASTY,
    repository: true,
    script: untilTaken(1, silence),
    probes: () => [free()],
    type: 'MigrationNotAcknowledged',
    requests: 2,
  },
};

describe.concurrent('after an ending where nothing was done the caller may run it again', () => {
  it.for(Object.entries(AGAIN))('%s', async ([, ending], { rig: plain, rigWithRepository }) => {
    const rig = ending.repository === true ? rigWithRepository : plain;
    const { task, handle } = await begin(rig, ending);
    expect(await handle.result()).toMatchObject({ outcome: 'migrated', attempts: [{}] });
    const runs = await rig.chain(handle.workflowId, handle.firstExecutionRunId);
    expect(runs).toHaveLength(ending.requests);
    const types = runs.map(
      ({ history }) =>
        history.events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo?.type,
    );
    expect(types).toEqual([...Array.from({ length: ending.requests - 1 }, () => ending.type), undefined]);
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(ending.requests);
  });

  it('the repository cannot be read: nothing is sent until it can', async ({ rigWithRepository: rig }) => {
    const { task, handle } = await begin(rig, {
      policy: { busyTimeout: 1 },
      repository: true,
      script: (asked, { repository }) => {
        repository.be('broken', asked);
        return untilTaken(0, silence)(asked, rig);
      },
    });
    await eventually(async () => expect(await runsOf(rig, handle)).toBeGreaterThan(1));
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toEqual([]);
    rig.repository.be('up', task);
    expect(await handle.result()).toMatchObject({ outcome: 'migrated' });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('there is no broker: one request leaves once there is', async ({ open }) => {
    const rig = await open({ publisher: false });
    const { task, handle } = await begin(rig, {
      policy: { publishTimeout: 200 },
      script: untilTaken(0, silence),
    });
    await eventually(async () => expect(await runsOf(rig, handle)).toBeGreaterThan(1));
    rig.startPublisher();
    expect(await handle.result()).toMatchObject({ outcome: 'migrated' });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });
});
