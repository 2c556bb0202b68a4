/**
 * The broker's user has exactly the permissions that docs/security.md names. Everything works with these. If one of
 * them is taken away, its absence is noticed and reported by name.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { Consumer } from '../../src/amqp/consumer.js';
import { throughParked } from '../../src/amqp/parked-queue.js';
import { Publisher } from '../../src/amqp/publisher.js';
import { repliesQueue } from '../../src/amqp/topology.js';
import { loadConfig, type Config } from '../../src/settings/config.js';
import { checkBroker } from '../../src/doctor/broker.js';
import { checkVimList } from '../../src/doctor/vim-list.js';
import { vimListSource } from '../../src/vims/source.js';
import {
  EXCHANGE_OPTIONS,
  EXCHANGE_TYPE,
  MIGRATE_TOPIC,
  SLM_APP_ID,
  VIM_LIST_TOPIC,
} from '../../src/mano/topics.js';
import { makeCorrelationId } from '../../src/shared/correlation-id.js';
import { READY } from '../support/bus.js';
import { runCli } from '../support/cli.js';
import { Deployment } from '../support/deployment.js';
import { logSink, type LogSink } from '../support/log-sink.js';
import { ManoProcess } from '../support/mano-process.js';
import { startOwnBroker, type OwnBroker } from '../support/own-broker.js';

const { temporalAddress } = inject('stack');
const EXCHANGE = 'son-kernel';
const DEPLOYMENT = 'default';
const PASSWORD = 'p';

/** Regular expressions. */
interface Grant {
  configure: string;
  write: string;
  read: string;
  topicWrite: string;
  topicRead: string;
}

/** As the commands in docs/security.md give them. */
function grantOf(user: string): Grant {
  const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const patterns = (command: string): string[] => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(`rabbitmqctl ${command} `));
    return [...(line ?? '').matchAll(/'([^']*)'/g)].map(([, pattern = '']) => pattern);
  };
  const [configure = '', write = '', read = ''] = patterns(`set_permissions ${user}`);
  const [topicWrite = '', topicRead = ''] = patterns(`set_topic_permissions ${user} ${EXCHANGE}`);
  return { configure, write, read, topicWrite, topicRead };
}

const ROLES = ['vnf-worker', 'vnf-listener', 'vnf-operator'] as const;
type Role = (typeof ROLES)[number];

interface Lesser {
  user: string;
  role: Role;
  kind: keyof Grant;
  /** What is missing, as a regular expression. */
  missing: string;
  grant: Grant;
}

/** Each of them lacks one thing. */
function lesserOnes(role: Role): Lesser[] {
  const whole = grantOf(role);
  return (Object.keys(whole) as (keyof Grant)[]).flatMap((kind) => {
    const names = /^\^\((.*)\)\$$/.exec(whole[kind])?.[1]?.split('|') ?? [];
    return names.map((missing) => {
      const rest = names.filter((name) => name !== missing);
      const grant = { ...whole, [kind]: `^(${rest.join('|')})$` };
      return { user: `${role} without ${kind} ${missing}`, role, kind, missing, grant };
    });
  });
}

const lesser = ROLES.flatMap(lesserOnes);
const users = new Map<string, Grant>([
  ...[...ROLES, 'vnf-all'].map((user) => [user, grantOf(user)] as const),
  ...lesser.map(({ user, grant }) => [user, grant] as const),
]);

let broker: OwnBroker;
/** Of a user who may do everything. */
let model: ChannelModel;
let channel: Channel;
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await startOwnBroker();
  const folder = await mkdtemp(join(tmpdir(), 'vnf-migrator-definitions-'));
  const file = join(folder, 'definitions.json');
  await writeFile(file, JSON.stringify(definitions()));
  await broker.rabbitmq.ctl(['import_definitions', file]);
  await rm(folder, { recursive: true });
  model = await connect(broker.amqpUrl);
  channel = await model.createChannel();
  await channel.assertExchange(EXCHANGE, EXCHANGE_TYPE, EXCHANGE_OPTIONS);
  await answerVimLists();
});
afterAll(async () => {
  await model.close();
  await broker.close();
});
afterEach(() => Promise.all(ending.splice(0).map((end) => end())));

