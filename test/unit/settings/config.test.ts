import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectOptions } from '../../../src/amqp/connect-options.js';
import { ConfigError, loadConfig } from '../../../src/settings/config.js';

const SECRET = 'canary-secret';

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) expect(error.message).toContain(problem);
    return error.problems;
  }
  throw new Error('the settings were taken');
}

describe('settings', () => {
  it('have defaults for everything', () => {
    expect(loadConfig({})).toEqual({
      temporal: {
        connectionOptions: { address: '127.0.0.1:7233' },
        address: '127.0.0.1:7233',
        namespace: 'default',
        taskQueue: 'vnf-migration',
        workerVersion: null,
      },
      deployment: 'default',
      amqp: { urls: ['amqp://guest:guest@127.0.0.1:5672'], exchange: 'son-kernel', appId: 'vnf-migrator' },
      hasBus: true,
      manoAppIds: null,
      gatekeeper: null,
      repositoryUrl: null,
      http: null,
      console: {
        address: { host: '127.0.0.1', port: 8088 },
        tokensFile: null,
        proxy: null,
        codecOrigins: [],
      },
      logLevel: 'info',
      payloads: { keysFile: null, keys: { encrypting: null, byId: new Map() } },
      notify: { file: null, receivers: new Map() },
      traces: null,
    });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, { protocol: 'http/protobuf' }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, { ratio: 1 }],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { sampler: 'parentbased_always_on' }],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, { protocol: 'grpc' }],
    [
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
      { sampler: 'traceidratio', ratio: 0.1 },
    ],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, null],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, null],
    [{ OTEL_SERVICE_NAME: 'vnfs' }, null],
  ])('of traces: %j', (environment, expected) => {
    const { traces } = loadConfig(environment);
    if (expected === null) expect(traces).toBeNull();
    else expect(traces).toMatchObject(expected);
  });

  it('of traces are checked', () => {
    const wrong = {
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http',
      OTEL_TRACES_SAMPLER: 'half',
      OTEL_TRACES_SAMPLER_ARG: '2',
    };
    expect(problems(wrong).map((problem) => problem.split(':', 1)[0])).toEqual(Object.keys(wrong));
  });

  it('of a Gatekeeper alone look for no broker', () => {
    const url = 'http://u:p@gatekeeper:5000';
    expect(loadConfig({ GATEKEEPER_URL: url })).toMatchObject({
      hasBus: false,
      gatekeeper: { url, callback: null },
    });
    expect(loadConfig({ GATEKEEPER_URL: url, AMQP_URL: 'amqp://h' })).toMatchObject({ hasBus: true });
  });

  it('of its callback belong together', () => {
    const GATEKEEPER_URL = 'http://gatekeeper:5000';
    const GATEKEEPER_CALLBACK_URL = 'https://us/callbacks';
    const GATEKEEPER_CALLBACK_ADDRESS = '0.0.0.0:9465';
    expect(
      loadConfig({ GATEKEEPER_URL, GATEKEEPER_CALLBACK_URL, GATEKEEPER_CALLBACK_ADDRESS }).gatekeeper
        ?.callback,
    ).toEqual({ url: GATEKEEPER_CALLBACK_URL, address: { host: '0.0.0.0', port: 9465 } });
    expect(problems({ GATEKEEPER_URL, GATEKEEPER_CALLBACK_URL })).toEqual([
      'GATEKEEPER_CALLBACK_ADDRESS: needed together with GATEKEEPER_CALLBACK_URL',
    ]);
    expect(problems({ GATEKEEPER_URL, GATEKEEPER_CALLBACK_ADDRESS })).toEqual([
      'GATEKEEPER_CALLBACK_URL: needed together with GATEKEEPER_CALLBACK_ADDRESS',
    ]);
    expect(problems({ GATEKEEPER_CALLBACK_URL, GATEKEEPER_CALLBACK_ADDRESS })).toEqual([
      'GATEKEEPER_URL: needed where GATEKEEPER_CALLBACK_URL is set',
    ]);
  });

  it("of a worker's version belong together", () => {
    const TEMPORAL_DEPLOYMENT_NAME = 'telco/vnf-migrator';
    const TEMPORAL_WORKER_BUILD_ID = '0.2.0+7f3c2a1';
    const { workerVersion } = loadConfig({ TEMPORAL_DEPLOYMENT_NAME, TEMPORAL_WORKER_BUILD_ID }).temporal;
    expect(workerVersion).toEqual({
      deploymentName: TEMPORAL_DEPLOYMENT_NAME,
      buildId: TEMPORAL_WORKER_BUILD_ID,
    });
    expect(Object.isFrozen(workerVersion)).toBe(true);
    expect(problems({ TEMPORAL_DEPLOYMENT_NAME })).toEqual([
      'TEMPORAL_WORKER_BUILD_ID: needed together with TEMPORAL_DEPLOYMENT_NAME',
    ]);
    expect(problems({ TEMPORAL_WORKER_BUILD_ID, TEMPORAL_DEPLOYMENT_NAME: '' })).toEqual([
      'TEMPORAL_DEPLOYMENT_NAME: needed together with TEMPORAL_WORKER_BUILD_ID',
    ]);
  });

  it.each([
    ['vnf.migrator', '1'],
    ['vnf:migrator', '1'],
    ['__vnf', '1'],
    ['x'.repeat(121), '1'],
    ['vnf', '__1'],
    ['vnf', 'it is new'],
    ['vnf', "'1'"],
    ['vnf', 'x'.repeat(121)],
  ])('do not take %j and %j for the version of a worker', (name, buildId) => {
    const found = problems({ TEMPORAL_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: buildId });
    expect(found).toEqual([
      expect.stringMatching(/^TEMPORAL_(DEPLOYMENT_NAME|WORKER_BUILD_ID): expected a /),
    ]);
  });

  it('are taken as given; an empty one is none', () => {
    const config = loadConfig({
      TEMPORAL_ADDRESS: 'temporal:1234',
      TEMPORAL_NAMESPACE: 'telco',
      TEMPORAL_TASK_QUEUE: 'queue',
      AMQP_URL: 'amqps://u:p@h/v',
      AMQP_EXCHANGE: 'bus',
      AMQP_APP_ID: 'us',
      AMQP_MANO_APP_IDS: 'son-plugin.slm, other',
      REPOSITORY_URL: 'https://u:p@h:1/prefix',
      LOG_LEVEL: 'debug',
      DEPLOYMENT: '',
    });
    expect(config).toMatchObject({
      temporal: { address: 'temporal:1234', namespace: 'telco', taskQueue: 'queue' },
      deployment: 'telco',
      amqp: { urls: ['amqps://u:p@h/v'], exchange: 'bus', appId: 'us' },
      manoAppIds: ['son-plugin.slm', 'other'],
      repositoryUrl: 'https://u:p@h:1/prefix',
      logLevel: 'debug',
    });
    expect(loadConfig({ DEPLOYMENT: 'north', TEMPORAL_NAMESPACE: 'telco' }).deployment).toBe('north');
  });

  it('cannot be changed afterwards', () => {
    const config = loadConfig({});
    for (const part of [
      config,
      config.temporal,
      config.temporal.connectionOptions,
      config.amqp,
      config.amqp.urls,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('that are wrong are named all at once, each with what would be right, and no value that may be secret', () => {
    const found = problems({
      TEMPORAL_TASK_QUEUE: 'x'.repeat(201),
      DEPLOYMENT: 'é'.repeat(11),
      AMQP_URL: `http://user:${SECRET}@host`,
      AMQP_EXCHANGE: 'x'.repeat(128),
      AMQP_APP_ID: 'son-plugin.ServiceLifecycleManager',
      AMQP_MANO_APP_IDS: 'one,,two',
      REPOSITORY_URL: `ftp://user:${SECRET}@host`,
      LOG_LEVEL: 'loud',
      TEMPORAL_TLS_CLIENT_CERT_PATH: '/no/such/file',
      TEMPORAL_TLS_CLIENT_CERT_DATA: SECRET,
    });
    expect(found).toEqual([
      expect.stringMatching(/^TEMPORAL_TASK_QUEUE: .*200/),
      'DEPLOYMENT: expected at most 64 bytes, percent-encoded',
      'AMQP_URL: expected a URL such as amqp://user:password@host:5672/vhost, without a query, ' +
        'or one for each node of a cluster, separated by commas',
      expect.stringMatching(/^AMQP_EXCHANGE: .*127/),
      expect.stringMatching(/^AMQP_APP_ID: must not be son-plugin.ServiceLifecycleManager/),
      'AMQP_MANO_APP_IDS: expected names such as son-plugin.ServiceLifecycleManager, separated by commas',
      'REPOSITORY_URL: expected a URL such as http://tng-rep:4012, without a query',
      expect.stringMatching(/^LOG_LEVEL: .*trace.*silent/),
      expect.stringMatching(/^TEMPORAL_…: .*client_cert_path/),
    ]);
    expect(found.join()).not.toContain(SECRET);
  });

  it.each([
    'no-url',
    'amqp:',
    'amqp://',
    `amqp://u:${SECRET} x@:5672`,
    'amqp://h:99999',
    'amqp://h?heartbeat=5',
    'amqp://h/#fragment',
    'amqp://one,two',
    'amqp://one:5672,two:5672',
    'amqp://one:5672,',
    `amqp://one, amqp://u:${SECRET} x@:5672`,
    `amqp://u:${SECRET}@one,http://two`,
  ])('do not take %s for a broker', (AMQP_URL) => {
    expect(problems({ AMQP_URL })).toEqual([expect.stringMatching(/^AMQP_URL: expected a URL/)]);
    expect(problems({ AMQP_URL }).join()).not.toContain(SECRET);
  });

  it('name several nodes of a broker; a comma in a password separates nothing', () => {
    const AMQP_URL = 'amqp://u:p,w@one:5672/v, amqps://two ,amqp://[::1]:5673';
    expect(loadConfig({ AMQP_URL }).amqp.urls).toEqual([
      'amqp://u:p,w@one:5672/v',
      'amqps://two',
      'amqp://[::1]:5673',
    ]);
  });

  it.each([
    ['9464', { host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['metrics.local:80', { host: 'metrics.local', port: 80 }],
  ])('take %s for where health and metrics are served', (HTTP_ADDRESS, http) => {
    expect(loadConfig({ HTTP_ADDRESS }).http).toEqual(http);
  });

  it.each(['65536', '99999', '::1:80', 'host', 'host:', ':80', 'http://host:80', '-1', '1e3', '80 '])(
    'do not take %j for where health and metrics are served',
    (HTTP_ADDRESS) => {
      expect(problems({ HTTP_ADDRESS })).toEqual([expect.stringMatching(/^HTTP_ADDRESS: expected a port/)]);
    },
  );

  it('do not let a long namespace stand in for the deployment', () => {
    const TEMPORAL_NAMESPACE = 'n'.repeat(65);
    expect(problems({ TEMPORAL_NAMESPACE })).toEqual([expect.stringMatching(/^DEPLOYMENT: the namespace/)]);
    expect(loadConfig({ TEMPORAL_NAMESPACE, DEPLOYMENT: 'short' }).deployment).toBe('short');
    const atTheLimit = 'n'.repeat(64);
    expect(loadConfig({ TEMPORAL_NAMESPACE: atTheLimit }).deployment).toBe(atTheLimit);
  });

  it("of Temporal's own in a file that cannot be read are wrong, and the API key in it is not shown", () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'));
    const file = join(folder, 'temporal.toml');
    writeFileSync(file, `[profile.default]\napi_key = "${SECRET}\n`);
    const found = problems({ TEMPORAL_CONFIG_FILE: file });
    rmSync(folder, { recursive: true });
    expect(found).toEqual([expect.stringMatching(/^TEMPORAL_…: Invalid TOML/)]);
    expect(found.join()).not.toContain(SECRET);
  });
});

describe('the address of the broker', () => {
  it.each([
    ['amqp://h', { hostname: 'h', username: 'guest', password: 'guest', vhost: '/' }],
    ['amqp://h/', { vhost: '/' }],
    ['amqp://h/%2F', { vhost: '%2F' }],
    ['amqp://h/telco', { vhost: 'telco' }],
    ['amqps://u%40x:p%3A%2F@h:1', { protocol: 'amqps', port: 1, username: 'u@x', password: 'p:/' }],
    ['amqp://u:100%@h', { password: '100%' }],
    ['amqp://[::1]:5672', { hostname: '::1', port: 5672 }],
  ])('%s', (url, expected) => {
    expect(connectOptions(url)).toMatchObject(expected);
    // Otherwise a dead peer is noticed after minutes.
    expect(connectOptions(url).heartbeat).toBe(10);
  });
});
