// A private Temporal: the development server of the Temporal CLI, on loopback ports of its own.
// Ready means that its namespace answers over gRPC. With a file for its database a second start goes on where
// the first one ended; in memory every start is empty.
import { Connection } from '@temporalio/client';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, isListening, LOOPBACK } from '../processes/ports.js';
import { retryOnPortConflict, Service } from '../processes/service.js';
import type { Supervisor } from '../processes/supervisor.js';

export interface TemporalOptions {
  supervisor: Supervisor;
  /** The Temporal CLI. */
  executable: string;
  namespace: string;
  /** A database that outlives the server, in the directory of the supervisor. */
  persistent: boolean;
  env: NodeJS.ProcessEnv;
}

export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string;
  readonly pid: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
  /** SIGKILL, now. */
  kill(): Promise<void>;
  /** Again, on the same ports and database. */
  start(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const CALL_TIMEOUT_MS = 5_000;

/** All Keywords, set at the start of a migration; an unregistered one cannot be used in a search. */
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

/** The settings of a caller's client are not meant for this server. */
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