function definitions(): Record<string, unknown> {
  const vhost = '/';
  const all = [...users];
  return {
    users: all.map(([name]) => ({
      ...{ name, password_hash: hashOf(PASSWORD), tags: '' },
      hashing_algorithm: 'rabbit_password_hashing_sha256',
    })),
    permissions: all.map(([user, { configure, write, read }]) => ({ user, vhost, configure, write, read })),
    topic_permissions: all.map(([user, { topicWrite: write, topicRead: read }]) => {
      return { user, vhost, exchange: EXCHANGE, write, read };
    }),
  };
}

/** As RabbitMQ keeps it. */
function hashOf(password: string): string {
  const salt = randomBytes(4);
  const hash = createHash('sha256').update(salt).update(password).digest();
  return Buffer.concat([salt, hash]).toString('base64');
}

function urlOf(user: string): string {
  return broker.amqpUrl.replace('guest:guest', `${encodeURIComponent(user)}:${PASSWORD}`);
}

/** A READY for a migration that nobody knows, which is parked. */
function replyForNobody(): void {
  const correlationId = makeCorrelationId({ deployment: DEPLOYMENT, workflowId: 'nobody', nonce: 'n' });
  channel.publish(EXCHANGE, MIGRATE_TOPIC, Buffer.from(READY), { appId: SLM_APP_ID, correlationId });
}

describe('the permissions in docs/security.md suffice', () => {
  it.each([
    ['where each part has a user of its own', 'vnf-worker', 'vnf-listener', 'vnf-operator'],
    ['where one user has all parts', 'vnf-all', 'vnf-all', 'vnf-all'],
  ])(
    '%s: a VNF is migrated, a reply parked, looked at and dropped',
    async (_, worker, listener, operator) => {
      const mano = await ManoProcess.start({ amqpUrl: broker.amqpUrl, exchange: EXCHANGE, services: 1 });
      ending.push(() => mano.close());
      const deployment = await Deployment.open({
        amqpUrl: urlOf(worker),
        temporalAddress,
        mano,
        settings: { DEPLOYMENT },
      });
      ending.push(() => deployment.close());
      await Promise.all([
        deployment.startWorker({}, ['--no-listener']),
        deployment.startListener({ AMQP_URL: urlOf(listener) }),
      ]);
      const migration = await deployment.migrate({ ackTimeout: '20s', finalTimeout: '20s' });
      expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'reply' });

      replyForNobody();
      const environment = {
        AMQP_URL: urlOf(operator),
        TEMPORAL_ADDRESS: temporalAddress,
        TEMPORAL_TASK_QUEUE: deployment.name,
      };
      const parked = await vi.waitUntil(
        async () => (await runCli(['parked', 'list', '--json'], environment)).stdout,
        { timeout: 20_000 },
      );
      expect(JSON.parse(parked)).toMatchObject({
        reason: expect.stringContaining('closed already') as string,
      });
      expect(await runCli(['parked', 'drop', '--all'], environment)).toMatchObject({ code: 0 });
      const { stdout } = await runCli(['doctor'], environment);
      for (const found of ['broker', 'exchange', 'reply queue', 'binding', 'parked', 'MANO']) {
        expect(stdout).toMatch(new RegExp(`^ok +${found}: `, 'm'));
      }
    },
  );
});

function isTold(sink: LogSink): boolean {
  return sink.text().includes('lacks a permission');
}

/** Answers each query for the list of VIMs. */
async function answerVimLists(): Promise<void> {
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, EXCHANGE, VIM_LIST_TOPIC);
  const answer = (message: ConsumeMessage | null): void => {
    if (message?.properties.appId !== 'vnf-migrator') return;
    const correlationId = String(message.properties.correlationId);
    const body = Buffer.from('vim_list: []');
    channel.publish(EXCHANGE, VIM_LIST_TOPIC, body, { appId: 'adaptor', correlationId });
  };
  await channel.consume(queue, answer, { noAck: true });
}

