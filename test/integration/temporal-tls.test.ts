/** Temporal behind TLS: certificates, an API key and profiles, for our client and for the core of the worker. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { connectClient } from '../../src/client/connect.js';
import { loadConfig } from '../../src/settings/config.js';
import { startSimulator, generateWorld, type Simulator } from '../../src/simulator/index.js';
import { Authority, type Certificate } from '../support/certificates.js';
import { runCli } from '../support/cli.js';
import { Role } from '../support/deployment.js';
import { TemporalTls, type TemporalTlsOptions } from '../support/temporal-tls.js';

const { amqpUrl, temporalAddress } = inject('stack');
const NAME = `temporal-tls-${randomUUID().slice(0, 8)}`;
const API_KEY = 'canary-api-key';

let authority: Authority;
let others: Authority;
let server: Certificate;
let client: Certificate;
let mano: Simulator;
const world = generateWorld({ services: 3, seed: NAME });
const ending: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [authority, others] = await Promise.all([Authority.create(), Authority.create()]);
  [server, client] = await Promise.all([
    authority.sign({ name: 'localhost' }),
    authority.sign({ name: 'vnf-migrator' }),
  ]);
  mano = await startSimulator({ amqpUrl, exchange: NAME, world });
});
afterAll(() => Promise.all([mano.stop(), authority.close(), others.close()]));
afterEach(() => Promise.all(ending.splice(0).map((end) => end())));

async function front(options: Partial<TemporalTlsOptions> = {}): Promise<TemporalTls> {
  const opened = await TemporalTls.open({
    ...{ target: temporalAddress, server, clientAuthority: null },
    ...options,
  });
  ending.push(() => opened.close());
  return opened;
}

const OURS = {
  TEMPORAL_TASK_QUEUE: NAME,
  DEPLOYMENT: NAME,
  AMQP_URL: amqpUrl,
  AMQP_EXCHANGE: NAME,
};

/** Moves a VNF of the service with this number, by a worker and a command that have these settings. */
async function migrate(number: 0 | 1 | 2, settings: Record<string, string>): Promise<void> {
  const worker = await Role.start(['worker'], { ...OURS, ...settings });
  ending.unshift(() => worker.end());
  await worker.untilReady();
  const { serviceInstanceUuid, vnfs } = world.services[number]!;
  const ids = ['--service', serviceInstanceUuid, '--vnf', vnfs[0]!.vnfUuid, '--vim', world.vims[1]!];
  const ran = await runCli(['migrate', ...ids, '--json'], { ...OURS, ...settings });
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('"outcome":"migrated"') as string });
  expect(await worker.stop()).toBe(0);
}

describe('a VNF is migrated through a Temporal', () => {
  it('that demands certificates, whose files the environment names', async () => {
    const temporal = await front({ clientAuthority: authority.ca });
    await migrate(0, {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.ca,
      TEMPORAL_TLS_CLIENT_CERT_PATH: client.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: client.key,
    });
    for (const [who, method] of [
      ['node', 'StartWorkflowExecution'],
      ['core', 'RespondWorkflowTaskCompleted'],
    ] as const) {
      expect(temporal.calls).toContainEqual(
        expect.objectContaining({ client: who, method, certificate: 'vnf-migrator', authorization: null }),
      );
    }
  });

  it('that asks for an API key, which is in a profile', async () => {
    const temporal = await front({ apiKey: API_KEY });
    const profiles = join(authority.folder, 'profiles.toml');
    await writeFile(
      profiles,
      [
        '[profile.telco]',
        `address = "${temporal.address}"`,
        'namespace = "default"',
        `api_key = "${API_KEY}"`,
        '[profile.telco.tls]',
        `server_ca_cert_path = "${authority.ca}"`,
      ].join('\n'),
    );
    await migrate(1, { TEMPORAL_CONFIG_FILE: profiles, TEMPORAL_PROFILE: 'telco' });
    for (const [who, method] of [
      ['node', 'StartWorkflowExecution'],
      ['node', 'SignalWorkflowExecution'],
      ['core', 'PollWorkflowTaskQueue'],
      ['core', 'RespondActivityTaskCompleted'],
    ] as const) {
      expect(temporal.calls).toContainEqual(
        expect.objectContaining({ client: who, method, authorization: `Bearer ${API_KEY}` }),
      );
    }
    expect(temporal.calls.filter(({ authorization }) => authorization !== `Bearer ${API_KEY}`)).toEqual([]);
  });

  it('that answers no question: the command ends as the migration does', async () => {
    const temporal = await front({ unavailable: 'QueryWorkflow' });
    await migrate(2, { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.ca });
    expect(temporal.calls).toContainEqual(expect.objectContaining({ method: 'QueryWorkflow' }));
  });

  it('is told by the doctor to be there, with an API key in the environment', async () => {
    const temporal = await front({ apiKey: API_KEY });
    const { stdout } = await runCli(['doctor'], {
      ...OURS,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.ca,
      TEMPORAL_API_KEY: API_KEY,
    });
    expect(stdout).toMatch(new RegExp(`^ok +Temporal: server \\S+ at ${temporal.address}$`, 'm'));
  });
});

