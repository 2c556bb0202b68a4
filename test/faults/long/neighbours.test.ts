/**
 * Other participants on the same bus: a second deployment of vnf-migrator in the same namespace, a Gatekeeper, and
 * a client like sonmano.
 */
import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { expect, inject } from 'vitest';
import { MIGRATE_TOPIC, SLM_APP_ID } from '../../../src/mano/topics.js';
import type { PolicyInput } from '../../../src/shared/migration/contract.js';
import { it, type Rig } from '../../support/rig.js';
import { ack, later, ready } from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';

const MIGRATIONS_EACH = 200;
/** What many at once wait for each other is no silence. */
const PATIENT: PolicyInput = { ackTimeout: '3m', finalTimeout: '3m', deadline: '5m', records: 'none' };

it(
  'two deployments, 200 migrations each at once, beside others: none crossed',
  { timeout: 240_000 },
  async ({ open }) => {
    const exchange = `son-kernel.shared-${randomUUID().slice(0, 8)}`;
    const [left, right] = await Promise.all([open({ exchange, gatekeeper: true }), open({ exchange })]);
    const stranger = await Stranger.open(exchange);

    const migrations = [left, right].flatMap((rig) => manyTasks(rig).map((task) => migrate(rig, task)));
    const throughGatekeeper = migrate(left, newTask({ ...PATIENT, transport: 'gatekeeper' }));
    await stranger.ask(right);
    const results = await Promise.all([...migrations, throughGatekeeper]);

    expect(results.filter((crossed) => crossed !== null)).toEqual([]);
    await stranger.answered();
    for (const rig of [left, right]) {
      // Its own acks and finals, each once; what was the other's it never looked into.
      expect(rig.listener.fates).toMatchObject({
        signalled: 2 * MIGRATIONS_EACH,
        parked: 0,
        late: 0,
        requeued: 0,
      });
      expect(rig.listener.fates.foreign).toBeGreaterThanOrEqual(2 * MIGRATIONS_EACH);
      expect(await rig.parked()).toBe(0);
    }
    // The stranger's queue has everybody's replies: ours took none of them away.
    expect(stranger.replies).toBeGreaterThanOrEqual(4 * MIGRATIONS_EACH);
    await stranger.close();
  },
);

function manyTasks(rig: Rig): Task[] {
  return Array.from({ length: MIGRATIONS_EACH }, () => {
    const task = newTask(PATIENT);
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), later(200, ready(task.readyRecords))]);
    return task;
  });
}

/** Null if it ended as it should; else what it got. */
async function migrate(rig: Rig, task: Task): Promise<unknown> {
  const { serviceInstanceUuid } = task.input;
  rig.mano.onMigration(serviceInstanceUuid, () => [ack(), later(200, ready(task.readyRecords))]);
  const result = await rig.migrations.result(await rig.start(task.input));
  const isRight =
    result.newVnfUuid === task.newVnfUuid &&
    result.attempts.length === 1 &&
    rig.mano.migrations(serviceInstanceUuid).length === 1;
  return isRight ? null : result;
}

/** A client like sonmano: a queue of its own, random correlation ids, another app_id. */
class Stranger {
  replies = 0;
  private own = 0;
  private readonly correlationId = randomUUID();

  private constructor(
    private readonly model: Awaited<ReturnType<typeof connect>>,
    private readonly channel: Awaited<ReturnType<Stranger['model']['createChannel']>>,
    private readonly exchange: string,
  ) {}

  static async open(exchange: string): Promise<Stranger> {
    const model = await connect(inject('stack').amqpUrl);
    const channel = await model.createChannel();
    const stranger = new Stranger(model, channel, exchange);
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchange, MIGRATE_TOPIC);
    await channel.consume(
      queue,
      (message) => {
        if (message?.properties.appId !== SLM_APP_ID) return;
        stranger.replies += 1;
        if (message.properties.correlationId === stranger.correlationId) stranger.own += 1;
      },
      { noAck: true },
    );
    return stranger;
  }

  /** A migration of its own, which a MANO that knows the service answers. */
  async ask(rig: Rig): Promise<void> {
    const task = newTask();
    rig.mano.onMigration(task.input.serviceInstanceUuid, () => [ack(), ready(task.readyRecords)]);
    const { serviceInstanceUuid, vnfUuid, vimUuid } = task.input;
    const body = `service_instance_uuid: ${serviceInstanceUuid}\nvim_uuid: ${vimUuid}\nvnf_uuid: ${vnfUuid}\n`;
    this.channel.publish(this.exchange, MIGRATE_TOPIC, Buffer.from(body), {
      appId: 'mano_consumer',
      correlationId: this.correlationId,
      replyTo: MIGRATE_TOPIC,
    });
    await Promise.resolve();
  }

  async answered(): Promise<void> {
    await expect.poll(() => this.own, { timeout: 20_000 }).toBe(2);
  }

  async close(): Promise<void> {
    await this.model.close();
  }
}
