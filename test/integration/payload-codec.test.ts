/**
 * Encrypted payloads: what remains readable without the encryption key, and how migrations continue while the keys
 * change.
 *
 * These tests have a namespace of their own, because other tests list the workflows in theirs and have no keys.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { MigrationClient } from '../../src/client/migration-client.js';
import { clientConverterFromSettings } from '../../src/codec/index.js';
import { createLogger } from '../../src/observability/logger.js';
import { runtimeLogger } from '../../src/observability/runtime-logger.js';
import { generateWorld } from '../../src/simulator/index.js';
import { runCli, type Ran } from '../support/cli.js';
import { PATIENTLY, Role } from '../support/deployment.js';
import { ManoProcess, type VnfIds } from '../support/mano-process.js';
import type { callVnfMigration } from '../support/nexus-callers.js';

const { amqpUrl, temporalAddress } = inject('stack');
const { History } = proto.temporal.api.history.v1;

type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;

const namespace = `codec-${randomUUID().slice(0, 8)}`;
const K1 = `k1:${randomBytes(32).toString('base64')}`;
const K2 = `k2:${randomBytes(32).toString('base64')}`;
const LIMIT_MS = 180_000;
/** Nothing is to be probed, however slow the machine is. */
const PATIENT = { ackTimeout: '2m', finalTimeout: '2m' } as const;

let folder: string;
let mano: ManoProcess;
/** Has no keys: what it sees is what Temporal keeps. */
let client: Client;
const running: Role[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payload-codec-'));
  const connection = await Connection.connect({ address: temporalAddress });
  client = new Client({ connection, namespace });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  mano = await ManoProcess.start({ amqpUrl });
  const ready = async (): Promise<void> => {
    const { code, stderr } = await runCli(['setup'], settings({ name: 'setup', keys: [] }));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    await client.workflow.count(`VnfUuid = 'x'`);
  };
  await vi.waitFor(ready, { ...PATIENTLY, interval: 500 });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((role) => role.end()));
});
afterAll(async () => {
  await mano.close();
  await client.connection.close();
  rmSync(folder, { recursive: true });
});

interface Setting {
  /** Of a deployment and its task queue. */
  name: string;
  /** The lines of the keys file; none: there is no file. */
  keys: readonly string[];
}

function settings({ name, keys }: Setting): Record<string, string> {
  const file = join(folder, randomUUID());
  writeFileSync(file, `# ${name}\n${keys.join('\n')}\n`, { mode: 0o600 });
  return {
    ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: namespace, TEMPORAL_TASK_QUEUE: name },
    ...{ DEPLOYMENT: name, AMQP_URL: amqpUrl, AMQP_EXCHANGE: mano.exchange },
    REPOSITORY_URL: mano.repositoryUrl,
    ...(keys.length === 0 ? {} : { PAYLOAD_KEYS_FILE: file }),
  };
}

const newName = (): string => `codec-${randomUUID().slice(0, 8)}`;

async function start(args: readonly string[], setting: Setting): Promise<Role> {
  const role = await Role.start(args, settings(setting));
  running.push(role);
  await role.untilReady();
  return role;
}

/** A worker that hears no replies: they wait in the queue, which a listener has made and left. */
async function startDeaf(setting: Setting): Promise<Role> {
  await (await start(['listener'], setting)).stop();
  return await start(['worker', '--no-listener'], setting);
}

async function withMigrations<T>(
  setting: Setting,
  use: (migrations: MigrationClient) => Promise<T>,
): Promise<T> {
  const migrations = await MigrationClient.fromSettings(settings(setting));
  try {
    return await use(migrations);
  } finally {
    await migrations.close();
  }
}

const argumentsOf = ({ serviceInstanceUuid, vnfUuid, vimUuid }: VnfIds): string[] => [
  ...['--service', serviceInstanceUuid, '--vnf', vnfUuid, '--vim', vimUuid],
];