/** Does all that a role does with the broker; resolves with the troubles that are told. */
const troublesOf: Record<Role, (config: Config) => Promise<string[]>> = {
  'vnf-worker': async (config) => {
    const { amqp, deployment } = config;
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, EXCHANGE, MIGRATE_TOPIC);
    const sink = logSink();
    const publisher = new Publisher({ broker: amqp, deployment, log: sink.log });
    ending.push(() => publisher.stop());
    publisher.start();
    const enough = new AbortController();
    const publishing = publisher.publish({
      body: Buffer.from('x'),
      correlationId: 'x',
      expirationMs: 1_000,
      timeoutMs: 10_000,
      mayWrite: () => Promise.resolve(true),
      signal: enough.signal,
    });
    // It would go on trying.
    const told = vi.waitUntil(() => isTold(sink), { timeout: 10_000 }).then(() => enough.abort());
    const result = await Promise.race([publishing, told.then(() => publishing)]);
    if (result.sent === 'confirmed') {
      const list = await vimListSource(config)();
      return list.kind === 'listed' ? [] : [list.reason];
    }
    // Nothing of it is on the bus: no attempt is spent, and nobody has to ask what became of it.
    expect(result.sent).toBe('not-sent');
    expect(await channel.get(queue)).toBe(false);
    return [result.reason];
  },

  'vnf-listener': async ({ amqp, deployment }) => {
    const sink = logSink();
    const parked: Buffer[] = [];
    const consumer = new Consumer({
      ...{ broker: amqp, deployment, prefetch: 1, log: sink.log },
      handler: async ({ body }, park) => {
        await park({ body, properties: {} });
        parked.push(body);
        return 'ack';
      },
    });
    ending.push(() => consumer.stop({ graceMs: 0 }));
    consumer.start();
    channel.sendToQueue(repliesQueue(deployment), Buffer.from('x'));
    await vi.waitUntil(() => parked.length > 0 || isTold(sink), { timeout: 10_000 });
    return parked.length > 0 ? [] : [sink.text()];
  },

  'vnf-operator': async (config) => {
    const told: string[] = [];
    await checkBroker(config, ({ text }) => told.push(text));
    await checkVimList(config, ({ text }) => told.push(text));
    await throughParked({ broker: config.amqp, deployment: config.deployment }, () =>
      Promise.resolve('keep'),
    ).catch((error: unknown) => told.push(String(error)));
    return told.filter((text) => text.includes('permission'));
  },
};

describe('the permissions in docs/security.md are the least', () => {
  it.each(ROLES)('of %s, and it misses none', async (role) => {
    expect(await troublesOf[role](loadConfig({ AMQP_URL: urlOf(role) }))).toEqual([]);
  });

  const isOperator = ({ role }: Lesser): boolean => role === 'vnf-operator';
  const named = (those: Lesser[]): [string, Lesser][] => those.map((one) => [one.user, one]);

  it.each(named(lesser.filter((one) => !isOperator(one))))('%s: it is told', (_, one) => expectTold(one));

  // The doctor waits seconds for an answer of the MANO.
  it.concurrent.each(named(lesser.filter(isOperator)))('%s: it is told', (_, one) => expectTold(one));

  async function expectTold({ user, role, kind, missing }: Lesser): Promise<void> {
    const troubles = await troublesOf[role](loadConfig({ AMQP_URL: urlOf(user) }));
    const permission = kind.replace(/^topic/, '').toLowerCase();
    const object = `(queue|exchange|topic) '${missing}'`;
    expect(troubles.join('\n')).toMatch(
      new RegExp(
        `the broker's user lacks a permission; docs/security.md lists those that it needs: here ${permission} .*${object}`,
      ),
    );
  }
});
