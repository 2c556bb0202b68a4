/**
 * Secrets: passwords in the addresses of the broker and of the repository or in a file, keys of certificates, and
 * the key of Temporal's API. No output, log or stored data contains them.
 */
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { generateWorld, startSimulator } from '../../src/simulator/index.js';
import { Authority, type Certificate } from '../support/certificates.js';
import { runCli, startCli, type Ran, type Running } from '../support/cli.js';
import { lineOf, stopped } from '../support/processes.js';
import { TemporalTls } from '../support/temporal-tls.js';

const { amqpUrl, temporalAddress } = inject('stack');
/** In the URL as it stands, and decoded. */
const SECRET = /canary|Y2FuYXJ5/;
const PASSWORD = 'canary%2Fs3cret%40x';

let client: Client;
let worker: Running | null = null;
let authority: Authority;

beforeAll(async () => {
  authority = await Authority.create();
  client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
});
afterAll(() => Promise.all([client.connection.close(), authority.close()]));
afterEach(async () => {
  if (worker !== null) await stopped(worker);
  worker = null;
});

function withPassword(url: string): string {
  const secret = new URL(url);
  secret.username = 'guest';
  secret.password = PASSWORD;
  return secret.href;
}

const NOWHERE = withPassword('amqp://127.0.0.1:2');
const REFUSED = withPassword(amqpUrl);
const NO_REPOSITORY = withPassword('http://127.0.0.1:2');

interface Deployment {
  env: NodeJS.ProcessEnv;
  taskQueue: string;
}

function deployment(env: NodeJS.ProcessEnv): Deployment {
  const taskQueue = `secrets-${randomUUID().slice(0, 8)}`;
  const common = { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_TASK_QUEUE: taskQueue, LOG_LEVEL: 'trace' };
  return { taskQueue, env: { ...common, DEPLOYMENT: taskQueue, AMQP_EXCHANGE: taskQueue, ...env } };
}

interface Migrated {
  ran: Ran;
  /** By the worker. */
  said: string;
  vnfUuid: string;
}

interface Ids {
  service: string;
  vnf: string;
  vim: string;
}

const nothingToMove = (): Ids => ({ service: randomUUID(), vnf: randomUUID(), vim: randomUUID() });

/** Migrates with a worker of this deployment; resolves with the command's end when the worker has ended, too. */
function migrate({ env }: Deployment, ...policy: string[]): Promise<Migrated> {
  return migrateThese(nothingToMove(), { env, args: policy.flatMap((part) => ['--policy', part]) });
}

async function migrateThese(
  { service, vnf: vnfUuid, vim }: Ids,
  { env, args = [] }: { env: NodeJS.ProcessEnv; args?: readonly string[] },
): Promise<Migrated> {
  worker = startCli(['worker'], env);
  await lineOf(worker, /started the worker/);
  const ids = ['--service', service, '--vnf', vnfUuid, '--vim', vim];
  const ran = await runCli(['migrate', ...ids, ...args, '--json'], env);
  const ended = worker;
  worker = null;
  expect(await stopped(ended)).toBe(0);
  return { ran, said: ended.said(), vnfUuid };
}

/** All of its history, payloads decoded. */
async function historyOf(vnfUuid: string): Promise<string> {
  const { events } = await client.workflow.getHandle(`vnf-migration/${vnfUuid}`).fetchHistory();
  return JSON.stringify(events).replace(/"data":"([\w+/=]+)"/g, (_, payload: string) =>
    Buffer.from(payload, 'base64').toString(),
  );
}

