/** Replies are lost on purpose. The migration looks for evidence, and sends nothing blindly. */
import { describe, expect } from 'vitest';
import type { PolicyInput } from '../../../src/shared/migration/contract.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import {
  ack,
  busy,
  CREATE_TOPIC,
  finalError,
  free,
  ready,
  type ScriptedReply,
} from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

const HASTY: PolicyInput = { ackTimeout: 300, finalTimeout: 300 };

/** A MANO that moves the VNF, and of whose replies only these arrive. */
async function moveIt(rig: Rig, { task, heard }: { task: Task; heard: ScriptedReply[] }): Promise<string> {
  const { serviceInstanceUuid } = task.input;
  if (rig.hasRepository) rig.repository.settle(task);
  rig.mano.onProbe(serviceInstanceUuid, () => [free()]);
  rig.mano.onMigration(serviceInstanceUuid, () => {
    if (rig.hasRepository) rig.repository.move(task);
    return heard;
  });
  return await rig.start(task.input);
}

const LOST = [
  ['READY', [ack()]],
  ['every reply', []],
  ['READY, after a final ERROR', [ack(), finalError('monitoring failed', { topic: CREATE_TOPIC })]],
] as const;

describe.concurrent('after the VNF moved', () => {
  it.for(LOST)(
    '%s is lost: the records tell, and no second request leaves',
    async ([, heard], { rigWithRepository: rig }) => {
      const task = newTask({ ...HASTY, onUnknownOutcome: 'retry' });
      const id = await moveIt(rig, { task, heard: [...heard] });
      expect(await rig.migrations.result(id)).toMatchObject({
        outcome: 'migrated',
        evidence: 'repository',
        newVnfUuid: task.newVnfUuid,
        nsr: null,
        vnfrs: null,
      });
      expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
    },
  );

  it('READY is lost, without a repository: nobody knows, and no second request leaves', async ({ rig }) => {
    const task = newTask(HASTY);
    const id = await moveIt(rig, { task, heard: [ack()] });
    expect(await rig.failure(id)).toMatchObject({ type: 'MigrationOutcomeUnknown', retryable: false });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('READY is lost while the repository is down: it waits for it', async ({ rigWithRepository: rig }) => {
    const task = newTask(HASTY);
    const { serviceInstanceUuid } = task.input;
    rig.repository.settle(task);
    rig.mano.onProbe(serviceInstanceUuid, () => [free()]);
    rig.mano.onMigration(serviceInstanceUuid, () => {
      rig.repository.move(task);
      rig.repository.be('down', task);
      return [ack()];
    });
    const id = await rig.start(task.input);
    await eventually(async () => {
      const { attempts } = await rig.migrations.status(id);
      expect(attempts[0]?.notes.at(-1)).toContain('unreadable');
    });
    rig.repository.be('up', task);
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated', evidence: 'repository' });
    expect(rig.mano.migrations(serviceInstanceUuid)).toHaveLength(1);
  });

  it('a READY that the records contradict is set aside', async ({ rigWithRepository: rig }) => {
    const task = newTask({ deadline: 1_500 });
    rig.repository.settle(task);
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), ready(task.readyRecords)]);
    const id = await rig.start(task.input);
    expect(await rig.failure(id)).toMatchObject({ type: 'MigrationOutcomeUnknown', retryable: false });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });
});

describe.concurrent('after a removal that failed', () => {
  const heard = [ack(), finalError('mano.function.remove')];

  it.for(['fail', 'retry'] as const)(
    'onUnknownOutcome %s: no retry, and the copy is named',
    async (onUnknownOutcome, { rigWithRepository: rig }) => {
      const task = newTask({ onUnknownOutcome });
      rig.repository.settle(task);
      rig.mano.onMigration(task.input.serviceInstanceUuid, () => {
        rig.repository.leaveCopy(task);
        return heard;
      });
      const id = await rig.start(task.input);
      const failure = await rig.failure(id);
      expect(failure).toMatchObject({
        type: 'MigrationFailed',
        retryable: false,
        state: { mayBeRunning: true },
      });
      expect(failure.message).toContain(`on the target VIM: ${task.newVnfUuid}`);
      expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
    },
  );

  it.for(['fail', 'retry'] as const)(
    'without a repository, onUnknownOutcome %s: no retry, and a copy is spoken of',
    async (onUnknownOutcome, { rig }) => {
      const task = newTask({ onUnknownOutcome });
      rig.mano.onMigration(task.input.serviceInstanceUuid, () => heard);
      const failure = await rig.failure(await rig.start(task.input));
      expect(failure).toMatchObject({ type: 'MigrationFailed', retryable: false });
      expect(failure.message).toContain('a copy of it runs on the target VIM');
      expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
    },
  );
});

describe.concurrent('a VNF that the repository no longer lists is never sent again', () => {
  const deployFails = [ack(), finalError('mano.function.deploy', { topic: CREATE_TOPIC })];

  it.for([
    ['as untouched', deployFails, {}],
    ['because the service was busy', [busy()], {}],
    // Longer than the grace that "free" is given.
    ['because it was not taken', [], { ackTimeout: 300, initialInterval: '5s', maximumInterval: '5s' }],
  ] as const)('not %s', async ([, heard, policy], { rigWithRepository: rig }) => {
    const task = newTask({ initialInterval: '1s', maximumInterval: '1s', ...policy });
    const { serviceInstanceUuid } = task.input;
    rig.repository.settle(task);
    rig.mano.onProbe(serviceInstanceUuid, () => [free()]);
    rig.mano.onMigration(serviceInstanceUuid, () => [...heard]);
    const id = await rig.start(task.input);
    // The second request is decided upon; now it must not leave any more.
    await eventually(async () => {
      const { phase, attempts } = await rig.migrations.status(id);
      const decided = heard === deployFails || heard.length === 0;
      if (decided)
        expect([phase, attempts[0]?.notes.at(-1)]).toEqual([
          'publishing',
          expect.stringContaining('untouched'),
        ]);
      else expect(phase).toBe('busy');
    });
    rig.repository.unlist(task);
    expect(await rig.failure(id)).toMatchObject({ retryable: false });
    expect(rig.mano.migrations(serviceInstanceUuid)).toHaveLength(1);
  });

  it('not because the policy says so', async ({ rigWithRepository: rig }) => {
    const task = newTask({ onUnknownOutcome: 'retry' });
    rig.repository.settle(task);
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => {
      rig.repository.unlist(task);
      return deployFails;
    });
    const failure = await rig.failure(await rig.start(task.input));
    expect(failure).toMatchObject({ type: 'MigrationOutcomeUnknown', retryable: false });
    expect(failure.message).toContain('not sent again');
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });
});