describe('what only a person can mend is told, in time', () => {
  /** What stands in the front's way, and what is set beside its address. */
  interface Wrong {
    options?: () => Promise<Partial<TemporalTlsOptions>>;
    settings: () => Record<string, string>;
    told: RegExp;
  }

  const trusting = (): Record<string, string> => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.ca });
  const untrusted =
    /^the certificate of Temporal is signed by none whom we trust \(TEMPORAL_TLS_SERVER_CA_CERT_PATH\)/;

  it.concurrent.each<[string, Wrong]>([
    [
      'another authority',
      { settings: () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: others.ca }), told: untrusted },
    ],
    ['no authority', { settings: () => ({ TEMPORAL_TLS: 'true' }), told: untrusted }],
    [
      'a certificate whose time is over',
      {
        options: async () => ({ server: await authority.sign({ name: 'localhost', validity: 'expired' }) }),
        settings: trusting,
        told: /^the certificate of Temporal is out of its time/,
      },
    ],
    [
      'a certificate for another host',
      {
        options: async () => ({
          server: await authority.sign({ name: 'other', hosts: ['DNS:other.example'] }),
        }),
        settings: trusting,
        told: /^the certificate of Temporal is made out for another host than that in TEMPORAL_ADDRESS/,
      },
    ],
    [
      'no certificate where one is demanded',
      {
        options: () => Promise.resolve({ clientAuthority: authority.ca }),
        settings: trusting,
        told: /^Temporal demands a client certificate \(TEMPORAL_TLS_CLIENT_CERT_PATH\)/,
      },
    ],
    [
      'another API key',
      {
        options: () => Promise.resolve({ apiKey: 'another' }),
        settings: () => ({ ...trusting(), TEMPORAL_API_KEY: API_KEY }),
        told: /^Temporal refused us \(TEMPORAL_API_KEY, .*\): Request unauthorized\.$/,
      },
    ],
    [
      'a port that speaks no TLS',
      {
        settings: () => ({ ...trusting(), TEMPORAL_ADDRESS: temporalAddress }),
        told: /^TLS to Temporal failed: nothing speaks it at the port in TEMPORAL_ADDRESS/,
      },
    ],
  ])('%s', async (_, { options, settings, told }) => {
    const temporal = await TemporalTls.open({
      ...{ target: temporalAddress, server, clientAuthority: null },
      ...(await options?.()),
    });
    const config = loadConfig({ TEMPORAL_ADDRESS: temporal.address, ...settings() });
    const startedMs = performance.now();
    try {
      await expect(connectClient(config)).rejects.toThrow(told);
      // Five seconds for Temporal to come, three at most to ask why it does not.
      expect(performance.now() - startedMs).toBeLessThan(15_000);
    } finally {
      await temporal.close();
    }
  });

  it('by a command, with the address', async () => {
    const temporal = await front();
    const { code, stderr } = await runCli(['list'], {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: others.ca,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `^vnf-migrator: no Temporal at ${temporal.address} \\(TEMPORAL_ADDRESS\\): the certificate of`,
      ),
    );
  });

  it('by a worker in its health and its log, with the address; it stays up', async () => {
    const temporal = await front();
    const worker = await Role.start(['worker'], {
      ...OURS,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: others.ca,
    });
    ending.unshift(() => worker.end());
    const told = 'the certificate of Temporal is signed by none whom we trust';
    await worker.untilNotReady(new RegExp(`no Temporal at ${temporal.address}: ${told}`));
    // The listener beside it has a client of its own.
    await worker.untilNotReady(new RegExp(`"listener on Temporal":{"ready":false,"reason":"${told}`));
    expect(await worker.stop()).toBe(0);
    expect(worker.said()).toMatch(new RegExp(`"address":"${temporal.address}","reason":"${told}`));
  });
});
