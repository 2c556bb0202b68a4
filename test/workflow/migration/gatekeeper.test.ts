/** What is specific to the Gatekeeper route: its callbacks, its answers, and their absence. */
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { callbackUrlOf } from '../../../src/gatekeeper/callback-url.js';
import type { GatekeeperFaultsInput } from '../../../src/simulator/index.js';
import type { PolicyInput } from '../../../src/shared/migration/contract.js';
import { gatekeeperFaultsSchema } from '../../../src/simulator/gatekeeper.js';
import { eventsBesideTasks } from '../../support/history-cost.js';
import { eventually, it, type Rig, type RigOptions } from '../../support/rig.js';
import { ack, finalError, later, ready, type Script } from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

const THROUGH: PolicyInput = { transport: 'gatekeeper' };
const HASTY: PolicyInput = {
  ...THROUGH,
  ackTimeout: 1_000,
  finalTimeout: 1_000,
  probeTimeout: 300,
  maxProbes: 1,
};

interface Play {
  rig: Rig;
  task: Task;
  id: string;
}

type Open = (options: RigOptions) => Promise<Rig>;

/** A migration through a Gatekeeper of its own, whose faults are its alone. */
async function play(
  open: Open,
  given: {
    faults?: GatekeeperFaultsInput;
    script?: (task: Task) => Script;
    policy?: PolicyInput;
    rig?: RigOptions;
  },
): Promise<Play> {
  const rig = await open({ gatekeeper: true, ...given.rig });
  rig.gatekeeper.faults = gatekeeperFaultsSchema.parse(given.faults ?? {});
  const task = newTask(given.policy ?? THROUGH);
  const moves: Script = () => [ack(), later(300, ready(task.readyRecords))];
  rig.mano.onMigration(task.input.serviceInstanceUuid, given.script?.(task) ?? moves);
  return { rig, task, id: await rig.start(task.input) };
}

async function expectMigrated({ rig, task, id }: Play): Promise<void> {
  const { outcome, evidence, newVnfUuid } = await rig.migrations.result(id);
  expect({ outcome, evidence, newVnfUuid }).toEqual({
    outcome: 'migrated',
    evidence: 'reply',
    newVnfUuid: task.newVnfUuid,
  });
  expect(rig.mano.migrations(task.input.serviceInstanceUuid)).toHaveLength(1);
}

describe.concurrent('its callback', () => {
  it.for<[string, GatekeeperFaultsInput]>([
    ['lost: the request is asked after', { callback: 'lost' }],
    ['twice: it counts once', { callback: 'twice' }],
    ['late: the request was asked after meanwhile', { callback: 'late', delayMs: 4_000 }],
  ])('%s', async ([, faults], { open }) => {
    await expectMigrated(await play(open, { faults }));
  });

  it('carries records of the new VNF', async ({ open }) => {
    const { rig, task, id } = await play(open, {});
    expect(await rig.migrations.result(id)).toMatchObject({
      nsr: task.readyRecords.nsr,
      vnfrs: task.readyRecords.vnfrs,
      manoDurationSeconds: 1.4,
    });
    expect(rig.gatekeeper.requests()).toMatchObject([{ status: 'READY', vnf_uuid: task.input.vnfUuid }]);
  });

  it('is told an address that nobody can guess', async ({ open }) => {
    const { rig, id } = await play(open, {});
    await rig.migrations.result(id);
    const callback = rig.gatekeeper.requests()[0]?.callback;
    const [attempt] = (await rig.migrations.result(id)).attempts;
    expect(callback).toBe(callbackUrlOf(rig.callbackUrl, attempt!.correlationId));
    expect(attempt!.correlationId).toMatch(/:[0-9a-f]{16}$/);
  });
});

describe.concurrent('a forged callback', () => {
  it('is not believed, whatever it says: the Gatekeeper itself is asked', async ({ open }) => {
    const { rig, task, id } = await play(open, {
      script: () => () => [ack(), later(2_500, finalError('it did not work'))],
    });
    const { attempts } = await eventually(async () => {
      const state = await rig.migrations.status(id);
      expect(state.phase).toBe('awaiting-final');
      return state;
    });
    const url = callbackUrlOf(rig.callbackUrl, attempts[0]!.correlationId);
    const [request] = rig.gatekeeper.requests();
    const forged = { ...request, status: 'READY', function_uuids: task.readyRecords.vnfrs };
    expect(await post(url, forged)).toMatchObject({ status: 204, text: '' });
    expect(await post(url, { ...forged, id: randomUUID() })).toMatchObject({ status: 404, text: '' });
    expect(await rig.failure(id)).toMatchObject({ type: 'MigrationFailed' });
  });

  it('with another request than the address was given for is none', async ({ open }) => {
    const first = await play(open, { script: () => () => [ack()] });
    const { rig } = first;
    const other = newTask(THROUGH);
    rig.mano.onMigration(other.input.serviceInstanceUuid, () => [ack(), ready(other.readyRecords)]);
    await rig.migrations.result(await rig.start(other.input));
    const { attempts } = await rig.inPhase(first.id, 'awaiting-final');
    const url = callbackUrlOf(rig.callbackUrl, attempts[0]!.correlationId);
    const done = rig.gatekeeper.requests().find(({ status }) => status === 'READY');
    expect(await post(url, done)).toMatchObject({ status: 404 });
    expect((await rig.migrations.status(first.id)).phase).toBe('awaiting-final');
  });

  it.for<[string, (rig: Rig) => string, unknown, number]>([
    ['no address of ours', () => 'Zm9v', {}, 404],
    ['another deployment', () => idOf('vnfm:other:w:0123456789abcdef'), { id: 'x' }, 404],
    ['no JSON', (rig) => idOf(`vnfm:${rig.deployment}:w:0123456789abcdef`), '{"id": ', 400],
    ['no request', (rig) => idOf(`vnfm:${rig.deployment}:w:0123456789abcdef`), { status: 'READY' }, 400],
    ['too large', (rig) => idOf(`vnfm:${rig.deployment}:w:0123456789abcdef`), 'x'.repeat(9_000_000), 413],
    [
      'an unknown request',
      (rig) => idOf(`vnfm:${rig.deployment}:w:0123456789abcdef`),
      { id: '<script>alert(1)</script>' },
      404,
    ],
  ])('%s is refused, and nothing of it repeated', async ([, path, body, status], { routed }) => {
    const answer = await post(`${routed.callbackUrl}/${path(routed)}`, body).catch(() => ({
      status: 413,
      text: '',
    }));
    expect(answer).toEqual({ status, text: '' });
  });
});

