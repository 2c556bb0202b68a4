// A Temporal server as in production, not the development server of its command line: its four services in one
// process, on their own PostgreSQL. A test may kill and restart both. The set-up follows docs/scaling.md step by
// step.
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { DevError } from '../../src/dev/errors.js';
import { findOnPath, isExecutable } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { cachedTemporal } from '../../src/dev/temporal/install.js';
import { freePorts, LOOPBACK } from '../../src/dev/processes/ports.js';
import { retryOnPortConflict, Service } from '../../src/dev/processes/service.js';
import { Supervisor } from '../../src/dev/processes/supervisor.js';
import { startPostgres, type OwnPostgres } from './own-postgres.js';

/** The same version as that of the development server, so that only the database differs. */
const SERVER_VERSION = '1.29.1';
const MODULE = 'go.temporal.io/server';
const BUILD_TIMEOUT_MS = 30 * 60_000;
const STEP_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 5_000;

/** The number cannot be changed later. It is enough for a test. docs/scaling.md states the number for more load. */
const HISTORY_SHARDS = 4;
/** SQL columns hold no longer ids. Without the limit the server accepts longer ids, and fails. */
const DYNAMIC_CONFIGURATION = { 'limit.maxIDLength': [{ value: 255, constraints: {} }] };
const SERVICES = ['frontend', 'history', 'matching', 'worker'];
const STORES = [
  { database: 'temporal', schema: 'postgresql/v12/temporal' },
  { database: 'temporal_visibility', schema: 'postgresql/v12/visibility' },
];

export class TemporalOnPostgres {
  private constructor(
    readonly address: string,
    readonly temporal: Service,
    readonly postgres: Service,
    private readonly supervisor: Supervisor,
  ) {}

  static async start(report: (line: string) => void): Promise<TemporalOnPostgres> {
    const directory = await mkdtemp(join(tmpdir(), 'vnf-migrator-postgres-'));
    const supervisor = await Supervisor.start(directory);
    try {
      const installer = { supervisor, env: process.env, report };
      const programs = await serverPrograms(installer);
      const postgres = await startPostgres(installer);
      await setUpSchemas(installer, { programs, postgres });
      const { address, service } = await startServer(supervisor, { programs, postgres });
      return new TemporalOnPostgres(address, service, postgres.service, supervisor);
    } catch (error) {
      await supervisor.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.supervisor.close();
    await rm(this.supervisor.directory, { recursive: true, force: true });
  }
}

/**
 * The folder of `server` and `sql`, which are temporal-server and temporal-sql-tool. They are built once, with Go.
 */
async function serverPrograms(installer: Installer): Promise<string> {
  const folder = join(dirname(cachedTemporal(installer.env)), '..', `temporal-server-${SERVER_VERSION}`);
  if (isExecutable(join(folder, 'server')) && isExecutable(join(folder, 'sql'))) return folder;
  const go = findOnPath({ name: 'go', env: installer.env });
  if (go === null) throw new DevError('building the Temporal server needs Go, which is not on the PATH');
  await mkdir(dirname(folder), { recursive: true });
  const made = await mkdtemp(`${folder}-new-`);
  try {
    await runInstallStep({
      installer,
      what: `building the Temporal server ${SERVER_VERSION} with Go (about 5 minutes, once)`,
      command: go,
      args: [
        'install',
        ...['cmd/server', 'cmd/tools/sql'].map((path) => `${MODULE}/${path}@v${SERVER_VERSION}`),
      ],
      env: { GOBIN: made },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
    return folder;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

interface Parts {
  programs: string;
  postgres: OwnPostgres;
}

/** One database for histories and one for the visibility store, each with its schema. */
async function setUpSchemas(installer: Installer, { programs, postgres }: Parts): Promise<void> {
  const { port, user, password } = postgres;
  for (const { database, schema } of STORES) {
    const connection = [
      '--plugin',
      'postgres12',
      '--ep',
      LOOPBACK,
      '--port',
      `${port}`,
      '--user',
      user,
      '--db',
      database,
    ];
    for (const action of [
      ['create-database'],
      ['setup-schema', '--version', '0.0'],
      ['update-schema', '--schema-name', schema],
    ]) {
      await runInstallStep({
        installer,
        what: `${database}: ${action[0] ?? ''}`,
        command: join(programs, 'sql'),
        args: [...connection, ...action],
        // Every user of the machine can read arguments, so the password is not one of them.
        env: { SQL_PASSWORD: password },
        timeoutMs: STEP_TIMEOUT_MS,
      });
    }
  }
}

function startServer(
  supervisor: Supervisor,
  { programs, postgres }: Parts,
): Promise<{ address: string; service: Service }> {
  return retryOnPortConflict(async () => {
    const ports = await freePorts(2 * SERVICES.length);
    const address = `${LOOPBACK}:${ports[0] ?? 0}`;
    await writeConfiguration(supervisor.directory, configurationOf(postgres, ports));
    const service = new Service({
      supervisor,
      name: 'the Temporal server',
      spawn: {
        command: join(programs, 'server'),
        args: [
          '--root',
          supervisor.directory,
          '--config',
          'config',
          '--env',
          'test',
          '--allow-no-auth',
          'start',
        ],
        env: process.env,
        logFile: join(supervisor.directory, 'temporal.log'),
        stopTimeoutMs: STOP_TIMEOUT_MS,
      },
      isReady: () => answers(address),
      startTimeoutMs: START_TIMEOUT_MS,
    });
    await service.start();
    return { address, service };
  });
}

/** JSON is valid YAML. The file holds a password, so no other user may read it. */
async function writeConfiguration(directory: string, configuration: object): Promise<void> {
  const folder = join(directory, 'config');
  await mkdir(folder, { recursive: true });
  const dynamic = join(folder, 'dynamic.yaml');
  await writeFile(dynamic, JSON.stringify(DYNAMIC_CONFIGURATION));
  const whole = { ...configuration, dynamicConfigClient: { filepath: dynamic, pollInterval: '10s' } };
  await writeFile(join(folder, 'test.yaml'), JSON.stringify(whole, null, 2), { mode: 0o600 });
}

function configurationOf({ port, user, password }: OwnPostgres, ports: readonly number[]): object {
  const store = (databaseName: string): object => ({
    sql: {
      pluginName: 'postgres12',
      connectProtocol: 'tcp',
      connectAddr: `${LOOPBACK}:${port}`,
      ...{ databaseName, user, password, maxConns: 20, maxIdleConns: 20, maxConnLifetime: '1h' },
    },
  });
  const [frontend = 0] = ports;
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: { default: store('temporal'), visibility: store('temporal_visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: LOOPBACK } },
    services: Object.fromEntries(
      SERVICES.map((name, index) => {
        const [grpcPort, membershipPort] = ports.slice(2 * index);
        return [name, { rpc: { grpcPort, membershipPort, bindOnIP: LOOPBACK } }];
      }),
    ),
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: {
          ...{ enabled: true, initialFailoverVersion: 1 },
          ...{ rpcName: 'frontend', rpcAddress: `${LOOPBACK}:${frontend}` },
        },
      },
    },
  };
}

/** Temporal's own namespace is in the database. */
async function answers(address: string): Promise<boolean> {
  let connection: Connection | null = null;
  try {
    connection = await Connection.connect({ address, connectTimeout: CALL_TIMEOUT_MS });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
      workflowService.describeNamespace({ namespace: 'temporal-system' }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
