/**
 * A broker with TLS: which brokers are trusted, how the client identifies itself, and what is reported if either is
 * wrong.
 */
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { BrokerFiles } from '../../src/settings/broker-tls-and-credentials.js';
import type { Loss } from '../../src/amqp/connection-loss.js';
import { Session } from '../../src/amqp/session.js';
import { Authority, type Certificate } from '../support/certificates.js';
import { runCli } from '../support/cli.js';
import { Deployment, Role } from '../support/deployment.js';
import { logSink } from '../support/log-sink.js';
import { ManoProcess } from '../support/mano-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { startTlsBroker, type TlsBroker } from '../support/tls-broker.js';

const { temporalAddress } = inject('stack');
const USER = 'vnf-migrator';
const PASSWORD = 'canary-p@ss:word/%';

let authority: Authority;
let others: Authority;
let server: Certificate;
let client: Certificate;
let broker: TlsBroker;
const ending: (() => Promise<unknown>)[] = [];
const sink = logSink();

beforeAll(async () => {
  [authority, others] = await Promise.all([Authority.create(), Authority.create()]);
  [server, client] = await Promise.all([
    authority.sign({ name: 'localhost' }),
    authority.sign({ name: USER }),
  ]);
  broker = await startTlsBroker({ authority, server, clientCertificate: 'welcome' });
  await broker.rabbitmq.ctl(['add_user', USER, PASSWORD]);
  await broker.rabbitmq.ctl(['set_permissions', USER, '.*', '.*', '.*']);
});
afterAll(() => Promise.all([broker.close(), authority.close(), others.close()]));
afterEach(() => Promise.all(ending.splice(0).map((end) => end())));

function startSession(url: string, files: BrokerFiles): Session<true> {
  const access = { urls: [url], files } as const;
  const setUp = () => Promise.resolve(true as const);
  const session = new Session({ name: 'test', access, setUp, log: sink.log });
  ending.push(() => session.stop());
  session.start();
  return session;
}

async function lossOf(session: Session<unknown>, timeout = 5_000): Promise<Loss> {
  return await vi.waitUntil(
    () => {
      const status = session.status();
      return status.state === 'connecting' ? status.loss : null;
    },
    { timeout },
  );
}

async function ready(session: Session<unknown>, timeoutMs = 10_000): Promise<void> {
  await session.ready(AbortSignal.timeout(timeoutMs));
}

function byUser(url: string): string {
  return url.replace('//', `//${USER}@`);
}

function byAddress(url: string): string {
  return url.replace('localhost', '127.0.0.1');
}

async function fileOf(name: string, content: string): Promise<string> {
  const path = join(authority.folder, name);
  await writeFile(path, content);
  return path;
}

async function listening(listener: Server): Promise<string> {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  ending.push(async () => {
    listener.close();
    await once(listener, 'close');
  });
  return `amqps://localhost:${(listener.address() as AddressInfo).port}`;
}

/** Something that speaks TLS, and nothing after it. */
function tlsServer({ cert, key }: { cert: Buffer; key: Buffer }): Promise<string> {
  const listener = createTlsServer({ cert, key }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.destroy());
  });
  listener.on('tlsClientError', () => undefined);
  return listening(listener);
}

async function contentOf({ cert, key }: Certificate): Promise<{ cert: Buffer; key: Buffer }> {
  return { cert: await readFile(cert), key: await readFile(key) };
}