describe.concurrent('its answer to the request', () => {
  it.for<[string, GatekeeperFaultsInput]>([
    ['is cut off', { post: 'dropped' }],
    ['says nothing', { post: '500' }],
  ])('%s: never posted again, the callback tells', async ([, faults], { open }) => {
    const played = await play(open, { faults });
    await expectMigrated(played);
    const [attempt] = (await played.rig.migrations.result(played.id)).attempts;
    expect(attempt?.sent).toBe('perhaps');
    expect(played.rig.gatekeeper.requests()).toHaveLength(1);
  });

  it('is cut off, and its callback lost: nothing is claimed', async ({ open }) => {
    const { rig, id } = await play(open, {
      faults: { post: 'dropped', callback: 'lost' },
      policy: { ...HASTY, probe: 'off' },
    });
    expect(await rig.failure(id)).toMatchObject({ type: 'MigrationNotAcknowledged', retryable: false });
    expect(rig.gatekeeper.requests()).toHaveLength(1);
  });

  it('is cut off, and after the first callback it is asked after, although the last is lost', async ({
    open,
  }) => {
    const { rig, task, id } = await play(open, { faults: { post: 'dropped' }, script: () => () => [ack()] });
    await rig.inPhase(id, 'awaiting-final');
    rig.gatekeeper.faults = gatekeeperFaultsSchema.parse({ callback: 'lost' });
    rig.mano.send({ ...ready(task.readyRecords), correlationId: rig.gatekeeper.requests()[0]?.id });
    await expectMigrated({ rig, task, id });
  });

  it('refuses it: nothing was sent', async ({ open }) => {
    const { rig, id } = await play(open, { faults: { refuse: 'The VNF UUID must be valid' } });
    expect(await rig.failure(id)).toMatchObject({
      type: 'MigrationRejected',
      message: expect.stringContaining('The VNF UUID must be valid') as string,
    });
  });

  it('comes when it is back: posted once', async ({ open }) => {
    const rig = await open({ gatekeeper: true });
    await rig.gatekeeper.pause();
    const task = newTask(THROUGH);
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), ready(task.readyRecords)]);
    const id = await rig.start(task.input);
    await rig.inPhase(id, 'publishing');
    await rig.gatekeeper.resume();
    await expectMigrated({ rig, task, id });
  });

  it('never comes: nothing was sent', async ({ open }) => {
    const rig = await open({ gatekeeper: true });
    await rig.gatekeeper.pause();
    const id = await rig.start(newTask({ ...THROUGH, publishTimeout: 1_000 }).input);
    const failure = await rig.failure(id);
    expect(failure).toMatchObject({ type: 'BrokerUnavailable', retryable: true });
    expect(failure.message).toContain('no Gatekeeper took the request');
    expect(failure.state.attempts.at(-1)?.sent).toBe('not-sent');
  });
});

describe.concurrent('a Gatekeeper that knows the request no more', () => {
  it('leaves it to the time limits', async ({ open }) => {
    const { rig, id } = await play(open, {
      faults: { callback: 'lost', get: '404' },
      policy: { ...HASTY, probe: 'off' },
    });
    expect(await rig.failure(id)).toMatchObject({ type: 'MigrationNotAcknowledged' });
  });
});

describe.concurrent('without a bus', () => {
  it('the Gatekeeper is way enough', async ({ open }) => {
    await expectMigrated(await play(open, { rig: { bus: false } }));
  });

  it('its silence ends without a probe, and nothing is claimed', async ({ open }) => {
    const { rig, task, id } = await play(open, {
      rig: { bus: false },
      policy: HASTY,
      script: () => () => [ack()],
    });
    expect(await rig.failure(id)).toMatchObject({
      type: 'MigrationOutcomeUnknown',
      state: { mayBeRunning: true },
    });
    expect(rig.mano.probes(task.input.serviceInstanceUuid)).toEqual([]);
  });

  it('a migration over the bus is refused', async ({ open }) => {
    const rig = await open({ gatekeeper: true, bus: false });
    const failure = await rig.failure(await rig.start(newTask().input));
    expect(failure).toMatchObject({ type: 'InvalidMigrationRequest' });
    expect(failure.message).toContain('AMQP_URL');
  });
});

it('a clean migration through it costs at most 18 events beside those of workflow tasks', async ({
  open,
}) => {
  const { rig, id } = await play(open, {
    script: (task) => () => [ack(), later(2_000, ready(task.readyRecords))],
  });
  await rig.migrations.result(id);
  expect(eventsBesideTasks(await rig.history(id)).length).toBeLessThanOrEqual(18);
});

function idOf(correlationId: string): string {
  return Buffer.from(correlationId).toString('base64url');
}

async function post(url: string, body: unknown): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}
