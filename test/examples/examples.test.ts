/** Every example for callers, against every kind of ending, on real servers. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject } from 'vitest';
import type { FailureType } from '../../src/shared/migration/failures.js';
import { it, type Rig } from '../support/rig.js';
import {
  ack,
  busy,
  finalError,
  free,
  later,
  ready,
  rejection,
  silence,
  type Script,
} from '../support/scripted-mano.js';
import { newTask, type Task } from '../support/tasks.js';
import { toolchains, type Way } from './toolchains.js';

const execute = promisify(execFile);
const { present, missing } = await toolchains();
if (missing.length > 0) console.warn(`[examples] not run, because they are not here: ${missing.join(', ')}`);

beforeAll(async () => {
  for (const { prepare } of present) await prepare();
});

interface Play {
  rig: Rig;
  task: Task;
  script?: Script;
  probe?: Script;
}

/** Runs an example with the task's request, as its head says; gives the line that it prints. */
async function ending(way: Way, { rig, task, script = silence, probe }: Play): Promise<unknown> {
  const { serviceInstanceUuid } = task.input;
  rig.mano.onMigration(serviceInstanceUuid, script);
  if (probe !== undefined) rig.mano.onProbe(serviceInstanceUuid, probe);
  const { stdout } = await execute(way.command, [...way.args, JSON.stringify(task.input)], {
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: inject('stack').temporalAddress,
      TEMPORAL_TASK_QUEUE: rig.taskQueue,
    },
  });
  return JSON.parse(stdout);
}

const failure = (type: FailureType, next: string) =>
  expect.objectContaining({ failure: type, next: expect.stringContaining(next) as unknown }) as unknown;

const HASTY = { ackTimeout: 500, finalTimeout: 500, probeTimeout: 300, maxProbes: 1, maxAttempts: 1 };

describe.each(present.flatMap(({ ways }) => ways))('$name', (way) => {
  it('migrated', async ({ rig }) => {
    const task = newTask();
    const script: Script = () => [ack(), later(200, ready(task.readyRecords))];
    const moved = { outcome: 'migrated', vnfUuid: task.newVnfUuid };
    expect(await ending(way, { rig, task, script })).toEqual(moved);
  });

  it('InvalidMigrationRequest', async ({ rig }) => {
    const task = newTask();
    task.input.vimUuid = 'nonsense';
    expect(await ending(way, { rig, task })).toEqual(failure('InvalidMigrationRequest', 'mend'));
  });

  it('MigrationRejected', async ({ rig }) => {
    const play: Play = { rig, task: newTask(), script: () => [rejection(404)] };
    expect(await ending(way, play)).toEqual(failure('MigrationRejected', 'nothing was moved'));
  });

  it('MigrationFailed', async ({ rig }) => {
    const play: Play = { rig, task: newTask(), script: () => [ack(), finalError('no room')] };
    expect(await ending(way, play)).toEqual(failure('MigrationFailed', 'copy'));
  });

  it('MigrationOutcomeUnknown', async ({ rig }) => {
    const play: Play = { rig, task: newTask(HASTY), script: () => [ack()], probe: () => [free()] };
    expect(await ending(way, play)).toEqual(failure('MigrationOutcomeUnknown', 'where the VNF is'));
  });

  it('MigrationNotAcknowledged', async ({ rig }) => {
    const play: Play = { rig, task: newTask(HASTY) };
    expect(await ending(way, play)).toEqual(failure('MigrationNotAcknowledged', 'MANO'));
  });

  it('ServiceBusy', async ({ rig }) => {
    const play: Play = { rig, task: newTask({ busyTimeout: 1 }), script: () => [busy()] };
    expect(await ending(way, play)).toEqual(failure('ServiceBusy', 'later'));
  });

  it('BrokerUnavailable', async ({ open }) => {
    const rig = await open({ publisher: false });
    const play: Play = { rig, task: newTask({ publishTimeout: 1_000 }) };
    expect(await ending(way, play)).toEqual(failure('BrokerUnavailable', 'later'));
  });
});