describe('a broker whose certificate our authority has signed', () => {
  it.each([
    ['by its name', (url: string) => url],
    ['by its address', byAddress],
  ])('is connected to %s, with a password from a file', async (_, urlOf) => {
    const password = await fileOf('password', `${PASSWORD}\n`);
    await ready(startSession(urlOf(byUser(broker.amqpsUrl)), { password, ca: authority.ca }));
  });

  it('is connected to by certificate, as the user that it names', async () => {
    await ready(startSession(broker.amqpsUrl, { ca: authority.ca, ...client }));
    const users = await broker.rabbitmq.ctl(['-q', 'list_connections', 'user', 'auth_mechanism', 'ssl']);
    expect(users).toContain(`${USER}\tEXTERNAL\ttrue`);
  });

  it('is let go of at once when it must be: nothing that was written can leave any more', async () => {
    const proxy = await TcpProxy.open(`127.0.0.1:${new URL(broker.amqpsUrl).port}`);
    ending.push(() => proxy.close());
    const session = startSession(`amqps://${proxy.address}`, { ca: authority.ca, ...client });
    await ready(session);
    expect(proxy.open).toBe(1);
    // Neither a last word of TLS nor of AMQP is waited for.
    proxy.set('toServer', 'drop');
    session.destroy('no confirm in time');
    expect(session.held()).toBeNull();
    await vi.waitUntil(() => proxy.accepted === 2, { timeout: 5_000 });
    expect(proxy.open).toBe(1);
  });

  it('takes a rotated password and a rotated certificate without a restart of ours', async () => {
    const password = await fileOf('rotated-password', 'the old one');
    const old = await authority.sign({ name: USER, validity: 'expired' });
    const byPassword = startSession(byUser(broker.amqpsUrl), { password, ca: authority.ca });
    const byCertificate = startSession(broker.amqpsUrl, { ca: authority.ca, ...old });
    const reasons = [(await lossOf(byPassword)).reason, (await lossOf(byCertificate)).reason];
    expect(reasons).toEqual([
      expect.stringMatching(/refused the credentials in AMQP_URL \(or AMQP_PASSWORD_FILE\)/),
      expect.stringMatching(/refused the certificate in AMQP_TLS_CERT_FILE: its time is over/),
    ]);
    await writeFile(password, PASSWORD);
    await Promise.all([copyFile(client.cert, old.cert), copyFile(client.key, old.key)]);
    await Promise.all([ready(byPassword), ready(byCertificate)]);
  });
});

describe('what only a person can mend is told as such', () => {
  it('a broker whose authority we do not trust', async () => {
    const trusted = [undefined, others.ca];
    for (const ca of trusted) {
      const loss = await lossOf(
        startSession(broker.amqpsUrl, { ...client, ...(ca === undefined ? {} : { ca }) }),
      );
      expect(loss).toEqual({
        kind: 'misconfigured',
        reason: expect.stringMatching(
          /^the certificate of the broker is signed by none whom we trust \(AMQP_TLS_CA_FILE\)/,
        ) as string,
      });
    }
  });

  it.each([
    ['is over', { validity: 'expired' as const }, /^the certificate of the broker is out of its time/],
    [
      'is for another host',
      { hosts: ['DNS:other.example'] },
      /^the certificate of the broker is made out for another host than that in AMQP_URL/,
    ],
  ])("a broker's certificate that %s", async (_, options, reason) => {
    const wrong = await authority.sign({ name: 'localhost', ...options });
    const url = await tlsServer(await contentOf(wrong));
    for (const address of [url, byAddress(url)]) {
      const loss = await lossOf(startSession(address, { ca: authority.ca }));
      expect(loss).toMatchObject({ kind: 'misconfigured', reason: expect.stringMatching(reason) as string });
    }
  });

  it.each<[string, () => Promise<Certificate>, RegExp]>([
    [
      'of a user whom the broker does not know',
      () => authority.sign({ name: 'nobody' }),
      /^the broker refused the login by the certificate in AMQP_TLS_CERT_FILE: it has no user of that name/,
    ],
    [
      'whose time is over',
      () => authority.sign({ name: USER, validity: 'expired' }),
      /^the broker refused the certificate in AMQP_TLS_CERT_FILE: its time is over/,
    ],
    [
      'of an authority whom the broker does not trust',
      () => others.sign({ name: USER }),
      /^the broker refused the certificate in AMQP_TLS_CERT_FILE \(.*unknown ca\)/,
    ],
  ])('a client certificate %s', async (_, sign, reason) => {
    const loss = await lossOf(startSession(broker.amqpsUrl, { ca: authority.ca, ...(await sign()) }));
    expect(loss).toMatchObject({ kind: 'misconfigured', reason: expect.stringMatching(reason) as string });
  });

  it('a file that is gone', async () => {
    const loss = await lossOf(startSession(broker.amqpsUrl, { ca: join(authority.folder, 'gone') }));
    expect(loss).toEqual({
      kind: 'misconfigured',
      reason: 'AMQP_TLS_CA_FILE: the file cannot be read (ENOENT)',
    });
  });
});

