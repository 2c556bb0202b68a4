/** One migration on a real Temporal and a real bus, with a scripted MANO at the other end. */
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { parseCorrelationId } from '../../../src/shared/correlation-id.js';
import type { MigrationState, Phase } from '../../../src/shared/migration/contract.js';
import { eventsBesideTasks } from '../../support/history-cost.js';
import { eventually, it, type Rig } from '../../support/rig.js';
import {
  ack,
  busy,
  CREATE_TOPIC,
  finalError,
  free,
  later,
  MIGRATE_TOPIC,
  ready,
  rejection,
  type ManoRequest,
  type Script,
} from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const aTime = expect.stringMatching(ISO_TIME) as string;

/** Short waits, so that silence is noticed at once. */
const HASTY = { ackTimeout: 200, finalTimeout: 200, probeTimeout: 200, maxProbes: 2, maximumInterval: 200 };

const moves =
  (task: Task): Script =>
  () => [ack(), ready(task.readyRecords)];

async function migrate(rig: Rig, { task, script }: { task: Task; script: Script }): Promise<string> {
  rig.mano.onMigration(task.input.serviceInstanceUuid, script);
  return await rig.start(task.input);
}

describe.concurrent('a clean migration', () => {
  it('sends one request in the form of the contract', async ({ rig }) => {
    const task = newTask({ ackTimeout: '17s' });
    const id = await migrate(rig, { task, script: moves(task) });
    await rig.migrations.result(id);
    const { serviceInstanceUuid, vnfUuid, vimUuid } = task.input;
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toHaveLength(1);
    const [{ body, properties }] = rig.mano.requestsFor(task.input.serviceInstanceUuid) as [ManoRequest];
    expect(body).toBe(
      `service_instance_uuid: "${serviceInstanceUuid}"\nvnf_uuid: "${vnfUuid}"\nvim_uuid: "${vimUuid}"\n`,
    );
    const { correlationId, appId, replyTo, contentType, expiration, ...rest } = properties;
    expect({ appId, replyTo, contentType, expiration }).toEqual({
      appId: 'vnf-migrator',
      replyTo: 'service.instance.migrate',
      contentType: 'application/x-yaml',
      // Milliseconds as an integer: the broker closes the channel on anything else.
      expiration: '17000',
    });
    expect(Object.entries(rest).filter(([, value]) => value !== undefined)).toEqual([['headers', {}]]);
    expect(correlationId).toMatch(
      new RegExp(`^vnfm:${rig.deployment}:vnf-migration/${vnfUuid}:[0-9a-f]{16}$`),
    );
    expect(parseCorrelationId(String(correlationId))).toMatchObject({
      deployment: rig.deployment,
      workflowId: id,
    });
  });

  it('gives the result of the contract', async ({ rig }) => {
    const task = newTask();
    const id = await migrate(rig, {
      task,
      script: () => [ack(), later(300, ready(task.readyRecords))],
    });
    const result = await rig.migrations.result(id);
    const { serviceInstanceUuid, vnfUuid, vimUuid } = task.input;
    const reply = { error: null, topic: MIGRATE_TOPIC, at: aTime };
    expect(result).toEqual({
      outcome: 'migrated',
      evidence: 'reply',
      serviceInstanceUuid,
      vnfUuid,
      newVnfUuid: task.newVnfUuid,
      vimUuid,
      ...{ vnfName: null, serviceName: null, sourceVimName: null, targetVimName: null },
      attempts: [
        {
          number: 1,
          correlationId: rig.mano.requestsFor(task.input.serviceInstanceUuid)[0]?.correlationId,
          reason: 'first',
          sent: 'confirmed',
          startedAt: aTime,
          ackedAt: aTime,
          finalAt: aTime,
          replies: [
            { status: 'MIGRATING', isFinal: false, ...reply },
            { status: 'READY', isFinal: true, ...reply },
          ],
          notes: [],
        },
      ],
      durationMs: expect.any(Number) as number,
      manoDurationSeconds: 1.4,
      nsr: task.readyRecords.nsr,
      vnfrs: task.readyRecords.vnfrs,
      recordsSummarised: false,
    });
    expect(result.durationMs).toBeGreaterThan(300);
    expect(result.durationMs).toBeLessThan(20_000);
  });

  it('costs at most 12 events beside those of workflow tasks, and 16 KiB with records of 4 KiB', async ({
    rig,
  }) => {
    const task = newTask();
    const filler = 4_000 - JSON.stringify(task.readyRecords).length;
    task.readyRecords.nsr.sla_id = 'x'.repeat(filler);
    // Apart, so that nothing shares a workflow task.
    const id = await migrate(rig, {
      task,
      script: () => [later(300, ack()), later(300, ready(task.readyRecords))],
    });
    await rig.migrations.result(id);
    const events = eventsBesideTasks(await rig.history(id));
    const { historySize } = await rig.migrations.describe(id);
    expect(events.filter((event) => event === 'WORKFLOW_EXECUTION_SIGNALED')).toHaveLength(2);
    expect(events.length).toBeLessThanOrEqual(12);
    expect(historySize).toBeLessThanOrEqual(16 * 1024);
  });

  it.for(['full', 'none'] as const)(
    'with a repository, records %s: READY is verified',
    async (records, { rigWithRepository: rig }) => {
      const task = newTask({ records });
      rig.repository.settle(task);
      const id = await migrate(rig, {
        task,
        script: () => {
          rig.repository.move(task);
          return [ack(), ready(task.readyRecords)];
        },
      });
      expect(await rig.migrations.result(id)).toMatchObject({
        evidence: 'reply',
        newVnfUuid: task.newVnfUuid,
        nsr: records === 'full' ? task.readyRecords.nsr : null,
        vnfrs: records === 'full' ? task.readyRecords.vnfrs : null,
      });
    },
  );

  it('without records in READY names no new VNF', async ({ rig }) => {
    const task = newTask();
    const id = await migrate(rig, { task, script: () => [ack(), ready(null)] });
    const result = await rig.migrations.result(id);
    expect(result).toMatchObject({ outcome: 'migrated', newVnfUuid: null, nsr: null, vnfrs: null });
  });

  it.for([
    ['130 KiB', 130 * 1024],
    ['3 MB', 3_000_000],
  ] as const)('with records of %s gives their summary', async ([, bytes], { rig }) => {
    const task = newTask();
    task.readyRecords.nsr.virtual_links = manyLinks(task, bytes);
    const id = await migrate(rig, { task, script: moves(task) });
    const result = await rig.migrations.result(id);
    expect(result).toMatchObject({
      outcome: 'migrated',
      newVnfUuid: task.newVnfUuid,
      recordsSummarised: true,
      nsr: { network_functions: [{ vnfr_id: task.input.vnfUuid }] },
      vnfrs: [{ id: task.newVnfUuid, vim_ids: [task.input.vimUuid] }],
    });
    expect(JSON.stringify(result).length).toBeLessThan(10_000);
  });
});