describe('the password of', () => {
  it('a broker that refuses it is in no output, no log and no history', async () => {
    const { ran, said, vnfUuid } = await migrate(deployment({ AMQP_URL: REFUSED }), 'publishTimeout=1s');
    const history = await historyOf(vnfUuid);
    expect(ran).toMatchObject({ code: 1, stdout: expect.stringContaining('BrokerUnavailable') as string });
    // The reason got through, and it alone.
    for (const told of [said, history]) expect(told).toContain('refused the credentials in AMQP_URL');
    for (const told of [said, ran.stdout, ran.stderr, history]) expect(told).not.toMatch(SECRET);
  });

  it('a repository that is away is in no output, no log and no history', async () => {
    const env = { AMQP_URL: amqpUrl, REPOSITORY_URL: NO_REPOSITORY };
    const { ran, said, vnfUuid } = await migrate(deployment(env), 'deadline=3s', 'busyTimeout=2s');
    const history = await historyOf(vnfUuid);
    expect(ran.code).not.toBe(0);
    expect(history).toContain('ECONNREFUSED');
    for (const told of [said, ran.stdout, ran.stderr, history]) expect(told).not.toMatch(SECRET);
  });

  it.each([
    ['that is away', NOWHERE],
    ['that refuses it', REFUSED],
    ['of several nodes', `${NOWHERE},${REFUSED}`],
    ['one of whose addresses is wrong', `${amqpUrl},${withPassword('http://127.0.0.1:5672')}`],
    ['whose address has a wrong scheme', withPassword('http://127.0.0.1:5672')],
    ['whose address has a query', `${NOWHERE}?heartbeat=1`],
  ])('a broker %s is in the output of no command', async (_, url) => {
    const { env } = deployment({ AMQP_URL: url, REPOSITORY_URL: NO_REPOSITORY });
    const commands = [['doctor'], ['doctor', '--json'], ['parked', 'list'], ['simulate'], ['status', 'x']];
    for (const { code, stdout, stderr } of await Promise.all(commands.map((args) => runCli(args, env)))) {
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toBe('');
      expect(stdout + stderr).not.toMatch(SECRET);
    }
  });

  it.each([
    ['that is away', NOWHERE, /ECONNREFUSED/],
    ['that refuses it', REFUSED, /refused the credentials/],
    ['of several nodes', `${NOWHERE},${REFUSED}`, /refused the credentials/],
  ])('a broker %s is in no log of the listener, which stays up', async (_, url, reason) => {
    const listener = startCli(['listener'], deployment({ AMQP_URL: url }).env);
    await lineOf(listener, reason);
    expect(await stopped(listener)).toBe(0);
    expect(listener.said()).not.toMatch(SECRET);
  });
});

async function secretFile(name: string, content: string): Promise<string> {
  const path = join(authority.folder, name);
  await writeFile(path, content);
  return path;
}

/** Whatever in it is secret, a line each. */
async function linesOfKey({ key }: Certificate): Promise<string[]> {
  const lines = (await readFile(key, 'utf8')).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('-----'));
}