it('a server that is silent where TLS is to begin is an outage, given up after five seconds', async () => {
  const silent = createTcpServer((socket) => void socket.on('error', () => undefined).resume());
  const session = startSession(await listening(silent), { ca: authority.ca });
  const startedMs = performance.now();
  expect(await lossOf(session, 8_000)).toEqual({
    kind: 'outage',
    reason: 'the broker did not answer within 5000 ms',
  });
  expect(performance.now() - startedMs).toBeGreaterThan(4_500);
});

describe('a deployment', () => {
  /** The settings of one that logs in by certificate. */
  const settings = (): Record<string, string> => ({
    AMQP_TLS_CA_FILE: authority.ca,
    AMQP_TLS_CERT_FILE: client.cert,
    AMQP_TLS_KEY_FILE: client.key,
  });

  it('migrates over TLS, logged in by certificate; its MANO by a password from a file', async () => {
    const mano = await ManoProcess.start({
      amqpUrl: byUser(broker.amqpsUrl),
      services: 1,
      settings: {
        AMQP_TLS_CA_FILE: authority.ca,
        AMQP_PASSWORD_FILE: await fileOf('password-of-the-mano', PASSWORD),
      },
    });
    ending.push(() => mano.close());
    const deployment = await Deployment.open({
      amqpUrl: broker.amqpsUrl,
      temporalAddress,
      mano,
      settings: settings(),
    });
    ending.push(() => deployment.close());
    await deployment.startWorker();
    const migration = await deployment.migrate({ ackTimeout: '20s', finalTimeout: '20s' });
    expect(await migration.result()).toMatchObject({ outcome: 'migrated', evidence: 'reply' });
    expect(migration.requests()).toHaveLength(1);
    const { stdout } = await runCli(['doctor'], {
      AMQP_URL: broker.amqpsUrl,
      AMQP_EXCHANGE: mano.exchange,
      DEPLOYMENT: deployment.name,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_TASK_QUEUE: deployment.name,
      ...settings(),
    });
    expect(stdout).toMatch(/^ok +broker: RabbitMQ \S+, cluster .*, over TLS, logged in by certificate$/m);
    expect(stdout).toMatch(/^ok +MANO: one answers$/m);
  });

  it('that the broker demands a certificate of, and that has none, says so in its health, its log and the doctor', async () => {
    await broker.restart({ server, clientCertificate: 'demanded' });
    const environment = {
      AMQP_URL: byUser(broker.amqpsUrl),
      AMQP_TLS_CA_FILE: authority.ca,
      AMQP_PASSWORD_FILE: await fileOf('password-alone', PASSWORD),
      TEMPORAL_ADDRESS: temporalAddress,
    };
    const told = /the broker demands a client certificate \(AMQP_TLS_CERT_FILE\)/;
    const listener = await Role.start(['listener'], environment);
    ending.push(() => listener.end());
    await listener.untilNotReady(told);
    expect(await listener.stop()).toBe(0);
    expect(listener.said()).toMatch(told);
    const doctor = await runCli(['doctor'], environment);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(told);
    await ready(startSession(broker.amqpsUrl, { ca: authority.ca, ...client }));
  });
});
