/**
 * The same migrations over the bus and through the Gatekeeper have the same verdicts.
 *
 * Cases that the Gatekeeper cannot express are not here: it consumes only one topic, and it loses no acks.
 */
import { describe, expect } from 'vitest';
import type { Evidence, PolicyInput } from '../../../src/shared/migration/contract.js';
import { it, type Rig } from '../../support/rig.js';
import {
  ack,
  busy,
  CREATE_TOPIC,
  finalError,
  free,
  later,
  ready,
  rejection,
  silence,
  type Script,
} from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

const HASTY = {
  ackTimeout: 1_500,
  finalTimeout: 1_500,
  probeTimeout: 500,
  maxProbes: 2,
  maximumInterval: 500,
};

interface Case {
  title: string;
  policy?: PolicyInput;
  repository?: boolean;
  /** What the MANO does, in terms of the task. */
  script: (task: Task, rig: Rig) => Script;
  probe?: Script;
  /** The outcome and its evidence, or the type of the failure. */
  ending: { outcome: 'migrated' | 'already-there'; evidence: Evidence } | { type: string; message?: string };
  requests: number;
}

const cases: Case[] = [
  {
    title: 'READY',
    script: (task) => () => [ack(), later(200, ready(task.readyRecords))],
    ending: { outcome: 'migrated', evidence: 'reply' },
    requests: 1,
  },
  {
    title: 'READY without an ack',
    script: (task) => () => [ready(task.readyRecords)],
    ending: { outcome: 'migrated', evidence: 'reply' },
    requests: 1,
  },
  {
    title: 'READY that the records confirm',
    repository: true,
    script: (task, rig) => () => {
      rig.repository.move(task);
      return [ack(), ready(task.readyRecords)];
    },
    ending: { outcome: 'migrated', evidence: 'reply' },
    requests: 1,
  },
  {
    title: 'an unknown VNF',
    script: () => () => [rejection(404)],
    ending: { type: 'MigrationRejected', message: '404' },
    requests: 1,
  },
  {
    title: 'a VNF that is there already',
    script: () => () => [rejection('vnf already deployed on this vim')],
    ending: { outcome: 'already-there', evidence: 'reply' },
    requests: 1,
  },
  {
    title: 'a busy service',
    script: (task) => (_, nth) => (nth === 1 ? [busy()] : [ack(), ready(task.readyRecords)]),
    ending: { outcome: 'migrated', evidence: 'reply' },
    requests: 2,
  },
  {
    title: 'a service that stays busy',
    policy: { busyTimeout: 1 },
    script: () => () => [busy()],
    ending: { type: 'ServiceBusy' },
    requests: 1,
  },
  {
    title: 'a MANO whose repository fails once',
    script: (task) => (_, nth) => (nth === 1 ? [rejection(500)] : [ack(), ready(task.readyRecords)]),
    ending: { outcome: 'migrated', evidence: 'reply' },
    requests: 2,
  },
  {
    title: 'a removal that fails',
    repository: true,
    script: () => () => [ack(), later(200, finalError('mano.function.remove'))],
    ending: { type: 'MigrationFailed', message: 'mano.function.remove' },
    requests: 1,
  },
  {
    title: 'a final ERROR that left everything as it was',
    repository: true,
    script: (task, rig) => (_, nth) => {
      if (nth === 1) return [ack(), finalError('it did not work')];
      rig.repository.move(task);
      return [ack(), ready(task.readyRecords)];
    },
    ending: { outcome: 'migrated', evidence: 'reply' },
    requests: 2,
  },
  {
    title: 'a final ERROR without records to look at',
    script: () => () => [ack(), finalError('it did not work')],
    ending: { type: 'MigrationFailed', message: 'it did not work' },
    requests: 1,
  },
  {
    title: 'an ERROR on the other topic, which moved nothing',
    repository: true,
    policy: { ...HASTY, maxAttempts: 1 },
    script: () => () => [ack(), finalError('no room', { topic: CREATE_TOPIC })],
    probe: () => [free()],
    ending: { type: 'MigrationFailed' },
    requests: 1,
  },
  {
    title: 'a final reply that never comes, of a VNF that has moved',
    repository: true,
    policy: HASTY,
    script: (task, rig) => () => {
      rig.repository.move(task);
      return [ack()];
    },
    probe: () => [free()],
    ending: { outcome: 'migrated', evidence: 'repository' },
    requests: 1,
  },
  {
    title: 'a final reply that never comes, without records to look at',
    policy: HASTY,
    script: () => () => [ack()],
    probe: () => [free()],
    ending: { type: 'MigrationOutcomeUnknown' },
    requests: 1,
  },
  {
    title: 'a MANO that is busy with it for longer than the time limit',
    policy: { ...HASTY, finalTimeout: 600 },
    script: (task) => () => [ack(), later(2_500, ready(task.readyRecords))],
    probe: () => [busy()],
    ending: { outcome: 'migrated', evidence: 'reply' },
    requests: 1,
  },
  {
    title: 'a MANO that never answers',
    policy: HASTY,
    script: () => silence,
    ending: { type: 'MigrationNotAcknowledged' },
    requests: 1,
  },
  {
    title: 'a request that the MANO did not take',
    // Without a repository only the bus can tell: the Gatekeeper may have missed the replies.
    repository: true,
    policy: HASTY,
    script: (task, rig) => (_, nth) => {
      if (nth === 1) return [];
      rig.repository.move(task);
      return [ack(), ready(task.readyRecords)];
    },
    probe: () => [free()],
    ending: { outcome: 'migrated', evidence: 'reply' },
    requests: 2,
  },
];

const routes = ['bus', 'gatekeeper'] as const;
const table = cases.flatMap((one) => routes.map((transport) => [one.title, transport, one] as const));

describe.concurrent('both routes', () => {
  it.for(table)('%s: %s', async ([, transport, one], { routed, routedWithRepository }) => {
    const rig = one.repository === true ? routedWithRepository : routed;
    const task = newTask({ ...one.policy, transport });
    const { serviceInstanceUuid } = task.input;
    if (one.repository === true) rig.repository.settle(task);
    rig.mano.onMigration(serviceInstanceUuid, one.script(task, rig));
    rig.mano.onProbe(serviceInstanceUuid, one.probe ?? silence);
    const id = await rig.start(task.input);
    const { ending } = one;
    if ('type' in ending) {
      const { type, message } = await rig.failure(id);
      expect({ type, message }).toEqual({
        type: ending.type,
        message: expect.stringContaining(ending.message ?? '') as string,
      });
    } else {
      const { outcome, evidence, newVnfUuid } = await rig.migrations.result(id);
      const expected = outcome === 'migrated' ? task.newVnfUuid : null;
      expect({ outcome, evidence, newVnfUuid }).toEqual({ ...ending, newVnfUuid: expected });
    }
    expect(rig.mano.migrations(serviceInstanceUuid)).toHaveLength(one.requests);
  });
});