describe.concurrent('replies in disorder', () => {
  it('a final that comes before the ack counts', async ({ rig }) => {
    const task = newTask();
    const id = await migrate(rig, { task, script: () => [ready(task.readyRecords), ack()] });
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
  });

  it('a final alone counts', async ({ rig }) => {
    const task = newTask();
    const id = await migrate(rig, { task, script: () => [ready(task.readyRecords)] });
    const result = await rig.migrations.result(id);
    expect(result).toMatchObject({ outcome: 'migrated', attempts: [{ ackedAt: null, finalAt: aTime }] });
  });

  it('the same reply many times is one event', async ({ rig }) => {
    const task = newTask();
    const acks = Array.from({ length: 20 }, ack);
    const id = await migrate(rig, {
      task,
      script: () => [...acks, later(500, ready(task.readyRecords)), ready(task.readyRecords)],
    });
    const result = await rig.migrations.result(id);
    expect(result.attempts[0]?.replies.map(({ status }) => status)).toEqual(['MIGRATING', 'READY']);
    const { events } = await rig.history(id);
    expect(events?.filter(({ workflowExecutionSignaledEventAttributes: signal }) => signal)).toHaveLength(2);
  });

  it('"still going on" with the id of the running request is no failure', async ({ rig }) => {
    const task = newTask();
    const id = await migrate(rig, {
      task,
      script: () => [ack(), busy(), later(300, ready(task.readyRecords))],
    });
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated' });
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('replies that come before the publish is known to be done count', async ({ open }) => {
    const gate = gateOf();
    const rig = await open({
      around: ({ publishRequest }) => ({
        publishRequest: async (input) => {
          const outcome = await publishRequest(input);
          await gate.promise;
          return outcome;
        },
      }),
    });
    const task = newTask();
    const id = await migrate(rig, { task, script: moves(task) });
    const state = await eventually(async () => {
      const now = await rig.migrations.status(id);
      // The listener signals both at once: either may be first.
      const statuses = now.attempts[0]?.replies.map(({ status }) => status);
      expect(statuses?.toSorted()).toEqual(['MIGRATING', 'READY']);
      return now;
    });
    expect(state).toMatchObject({ phase: 'publishing', attempts: [{ sent: 'publishing' }], verdict: null });
    gate.resolve();
    const result = await rig.migrations.result(id);
    expect(result).toMatchObject({
      outcome: 'migrated',
      evidence: 'reply',
      attempts: [{ sent: 'confirmed' }],
    });
  });

  it('a reply to a request that this run never sent is no verdict', async ({ open }) => {
    const rig = await open({ worker: false });
    const task = newTask();
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => [later(300, ack())]);
    const id = await rig.start(task.input);
    // An earlier run's, there before the first line of this one runs.
    rig.mano.send({ ...ready(task.readyRecords), correlationId: `vnfm:${rig.deployment}:${id}:0123` });
    await eventually(() => expect(rig.listener.fates.signalled).toBe(1));
    await rig.startWorker();
    const state = await rig.inPhase(id, 'awaiting-final');
    expect(state).toMatchObject({
      verdict: null,
      attempts: [{ finalAt: null, replies: [{ status: 'MIGRATING' }] }],
    });
    await rig.migrations.cancel(id);
  });

  it('a signal that is no reply is ignored', async ({ rig }) => {
    const task = newTask();
    const id = await migrate(rig, { task, script: () => [ack()] });
    await rig.inPhase(id, 'awaiting-final');
    const handle = rig.client.workflow.getHandle(id);
    for (const nonsense of [null, 'READY', {}, { status: 'READY' }])
      await handle.signal('manoReply', nonsense);
    const { correlationId } = rig.mano.requestsFor(task.input.serviceInstanceUuid)[0]!;
    rig.mano.send({ ...ready(task.readyRecords), correlationId });
    const result = await rig.migrations.result(id);
    expect(result.attempts[0]?.replies).toHaveLength(2);
  });
});

describe.concurrent('a migration that is not to be', () => {
  it.for([
    ['Missing vnf uuid', 'Missing vnf uuid'],
    [404, '404'],
    [{ http_code: 404, message: 'gone' }, 'gone'],
    ['nobody has ever seen this', 'nobody has ever seen this'],
  ] as const)('the rejection %j is the end of it', async ([error, text], { rig }) => {
    const task = newTask();
    const id = await migrate(rig, { task, script: () => [rejection(error)] });
    const failure = await rig.failure(id);
    expect(failure).toMatchObject({ type: 'MigrationRejected', retryable: false });
    expect(failure.message).toContain(text);
    expect(failure.state).toMatchObject({
      phase: 'closed',
      mayBeRunning: false,
      verdict: { outcome: 'failed', failureType: 'MigrationRejected', message: failure.message },
      attempts: [{ ackedAt: null, finalAt: null, replies: [{ status: 'ERROR', isFinal: false }] }],
    });
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('"already deployed on this vim" is already-there', async ({ rig }) => {
    const task = newTask();
    const id = await migrate(rig, { task, script: () => [rejection('vnf already deployed on this vim')] });
    const result = await rig.migrations.result(id);
    expect(result).toMatchObject({
      outcome: 'already-there',
      evidence: 'reply',
      newVnfUuid: null,
      nsr: null,
    });
  });

  it('with a repository that shows it on the target, nothing is sent', async ({ rigWithRepository: rig }) => {
    const task = newTask();
    rig.repository.settle(task);
    const input = { ...task.input, vimUuid: task.sourceVim };
    const id = await rig.start(input);
    expect(await rig.migrations.result(id)).toMatchObject({
      outcome: 'already-there',
      evidence: 'repository',
    });
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toEqual([]);
  });

  it.for([
    ['does not know the service', (rig: Rig, task: Task) => rig.repository.forgetService(task)],
    ['no longer lists the VNF', (rig: Rig, task: Task) => rig.repository.move(task)],
  ] as const)(
    'with a repository that %s, nothing is sent',
    async ([, change], { rigWithRepository: rig }) => {
      const task = newTask();
      rig.repository.settle(task);
      change(rig, task);
      const id = await rig.start(task.input);
      expect(await rig.failure(id)).toMatchObject({ type: 'MigrationRejected', retryable: false });
      expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toEqual([]);
    },
  );

  it.for([
    ['mano.function.deploy', CREATE_TOPIC],
    ['mano.function.remove', MIGRATE_TOPIC],
  ] as const)('the final ERROR %s on %s is heard', async ([error, topic], { rig }) => {
    const task = newTask();
    const id = await migrate(rig, { task, script: () => [ack(), later(100, finalError(error, { topic }))] });
    const failure = await rig.failure(id);
    expect(failure).toMatchObject({
      type: 'MigrationFailed',
      retryable: false,
      state: {
        mayBeRunning: true,
        attempts: [{ finalAt: aTime, replies: [{}, { error, topic, isFinal: true }] }],
      },
    });
    expect(failure.message).toContain(error);
    expect(failure.message.includes('a copy of it runs on the target VIM')).toBe(
      error === 'mano.function.remove',
    );
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('no word from anybody: probed maxProbes times, then not acknowledged', async ({ rig }) => {
    const task = newTask(HASTY);
    const id = await rig.start(task.input);
    const failure = await rig.failure(id);
    expect(failure).toMatchObject({
      type: 'MigrationNotAcknowledged',
      retryable: false,
      state: { mayBeRunning: true, attempts: [{ sent: 'confirmed', replies: [] }] },
    });
    expect(failure.state.attempts[0]?.notes).toHaveLength(2);
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid).map(({ kind }) => kind)).toEqual([
      'migration',
      'probe',
      'probe',
    ]);
    const [request, probe, again] = rig.mano.requestsFor(task.input.serviceInstanceUuid);
    expect(probe?.body).toBe(`service_instance_uuid: "${task.input.serviceInstanceUuid}"\n`);
    expect(new Set([request, probe, again].map((sent) => sent?.correlationId)).size).toBe(3);
  });

  it('with probe off, no probe is sent', async ({ rig }) => {
    const task = newTask({ ...HASTY, probe: 'off' });
    const id = await rig.start(task.input);
    expect(await rig.failure(id)).toMatchObject({ type: 'MigrationNotAcknowledged' });
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('not taken, says a free MANO: asked once more, an attempt spent', async ({ rig }) => {
    const task = newTask({ ...HASTY, maxAttempts: 2 });
    rig.mano.onProbe(task.input.serviceInstanceUuid, () => [free()]);
    const id = await migrate(rig, {
      task,
      script: (_, nth) => (nth === 1 ? [] : [ack(), ready(task.readyRecords)]),
    });
    const result = await rig.migrations.result(id);
    expect(result.attempts.map(({ reason }) => reason)).toEqual(['first', 'probe-says-not-taken']);
  });

  it('no final, and busy: it waits on, and a late final counts', async ({ rig }) => {
    const task = newTask(HASTY);
    const { serviceInstanceUuid } = task.input;
    rig.mano.onProbe(serviceInstanceUuid, () => [busy()]);
    const id = await migrate(rig, { task, script: () => [ack()] });
    await eventually(() => expect(rig.mano.probes(serviceInstanceUuid).length).toBeGreaterThan(2));
    expect((await rig.migrations.status(id)).verdict).toBeNull();
    rig.mano.send({
      ...ready(task.readyRecords),
      correlationId: rig.mano.requestsFor(task.input.serviceInstanceUuid)[0]!.correlationId,
    });
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
    expect(rig.mano.migrations(serviceInstanceUuid)).toHaveLength(1);
  });

  it('no ack, and busy: it was taken, and its final counts', async ({ rig }) => {
    const task = newTask({ ...HASTY, finalTimeout: '20s' });
    const { serviceInstanceUuid } = task.input;
    rig.mano.onProbe(serviceInstanceUuid, () => [busy()]);
    const id = await migrate(rig, { task, script: () => [] });
    await rig.inPhase(id, 'awaiting-final');
    rig.mano.send({
      ...ready(task.readyRecords),
      correlationId: rig.mano.requestsFor(task.input.serviceInstanceUuid)[0]!.correlationId,
    });
    expect(await rig.migrations.result(id)).toMatchObject({ attempts: [{ ackedAt: null, finalAt: aTime }] });
    expect(rig.mano.migrations(serviceInstanceUuid)).toHaveLength(1);
  });

  it('no final, and free: nobody can say', async ({ rig }) => {
    const task = newTask(HASTY);
    rig.mano.onProbe(task.input.serviceInstanceUuid, () => [free()]);
    const id = await migrate(rig, { task, script: () => [ack()] });
    expect(await rig.failure(id)).toMatchObject({
      type: 'MigrationOutcomeUnknown',
      retryable: false,
      state: { mayBeRunning: true },
    });
  });
});

describe.concurrent('a MANO that cannot now', () => {
  it.for([
    ['busy', busy(), 'service-was-busy'],
    ['its repository failing', rejection(500), 'mano-failed-to-read-its-repository'],
    ['its repository answering nonsense', rejection('400'), 'mano-failed-to-read-its-repository'],
  ] as const)('%s, then free: asked again, no attempt spent', async ([, answer, reason], { rig }) => {
    const task = newTask({ maxAttempts: 1 });
    const id = await migrate(rig, {
      task,
      script: (_, nth) => (nth < 3 ? [answer] : [ack(), ready(task.readyRecords)]),
    });
    const result = await rig.migrations.result(id);
    expect(result.attempts.map((attempt) => attempt.reason)).toEqual(['first', reason, reason]);
    const ids = rig.mano
      .requestsFor(task.input.serviceInstanceUuid)
      .map(({ correlationId }) => correlationId);
    expect(new Set(ids).size).toBe(3);
  });

  it.for([
    ['busy', busy(), 'ServiceBusy', 'the MANO must be restarted'],
    ['its repository failing', rejection(500), 'MigrationRejected', '500'],
  ] as const)(
    '%s for all of busyTimeout: a caller may try again',
    async ([, answer, type, text], { rig }) => {
      const task = newTask({ busyTimeout: 400 });
      const id = await migrate(rig, { task, script: () => [answer] });
      const failure = await rig.failure(id);
      expect(failure).toMatchObject({ type, retryable: true, state: { mayBeRunning: false } });
      expect(failure.message).toContain(text);
    },
  );

  it('no broker within publishTimeout: nothing was sent, a caller may try again', async ({ open }) => {
    const rig = await open({ publisher: false });
    const task = newTask({ publishTimeout: 300 });
    const id = await rig.start(task.input);
    expect(await rig.failure(id)).toMatchObject({
      type: 'BrokerUnavailable',
      retryable: true,
      state: { mayBeRunning: false, attempts: [{ sent: 'not-sent' }] },
    });
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)).toEqual([]);
  });

  it.for([
    ['silent', () => [], 'MigrationOutcomeUnknown', false],
    ['locked', () => [ack()], 'MigrationOutcomeUnknown', false],
    ['busy with others', () => [busy()], 'ServiceBusy', true],
  ] as const)('%s until the deadline', async ([, script, type, retryable], { rig }) => {
    const task = newTask({ deadline: 1_200, finalTimeout: 200 });
    rig.mano.onProbe(task.input.serviceInstanceUuid, () => [busy()]);
    const id = await migrate(rig, { task, script: () => [...script()] });
    const failure = await rig.failure(id);
    expect(failure).toMatchObject({ type, retryable, state: { mayBeRunning: !retryable } });
    expect(failure.message).toContain('deadline over');
    const { startedAt, deadlineAt } = failure.state;
    expect(Date.parse(deadlineAt!) - Date.parse(startedAt)).toBe(1_200);
  });
});

describe.concurrent('wrong input', () => {
  const { serviceInstanceUuid, vnfUuid, vimUuid } = newTask().input;
  const good = { serviceInstanceUuid, vnfUuid, vimUuid };

  it.for([
    ['null', null, ['expected one object']],
    ['a text', 'migrate', ['expected one object']],
    ['a list', [good], ['expected one object']],
    ['missing fields', {}, ['serviceInstanceUuid: ', 'vnfUuid: ', 'vimUuid: ']],
    ['no UUIDs', { ...good, vnfUuid: '1234567', vimUuid: 'a: b' }, ['vnfUuid: ', '"1234567"', 'vimUuid: ']],
    ['an unknown field', { ...good, vimUUID: vimUuid }, ['vimUUID']],
    [
      'policies',
      {
        ...good,
        policy: { ackTimeout: '2 parsecs', finalTimeout: 0, deadline: '31d', maxAttempts: 1.5, nonsense: 1 },
      },
      [
        'policy.ackTimeout: ',
        'policy.finalTimeout: ',
        'policy.deadline: ',
        'policy.maxAttempts: ',
        'nonsense',
      ],
    ],
    [
      'intervals in disorder',
      { ...good, policy: { initialInterval: '1h', maximumInterval: '1m' } },
      ['policy.maximumInterval: '],
    ],
    [
      'a Gatekeeper that the worker does not know',
      { ...good, policy: { transport: 'gatekeeper' } },
      ['policy.transport is gatekeeper'],
    ],
  ] as const)('%s: every problem is named, and nothing is sent', async ([, input, named], { rig }) => {
    const { workflowId } = await rig.startRaw(input);
    const failure = await rig.failure(workflowId);
    expect(failure).toMatchObject({
      type: 'InvalidMigrationRequest',
      retryable: false,
      state: { request: null, phase: 'closed', attempts: [], mayBeRunning: false },
    });
    for (const text of named) expect(failure.message).toContain(text);
    expect(failure.state.verdict?.message).toBe(failure.message);
    expect(rig.mano.requestsFor(serviceInstanceUuid)).toEqual([]);
  });

  it('a workflow id that makes too long a correlation id', async ({ rig }) => {
    const { workflowId } = await rig.startRaw(good, { workflowId: 'ü'.repeat(120) });
    const failure = await rig.failure(workflowId);
    expect(failure).toMatchObject({ type: 'InvalidMigrationRequest', retryable: false });
    expect(failure.message).toMatch(/workflow id is too long.*255/);
    expect(rig.mano.requestsFor(serviceInstanceUuid)).toEqual([]);
  });

  it('the longest workflow id is echoed whole', async ({ rig }) => {
    const task = newTask();
    rig.mano.onMigration(task.input.serviceInstanceUuid, moves(task));
    const room = 255 - `vnfm:${rig.deployment}::`.length - 16;
    const { workflowId } = await rig.startRaw(task.input, { workflowId: ':'.repeat(room) });
    expect(await rig.migrations.result(workflowId)).toMatchObject({ outcome: 'migrated' });
    expect(rig.mano.requestsFor(task.input.serviceInstanceUuid)[0]?.correlationId).toHaveLength(255);
  });
});

interface Scene {
  repository?: boolean;
  policy?: Parameters<typeof newTask>[0];
  script?: Script;
  probes?: Script;
  prepare?: (rig: Rig, task: Task) => void;
  mayBeRunning: boolean;
}

/** How a migration comes into each phase, and stays there. `validating` lasts no longer than a workflow task. */
const SCENES: Partial<Record<Phase, Scene>> = {
  'pre-flight': {
    repository: true,
    prepare: (rig, task) => rig.repository.be('hangs', task),
    mayBeRunning: false,
  },
  'awaiting-ack': { script: () => [], mayBeRunning: true },
  'awaiting-final': { script: () => [ack()], mayBeRunning: true },
  busy: {
    script: () => [busy()],
    policy: { initialInterval: '20s', maximumInterval: '20s' },
    mayBeRunning: false,
  },
  probing: {
    script: () => [],
    policy: { ackTimeout: 100, probeTimeout: '20s' },
    mayBeRunning: true,
  },
  reconciling: {
    repository: true,
    script: () => [ack(), finalError('mano.function.deploy')],
    prepare: (rig, task) => {
      rig.mano.onMigration(task.input.serviceInstanceUuid, () => {
        rig.repository.be('hangs', task);
        return [ack(), finalError('mano.function.deploy')];
      });
    },
    mayBeRunning: true,
  },
  'awaiting-operator': {
    script: () => [ack(), finalError('mano.function.deploy')],
    policy: { onUnknownOutcome: 'wait' },
    mayBeRunning: true,
  },
};

async function play(rig: Rig, scene: Scene): Promise<{ id: string; task: Task }> {
  const task = newTask(scene.policy);
  const { serviceInstanceUuid } = task.input;
  if (scene.repository === true) rig.repository.settle(task);
  if (scene.script !== undefined) rig.mano.onMigration(serviceInstanceUuid, scene.script);
  if (scene.probes !== undefined) rig.mano.onProbe(serviceInstanceUuid, scene.probes);
  scene.prepare?.(rig, task);
  return { task, id: await rig.start(task.input) };
}

describe.concurrent('in each phase', () => {
  const scenes = Object.entries(SCENES) as [Phase, Scene][];

  it.for(scenes)(
    '%s: shown to the query and in the details',
    async ([phase, scene], { rig: plain, rigWithRepository }) => {
      const rig = scene.repository === true ? rigWithRepository : plain;
      const { id, task } = await play(rig, scene);
      const state = await rig.inPhase(id, phase);
      const { serviceInstanceUuid, vnfUuid, vimUuid } = task.input;
      expect(state).toMatchObject({
        request: { serviceInstanceUuid, vnfUuid, vimUuid },
        verdict: null,
        startedAt: aTime,
        deadlineAt: aTime,
        mayBeRunning: scene.mayBeRunning,
      } satisfies Partial<MigrationState>);
      const details = await detailsOf(rig, id);
      expect(details).toContain(`**${phase}**`);
      expect(details).toContain(`VNF \`${vnfUuid}\` to VIM \`${vimUuid}\``);
      if (state.nextStepAt !== null) expect(details).toContain(state.nextStepAt);
    },
  );

  it.for(scenes)(
    '%s: cancelled at once, and the memo tells what may run',
    async ([phase, scene], { rig: plain, rigWithRepository }) => {
      const rig = scene.repository === true ? rigWithRepository : plain;
      const { id } = await play(rig, scene);
      await rig.inPhase(id, phase);
      await rig.migrations.cancel(id);
      const ending = await rig.migrations.ending(id);
      expect(ending).toMatchObject({
        kind: 'error',
        error: {
          type: null,
          state: { phase: 'closed', mayBeRunning: scene.mayBeRunning, verdict: { outcome: 'cancelled' } },
        },
      });
      const { status, closeTime } = await rig.migrations.describe(id);
      expect(status.name).toBe('CANCELLED');
      expect(closeTime!.getTime() - (await cancelRequestedAt(rig, id))).toBeLessThan(3_000);
      // The query tells the same after the end.
      expect(await rig.migrations.status(id)).toMatchObject({
        phase: 'closed',
        mayBeRunning: scene.mayBeRunning,
      });
    },
  );

  it.for(scenes.filter(([phase]) => phase !== 'awaiting-operator'))(
    '%s: an operator is not asked',
    async ([phase, scene], { rig: plain, rigWithRepository }) => {
      const rig = scene.repository === true ? rigWithRepository : plain;
      const { id } = await play(rig, scene);
      await rig.inPhase(id, phase);
      await expect(
        rig.migrations.resolve(id, { outcome: 'migrated', actor: 'test', reason: 'test' }),
      ).rejects.toMatchObject({
        cause: { message: expect.stringContaining(`its phase is ${phase}`) as string },
      });
      expect((await rig.migrations.status(id)).phase).toBe(phase);
    },
  );

  it('closed: shown to the query and in the details', async ({ rig }) => {
    const { id, task } = await play(rig, { mayBeRunning: false });
    await rig.inPhase(id, 'awaiting-ack');
    rig.mano.send({
      ...ready(task.readyRecords),
      correlationId: rig.mano.requestsFor(task.input.serviceInstanceUuid)[0]!.correlationId,
    });
    await rig.migrations.result(id);
    expect(await rig.migrations.status(id)).toMatchObject({
      phase: 'closed',
      verdict: { outcome: 'migrated', evidence: 'reply', failureType: null, newVnfUuid: task.newVnfUuid },
      mayBeRunning: false,
      nextStepAt: null,
    });
    expect(await detailsOf(rig, id)).toContain('**migrated**');
  });

  it('publishing: cancelled, the publish under way is finished first', async ({ open }) => {
    const rig = await open({ publisher: false });
    const { id, task } = await play(rig, { script: () => [ack()], mayBeRunning: true });
    await rig.inPhase(id, 'publishing');
    await rig.migrations.cancel(id);
    await eventually(() => cancelRequestedAt(rig, id));
    expect((await rig.migrations.describe(id)).status.name).toBe('RUNNING');
    rig.startPublisher();
    expect(await rig.migrations.ending(id)).toMatchObject({
      kind: 'error',
      error: { type: null, state: { mayBeRunning: true, attempts: [{ sent: 'confirmed' }] } },
    });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('publishing: cancelled and then not sent, it closes as cancelled', async ({ open }) => {
    const rig = await open({ publisher: false });
    const { id } = await play(rig, { policy: { publishTimeout: 800 }, mayBeRunning: false });
    await rig.inPhase(id, 'publishing');
    await rig.migrations.cancel(id);
    expect(await rig.migrations.ending(id)).toMatchObject({
      kind: 'error',
      error: { type: null, state: { mayBeRunning: false, attempts: [{ sent: 'not-sent' }] } },
    });
  });

  it('publishing: once cancelled, no other request follows', async ({ open }) => {
    const gate = gateOf();
    const rig = await open({
      around: ({ publishRequest }) => ({
        publishRequest: async (input) => {
          const outcome = await publishRequest(input);
          await gate.promise;
          return outcome;
        },
      }),
    });
    const policy = { initialInterval: 1, maximumInterval: 1, busyTimeout: '1h' } as const;
    const { id, task } = await play(rig, { script: () => [busy()], policy, mayBeRunning: false });
    await eventually(async () =>
      expect((await rig.migrations.status(id)).attempts[0]?.replies).toHaveLength(1),
    );
    await rig.migrations.cancel(id);
    await eventually(() => cancelRequestedAt(rig, id));
    gate.resolve();
    expect(await rig.migrations.ending(id)).toMatchObject({ error: { type: null } });
    expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
  });

  it('publishing: cancelled, but READY is there: the truth is told', async ({ open }) => {
    const gate = gateOf();
    const rig = await open({
      around: ({ publishRequest }) => ({
        publishRequest: async (input) => {
          const outcome = await publishRequest(input);
          await gate.promise;
          return outcome;
        },
      }),
    });
    const task = newTask();
    const id = await migrate(rig, { task, script: moves(task) });
    await eventually(async () =>
      expect((await rig.migrations.status(id)).attempts[0]?.replies).toHaveLength(2),
    );
    await rig.migrations.cancel(id);
    gate.resolve();
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated' });
  });
});

describe.concurrent('an operator resolves what nobody knows', () => {
  const wait = SCENES['awaiting-operator']!;
  const newVnfUuid = randomUUID();

  it('as migrated', async ({ rig }) => {
    const { id } = await play(rig, wait);
    await rig.inPhase(id, 'awaiting-operator');
    await rig.migrations.resolve(id, { outcome: 'migrated', newVnfUuid, actor: 'ada', reason: 'saw it run' });
    expect(await rig.migrations.result(id)).toMatchObject({
      outcome: 'migrated',
      evidence: 'operator',
      newVnfUuid,
      nsr: null,
    });
    expect((await rig.migrations.status(id)).verdict?.message).toBe(
      'ada resolved it as migrated: saw it run',
    );
  });

  it('as not migrated', async ({ rig }) => {
    const { id } = await play(rig, wait);
    await rig.inPhase(id, 'awaiting-operator');
    await rig.migrations.resolve(id, { outcome: 'not-migrated', actor: 'ada', reason: 'it is where it was' });
    const failure = await rig.failure(id);
    expect(failure).toMatchObject({ type: 'MigrationFailed', retryable: false });
    expect(failure.message).toContain('ada resolved it as not-migrated: it is where it was');
  });

  it.for([
    ['no object', 'migrated', 'expected one object'],
    ['nothing', undefined, 'expected one object'],
    ['an outcome of its own', { outcome: 'moved', actor: 'a', reason: 'b' }, 'outcome: '],
    ['nobody, for no reason', { outcome: 'migrated', actor: ' ', reason: '' }, 'actor: '],
    ['no UUID', { outcome: 'migrated', newVnfUuid: 'x', actor: 'a', reason: 'b' }, 'newVnfUuid: '],
    ['an unknown field', { outcome: 'migrated', actor: 'a', reason: 'b', who: 'c' }, 'who'],
  ] as const)('but not with %s', async ([, resolution, text], { rig }) => {
    const { id } = await play(rig, wait);
    await rig.inPhase(id, 'awaiting-operator');
    const handle = rig.client.workflow.getHandle(id);
    await expect(handle.executeUpdate('resolveMigration', { args: [resolution] })).rejects.toMatchObject({
      cause: { type: 'InvalidResolution', message: expect.stringContaining(text) as string },
    });
    // A refused update leaves no trace.
    const { events } = await rig.history(id);
    expect(events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toBe(false);
    expect((await rig.migrations.status(id)).phase).toBe('awaiting-operator');
  });

  it('and a late READY resolves it, too', async ({ rig }) => {
    const { id, task } = await play(rig, wait);
    await rig.inPhase(id, 'awaiting-operator');
    rig.mano.send({
      ...ready(task.readyRecords),
      correlationId: rig.mano.requestsFor(task.input.serviceInstanceUuid)[0]!.correlationId,
    });
    expect(await rig.migrations.result(id)).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
  });
});

function manyLinks({ readyRecords }: Task, bytes: number): Task['readyRecords']['nsr']['virtual_links'] {
  const { virtual_links: links } = readyRecords.nsr;
  const copies = Math.ceil(bytes / JSON.stringify(links).length);
  return Array.from({ length: copies }, () => links).flat();
}

async function detailsOf(rig: Rig, id: string): Promise<string> {
  const handle = rig.client.workflow.getHandle(id);
  const { currentDetails } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return currentDetails ?? '';
}

/** Throws if it was not requested. */
async function cancelRequestedAt(rig: Rig, id: string): Promise<number> {
  const { events } = await rig.history(id);
  const event = events?.find((one) => one.workflowExecutionCancelRequestedEventAttributes);
  expect(event).toBeDefined();
  return Number(event?.eventTime?.seconds) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1e6;
}

/** A promise that is kept from outside. */
function gateOf(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((keep) => (resolve = keep));
  return { promise, resolve };
}