/** The last line. */
function json({ stdout }: Ran): unknown {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const ENCRYPTED = 'binary/encrypted';
/** Of a migration, those with payloads. */
const KINDS_OF_EVENTS = [
  'workflowExecutionStarted',
  'markerRecorded',
  'activityTaskScheduled',
  'activityTaskCompleted',
  'workflowExecutionSignaled',
  'workflowExecutionCompleted',
];

interface Kept {
  where: string;
  encoding: string;
  keyId: string;
  /** All of it, as text in which an id would be found. */
  text: string;
}

const latin1 = (bytes: unknown): string =>
  bytes instanceof Uint8Array ? Buffer.from(bytes).toString('latin1') : '';

/** Every payload in what Temporal keeps, whatever it belongs to. Search attributes are for the server to read. */
function payloadsIn(value: unknown, where = ''): Kept[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const fields = value as Record<string, unknown>;
  const metadata = fields['metadata'] as Record<string, unknown> | null | undefined;
  if (metadata?.['encoding'] instanceof Uint8Array) {
    const shown = Object.entries(metadata).map(([name, bytes]) => `${name}=${latin1(bytes)}`);
    return [
      {
        where,
        encoding: latin1(metadata['encoding']),
        keyId: latin1(metadata['encryption-key-id']),
        text: [...shown, latin1(fields['data'])].join('\n'),
      },
    ];
  }
  return Object.entries(fields).flatMap(([name, field]) =>
    name === 'searchAttributes' ? [] : payloadsIn(field, `${where}.${name}`),
  );
}

async function eventsOf(workflowId: string): Promise<HistoryEvent[]> {
  return (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];
}

/** What is kept beside the history: memo, summary, what is pending. */
async function describedAs(workflowId: string): Promise<object> {
  return await client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
}

/** Its bookkeeping of local activities the SDK writes itself, past every codec. */
const isOfTheSdk = ({ where }: Kept): boolean =>
  where.endsWith('markerRecordedEventAttributes.details.data.payloads.0');

function expectHidden(payloads: readonly Kept[], ids: readonly string[]): void {
  expect(payloads.length).toBeGreaterThan(0);
  for (const { where, text } of payloads) {
    for (const id of ids) expect(text.includes(id), `${id} in ${where}`).toBe(false);
  }
  expect(payloads.filter((one) => !isOfTheSdk(one) && one.encoding !== ENCRYPTED)).toEqual([]);
}

const keyIdsIn = (payloads: readonly Kept[]): string[] =>
  [...new Set(payloads.filter((one) => !isOfTheSdk(one)).map(({ keyId }) => keyId))].sort();

/** With the VIM that everything is on at first. */
function idsOf({ serviceInstanceUuid, vnfUuid, vimUuid }: VnfIds): string[] {
  const [home = ''] = generateWorld({ services: 20, seed: mano.seed }).vims;
  return [serviceInstanceUuid, vnfUuid, vimUuid, home];
}

describe('who has Temporal and no key', () => {
  it(
    'reads nothing of a migration but its workflow id and its search attributes',
    async () => {
      const setting = { name: newName(), keys: [K1] };
      await start(['worker'], setting);
      const ids = mano.take();
      const workflowId = `hidden-${randomUUID()}`;
      const ran = await runCli(
        ['migrate', ...argumentsOf(ids), '--id', workflowId, '--json'],
        settings(setting),
      );
      expect(json(ran)).toMatchObject({ result: { outcome: 'migrated', vnfUuid: ids.vnfUuid } });
      const { newVnfUuid } = (json(ran) as { result: { newVnfUuid: string } }).result;
      const secrets = [...idsOf(ids), newVnfUuid];

      const events = await eventsOf(workflowId);
      const payloads = [...payloadsIn(events), ...payloadsIn(await describedAs(workflowId))];
      expectHidden(payloads, secrets);
      expect(keyIdsIn(payloads)).toEqual(['k1']);
      for (const kind of KINDS_OF_EVENTS) expect(payloads.map(({ where }) => where).join()).toContain(kind);
      // Nor anywhere else in its history.
      const { searchAttributes } = events[0]!.workflowExecutionStartedEventAttributes!;
      expect(
        payloadsIn(searchAttributes?.indexedFields)
          .map(({ text }) => text)
          .join(),
      ).toContain(ids.vnfUuid);
      delete events[0]!.workflowExecutionStartedEventAttributes!.searchAttributes;
      const bytes = latin1(History.encode({ events }).finish());
      for (const secret of secrets) expect(bytes).not.toContain(secret);

      // What the UI shows of it is asked of the worker.
      const query = { queryType: '__temporal_workflow_metadata' };
      const execution = { workflowId };
      const { queryResult } = await client.workflowService.queryWorkflow({ namespace, execution, query });
      expectHidden(payloadsIn(queryResult), secrets);
      // A query that fails has no payload: what it says is not hidden.
      await expect(client.workflow.getHandle(workflowId).query('nonsense')).rejects.toThrow(
        /did not register a handler for nonsense/,
      );
    },
    LIMIT_MS,
  );

  it(
    'reads of a failure that it is one, and its type',
    async () => {
      const setting = { name: newName(), keys: [K1] };
      await start(['worker'], setting);
      const ids = { ...mano.take(), vnfUuid: randomUUID() };
      const workflowId = `hidden-${randomUUID()}`;
      const ran = await runCli(
        ['migrate', ...argumentsOf(ids), '--id', workflowId, '--json'],
        settings(setting),
      );
      const { failure: told } = json(ran) as { failure: { type: string; message: string; state: unknown } };
      expect(told).toMatchObject({ type: 'MigrationRejected', state: { request: { vnfUuid: ids.vnfUuid } } });
      expect(told.message).not.toBe('Encoded failure');
      expect(ran.code).toBe(1);

      const events = await eventsOf(workflowId);
      const { failure } = events.at(-1)!.workflowExecutionFailedEventAttributes!;
      expect(failure).toMatchObject({
        message: 'Encoded failure',
        stackTrace: '',
        applicationFailureInfo: { type: 'MigrationRejected', nonRetryable: true },
      });
      expectHidden(payloadsIn(events), idsOf(ids));
      const bytes = latin1(History.encode({ events: events.slice(1) }).finish());
      for (const secret of [...idsOf(ids), told.message]) expect(bytes).not.toContain(secret);

      // Who has no key is told of it.
      const status = await runCli(['status', workflowId], settings({ ...setting, keys: [] }));
      expect(status).toMatchObject({ code: 1, stdout: '' });
      expect(status.stderr).toMatch(/encrypted with key "k1", and PAYLOAD_KEYS_FILE is not set/);
    },
    LIMIT_MS,
  );

  it(
    'reads nothing of a campaign and its migrations but their workflow ids',
    async () => {
      const setting = { name: newName(), keys: [K1] };
      await start(['worker'], setting);
      const items = [mano.take(), mano.take()];
      const file = join(folder, 'items.json');
      writeFileSync(file, JSON.stringify(items));
      const what = ['start', '--items', file, '--name', setting.name, '--reason', 'canary', '--json'];
      const ran = await runCli(['campaign', ...what], settings(setting));
      expect({ code: ran.code, stderr: ran.stderr }).toMatchObject({ code: 0 });

      const ids = [`vnf-campaign/${setting.name}`, ...items.map(({ vnfUuid }) => `vnf-migration/${vnfUuid}`)];
      for (const workflowId of ids) {
        const payloads = [
          ...payloadsIn(await eventsOf(workflowId)),
          ...payloadsIn(await describedAs(workflowId)),
        ];
        expectHidden(payloads, [...items.flatMap(idsOf), 'canary', setting.name]);
        expect(payloads.some(({ where }) => where.includes('memo'))).toBe(true);
      }
      // Whose memos are read for it.
      const listed = await runCli(['campaign', 'list', '--json'], settings(setting));
      expect(listed.stdout).toContain(setting.name);
    },
    LIMIT_MS,
  );
});

describe('a migration goes on while', () => {
  it.each([
    ['encryption is switched on', [], [K1], ['', 'k1']],
    ['keys are rotated', [K1], [K2, K1], ['k1', 'k2']],
    ['encryption begins with a key that all have', ['none', K1], [K1], ['', 'k1']],
    ['encryption is switched off', [K1], ['none', K1], ['', 'k1']],
  ])(
    '%s',
    async (_, before, after, expected) => {
      const name = newName();
      const first = await startDeaf({ name, keys: before });
      const ids = mano.take();
      const workflowId = await withMigrations({ name, keys: before }, async (migrations) => {
        const started = await migrations.start({ ...ids, policy: PATIENT });
        const phase = async (): Promise<string> => (await migrations.status(started.workflowId)).phase;
        await vi.waitFor(async () => expect(await phase()).toBe('awaiting-ack'), PATIENTLY);
        return started.workflowId;
      });
      expect(await first.stop()).toBe(0);

      await start(['worker'], { name, keys: after });
      const result = await withMigrations({ name, keys: after }, (migrations) =>
        migrations.result(workflowId),
      );
      expect(result).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
      expect(mano.requests(ids, 'migration')).toHaveLength(1);
      expect(keyIdsIn(payloadsIn(await eventsOf(workflowId)))).toEqual(expected);
    },
    LIMIT_MS,
  );
});

describe('where a key was dropped too early', () => {
  it(
    'a late reply is parked, and holds up nothing',
    async () => {
      const name = newName();
      const worker = await startDeaf({ name, keys: [K1] });
      const ids = mano.take();
      const workflowId = await withMigrations({ name, keys: [K1] }, async (migrations) => {
        const started = await migrations.start({ ...ids, policy: PATIENT });
        const isSent = (): boolean => mano.requests(ids, 'migration').length === 1;
        await vi.waitUntil(isSent, PATIENTLY);
        await migrations.cancel(started.workflowId);
        await expect(migrations.result(started.workflowId)).rejects.toMatchObject({
          message: 'the migration was cancelled',
          state: { mayBeRunning: true },
        });
        return started.workflowId;
      });
      expectHidden(payloadsIn(await describedAs(workflowId)), idsOf(ids));
      await worker.stop();

      const listener = await start(['listener'], { name, keys: [K2] });
      await vi.waitFor(async () => expect(await listener.fate('parked')).toBe(1), PATIENTLY);
      expect(await listener.readiness()).toMatchObject({ ready: true });
      const parked = await runCli(['parked', 'list', '--json'], settings({ name, keys: [] }));
      expect(json(parked)).toMatchObject({ reason: 'the migration was closed already (unknown)' });
    },
    LIMIT_MS,
  );

  it(
    'a worker keeps its migrations waiting, says what it misses, and goes on once it has it',
    async () => {
      const name = newName();
      const first = await startDeaf({ name, keys: [K1] });
      const ids = mano.take();
      const { workflowId } = await withMigrations({ name, keys: [K1] }, async (migrations) => {
        const started = await migrations.start({ ...ids, policy: PATIENT });
        await vi.waitUntil(() => mano.replies(ids).some(({ status }) => status === 'READY'), PATIENTLY);
        return started;
      });
      await first.stop();
      const second = await start(['worker'], { name, keys: [K2] });
      const missing = /encrypted with key \\*"k1\\*", and PAYLOAD_KEYS_FILE has none by that id/;
      await vi.waitFor(() => expect(second.said()).toMatch(missing), PATIENTLY);
      await second.stop();

      await start(['worker'], { name, keys: [K2, K1] });
      const result = await withMigrations({ name, keys: [K2, K1] }, (all) => all.result(workflowId));
      expect(result).toMatchObject({ outcome: 'migrated' });
      expect(mano.requests(ids, 'migration')).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it(
    'in the settings, nothing starts',
    async () => {
      const wrong = settings({ name: newName(), keys: [`${K1.slice(0, -4)}=`] });
      const missing = { ...wrong, PAYLOAD_KEYS_FILE: join(folder, 'nowhere') };
      for (const [environment, problem] of [
        [wrong, /PAYLOAD_KEYS_FILE: line 2: the key is not base64/],
        [missing, /PAYLOAD_KEYS_FILE: the file cannot be read: ENOENT/],
      ] as const) {
        for (const command of ['worker', 'listener', 'doctor']) {
          const { code, stdout, stderr } = await runCli([command], environment);
          expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
          expect(stderr).toMatch(problem);
          expect(stderr).not.toContain(K1.slice(3, 20));
        }
      }
    },
    LIMIT_MS,
  );
});

describe('through Nexus, from workflows that have the key', () => {
  it(
    'the result and the type of a refusal come back, and nobody else reads them',
    async () => {
      const setting = { name: newName(), keys: [K1] };
      await start(['worker'], setting);
      const endpoint = `to-${setting.name}`;
      const made = await runCli(['setup', '--nexus-endpoint', endpoint], settings(setting));
      expect(made).toMatchObject({ code: 0 });
      const ids = mano.take();
      const [moved, refused] = await callThroughNexus(setting, [
        { endpoint, operation: 'migrate', input: ids },
        { endpoint, operation: 'migrate', input: { vnfUuid: 'nonsense' } },
      ]);
      expect(moved!.result).toMatchObject({ outcome: 'migrated', vnfUuid: ids.vnfUuid });
      expect(refused!.result).toMatchObject({
        types: expect.arrayContaining(['InvalidMigrationRequest']) as unknown,
        message: expect.stringContaining('vimUuid') as unknown,
      });
      for (const { workflowId } of [moved!, refused!]) {
        expectHidden(payloadsIn(await eventsOf(workflowId)), [...idsOf(ids), 'nonsense']);
      }
      const bytes = latin1(History.encode({ events: await eventsOf(refused!.workflowId) }).finish());
      expect(bytes).not.toContain('vimUuid');
    },
    LIMIT_MS,
  );
});

type Call = Parameters<typeof callVnfMigration>[0];

async function callThroughNexus(setting: Setting, calls: readonly Call[]) {
  Runtime.install({
    logger: runtimeLogger(createLogger({ level: 'silent' })),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {} } },
  });
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../support/nexus-callers.ts', import.meta.url)),
    logger: runtimeLogger(createLogger({ level: 'silent' })),
  });
  const taskQueue = `callers-${setting.name}`;
  const dataConverter = clientConverterFromSettings(settings(setting));
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, dataConverter },
    workflowBundle: { code },
  });
  const { workflow } = new Client({ connection: client.connection, namespace, dataConverter });
  const ends = Promise.all(
    calls.map(async (call) => {
      const workflowId = `caller-${randomUUID()}`;
      const result = await workflow.execute<typeof callVnfMigration>('callVnfMigration', {
        ...{ taskQueue, workflowId },
        args: [call],
      });
      return { workflowId, result };
    }),
  );
  try {
    return await worker.runUntil(ends);
  } finally {
    await connection.close();
  }
}