/** TLS, which demands a certificate, in front of the broker. */
async function brokerBehindTls({ cert, key }: Certificate): Promise<{ url: string; close: () => void }> {
  const [identity, ca] = await Promise.all([
    Promise.all([cert, key].map((path) => readFile(path))),
    readFile(authority.ca),
  ]);
  const { hostname, port } = new URL(amqpUrl);
  const options = { cert: identity[0]!, key: identity[1]!, ca, requestCert: true, rejectUnauthorized: true };
  const front = createServer(options, (socket) => {
    const behind = connect({ host: hostname, port: Number(port) });
    for (const end of [socket, behind]) end.on('error', () => [socket, behind].map((one) => one.destroy()));
    socket.pipe(behind).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    url: `amqps://guest:guest@localhost:${(front.address() as AddressInfo).port}`,
    close: () => front.close(),
  };
}

describe('what is in files, and the key of an API', () => {
  it('a password that the broker refuses is in no output, no log and no history', async () => {
    const env = {
      AMQP_URL: amqpUrl.replace(/guest:guest@/, 'guest@'),
      AMQP_PASSWORD_FILE: await secretFile('password', `${PASSWORD}\n`),
    };
    const { ran, said, vnfUuid } = await migrate(deployment(env), 'publishTimeout=1s');
    const history = await historyOf(vnfUuid);
    for (const told of [said, history])
      expect(told).toContain('refused the credentials in AMQP_URL (or AMQP');
    for (const told of [said, ran.stdout, ran.stderr, history]) expect(told).not.toMatch(SECRET);
  });

  it('keys and an API key with which a VNF is migrated are in no output, no log and no history', async () => {
    const [server, ours] = await Promise.all([
      authority.sign({ name: 'localhost' }),
      authority.sign({ name: 'vnf-migrator' }),
    ]);
    const broker = await brokerBehindTls(server);
    const apiKey = 'canary-api-key';
    const temporal = await TemporalTls.open({
      ...{ target: temporalAddress, server, clientAuthority: authority.ca, apiKey },
    });
    const world = generateWorld({ services: 1, seed: randomUUID() });
    const { env, taskQueue } = deployment({
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_API_KEY: apiKey,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.ca,
      TEMPORAL_TLS_CLIENT_CERT_PATH: ours.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: ours.key,
      AMQP_URL: broker.url,
      AMQP_TLS_CA_FILE: authority.ca,
      AMQP_TLS_CERT_FILE: ours.cert,
      AMQP_TLS_KEY_FILE: ours.key,
    });
    const mano = await startSimulator({ amqpUrl, exchange: taskQueue, world });
    try {
      const { serviceInstanceUuid: service, vnfs } = world.services[0]!;
      const ids = { service, vnf: vnfs[0]!.vnfUuid, vim: world.vims[1]! };
      const { ran, said, vnfUuid } = await migrateThese(ids, { env });
      expect(ran.code, ran.stderr).toBe(0);
      expect(ran.stdout).toContain('"migrated"');
      const doctor = await runCli(['doctor'], env);
      expect(doctor.stdout).toMatch(/^ok +broker: .*over TLS/m);
      const told = [
        said,
        ran.stdout,
        ran.stderr,
        doctor.stdout,
        doctor.stderr,
        await historyOf(vnfUuid),
      ].join('\n');
      expect(told).not.toMatch(SECRET);
      for (const line of await linesOfKey(ours)) expect(told).not.toContain(line);
    } finally {
      await Promise.all([mano.stop(), temporal.close()]);
      broker.close();
    }
  });

  it('an API key that is refused, by a Temporal that is not trusted, or away, is in the output of no command', async () => {
    const server = await authority.sign({ name: 'localhost' });
    const temporal = await TemporalTls.open({
      ...{ target: temporalAddress, server, clientAuthority: null, apiKey: 'another' },
    });
    const common = { TEMPORAL_API_KEY: 'canary-api-key', LOG_LEVEL: 'trace' };
    const environments = [
      { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.ca },
      { TEMPORAL_ADDRESS: temporal.address },
      { TEMPORAL_ADDRESS: '127.0.0.1:2' },
    ];
    const runs = environments.flatMap((env) => [
      runCli(['doctor', '--json'], { ...common, ...env, AMQP_URL: NOWHERE }),
      runCli(['list'], { ...common, ...env }),
    ]);
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect(code).toBe(1);
      expect(stdout + stderr).toMatch(/no Temporal at/);
      expect(stdout + stderr).not.toMatch(SECRET);
    }
    await temporal.close();
  });

  it('a secret that was put in the place of a path is in the output of no command', async () => {
    const ours = await authority.sign({ name: 'vnf-migrator' });
    const pem = await readFile(ours.key, 'utf8');
    const env = {
      AMQP_URL: 'amqps://guest@127.0.0.1:2',
      AMQP_PASSWORD_FILE: PASSWORD,
      AMQP_TLS_CA_FILE: pem,
      AMQP_TLS_CERT_FILE: ours.cert,
      AMQP_TLS_KEY_FILE: pem,
      NOTIFY_FILE: PASSWORD,
      TEMPORAL_API_KEY: 'canary-api-key',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: PASSWORD,
      TEMPORAL_TLS_CLIENT_CERT_PATH: ours.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: pem,
    };
    const commands = [
      ['doctor'],
      ['worker'],
      ['listener'],
      ['parked', 'list'],
      ['status', 'x'],
      ['simulate'],
    ];
    const runs = await Promise.all(commands.map((args) => runCli(args, env)));
    // The simulator reads what is the broker's alone.
    const readAll = runs.filter(({ stderr }) =>
      stderr.includes('NOTIFY_FILE: the file cannot be read: ENOENT'),
    );
    expect(readAll).toHaveLength(commands.length - 1);
    for (const { code, stdout, stderr } of runs) {
      expect(code).toBe(2);
      expect(stderr).toMatch(/AMQP_PASSWORD_FILE: the file cannot be read \(ENOENT\)/);
      expect(stdout + stderr).not.toMatch(SECRET);
      for (const line of await linesOfKey(ours)) expect(stdout + stderr).not.toContain(line);
    }
    // A file of profiles whose name is a secret hides the rest of Temporal's settings, so it has a run of its own.
    const { code, stderr } = await runCli(['list'], { TEMPORAL_CONFIG_FILE: PASSWORD });
    expect(code).toBe(2);
    expect(stderr).toContain('TEMPORAL_CONFIG_FILE: the file cannot be read (ENOENT)');
    expect(stderr).not.toMatch(SECRET);
  });
});
