// A private Temporal: the development server of the Temporal CLI, on its own loopback ports. The server is ready
// when its namespace answers over gRPC. With a database file a restart keeps the state. In memory, every start is
// empty.
import { Connection } from '@temporalio/client';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, isListening, LOOPBACK } from '../processes/ports.js';
import { retryOnPortConflict, Service } from '../processes/service.js';
import type { Supervisor } from '../processes/supervisor.js';

export interface TemporalOptions {
  supervisor: Supervisor;
  /** The path of the Temporal CLI. */
  executable: string;
  namespace: string;
  /** Whether the database is kept in the directory of the supervisor after the server stops. */
  persistent: boolean;
  env: NodeJS.ProcessEnv;
}

export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string;
  readonly pid: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
  /** Sends SIGKILL immediately. */
  kill(): Promise<void>;
  /** Restarts the server on the same ports and database. */
  start(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const CALL_TIMEOUT_MS = 5_000;

/**
 * All are Keywords, and the caller sets them at the start of a migration. A search cannot use an unregistered
 * attribute.
 */
const SEARCH_ATTRIBUTES = ['VnfUuid', 'VnfServiceUuid', 'VnfSourceVim', 'VnfTargetVim', 'VnfCampaign'];

export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const directory = join(options.supervisor.directory, 'temporal');
  await mkdir(directory, { recursive: true });
  return retryOnPortConflict(async () => {
    const [port = 0, uiPort = 0] = await freePorts(2);
    const address = `${LOOPBACK}:${port}`;
    const service = new Service({
      supervisor: options.supervisor,
      name: 'Temporal',
      spawn: {
        command: options.executable,
        args: serverArguments({ ...options, directory, port, uiPort }),
        env: withoutTemporalSettings(options.env),
        logFile: join(directory, 'temporal.log'),
        stopTimeoutMs: STOP_TIMEOUT_MS,
      },
      isReady: async () => (await isListening(port)) && (await namespaceAnswers({ address, ...options })),
      startTimeoutMs: START_TIMEOUT_MS,
    });
    await service.start();
    return Object.assign(service, { address, uiUrl: `http://${LOOPBACK}:${uiPort}` });
  });
}

interface ServerArguments extends TemporalOptions {
  directory: string;
  port: number;
  uiPort: number;
}

function serverArguments({ directory, namespace, persistent, port, uiPort }: ServerArguments): string[] {
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', `${port}`, '--ui-port', `${uiPort}`],
    ...['--log-level', 'warn'],
    ...(namespace === 'default' ? [] : ['--namespace', namespace]),
    ...(persistent ? ['--db-filename', join(directory, 'temporal.db')] : []),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

/** Removes the settings of the caller's client, which belong to another server. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function namespaceAnswers({
  address,
  namespace,
}: {
  address: string;
  namespace: string;
}): Promise<boolean> {
  let connection: Connection | null = null;
  try {
    connection = await Connection.connect({ address, connectTimeout: CALL_TIMEOUT_MS });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
      workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
