// A Temporal and a RabbitMQ for development: private to one directory, or the servers that the environment names.
// Invariant: everything that this module starts ends with stop(), and with this process, however it ends
// (reaper.ts).
import { findOnPath, isExecutable } from './install/find-on-path.js';
import { findRabbitmq, installedRabbitmq, type FoundRabbitmq } from './rabbitmq/find.js';
import { findTemporal, type FoundTemporal } from './temporal/find.js';
import { rabbitmqInstaller } from './rabbitmq/install.js';
import type { Installer } from './install/step.js';
import { buildTemporal, cachedTemporal, downloadTemporal } from './temporal/install.js';
import { startRabbitmq, type RabbitmqServer } from './rabbitmq/server.js';
import { Supervisor } from './processes/supervisor.js';
import { startTemporal, type TemporalServer } from './temporal/server.js';

export interface StackOptions {
  /** The folder for all its files. One stack at a time may use it. */
  directory: string;
  /** Whether missing programs may be downloaded, built and installed. */
  install: boolean;
  /** Receives one line for the user about the current step. */
  report: (line: string) => void;
  env?: NodeJS.ProcessEnv;
  /** Whether the state of Temporal is kept in the directory across restarts. RabbitMQ always keeps its state. */
  persistent?: boolean;
  /** Whether RabbitMQ has its management pages, by default yes. Without them it stops faster. */
  management?: boolean;
  /** Cancels the start, and stops what was started. */
  signal?: AbortSignal;
}

export interface Stack {
  temporalAddress: string;
  temporalNamespace: string;
  temporalUiUrl: string | null;
  amqpUrl: string;
  managementUrl: string | null;
  /** Null if the environment names a running server. */
  temporal: TemporalServer | null;
  rabbitmq: RabbitmqServer | null;
  stop(): Promise<void>;
}

type Context = Required<Omit<StackOptions, 'signal' | 'directory'>> & { supervisor: Supervisor };

export async function startStack(options: StackOptions): Promise<Stack> {
  const {
    directory,
    install,
    report,
    env = process.env,
    persistent = false,
    management = true,
    signal,
  } = options;
  signal?.throwIfAborted();
  const supervisor = await Supervisor.start(directory);
  const abort = (): void => void supervisor.close();
  signal?.addEventListener('abort', abort, { once: true });
  // Errors that the abort causes are not reported.
  const reportUnlessAborted = (line: string): void => (signal?.aborted ? undefined : report(line));
  const context = { supervisor, install, report: reportUnlessAborted, env, persistent, management };
  try {
    // Locate one after the other: nothing is installed if another part is certain to be missing.
    const temporal = await locateTemporal(context);
    const rabbitmq = await locateRabbitmq(context);
    const [partOf, rabbitmqPart] = await Promise.all([
      openTemporal({ ...context, found: temporal }),
      openRabbitmq({ ...context, found: rabbitmq }),
    ]);
    signal?.throwIfAborted();
    return { ...partOf, ...rabbitmqPart, stop: () => supervisor.close() };
  } catch (error) {
    await supervisor.close();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

type TemporalPart = Pick<Stack, 'temporalAddress' | 'temporalNamespace' | 'temporalUiUrl' | 'temporal'>;
type RabbitmqPart = Pick<Stack, 'amqpUrl' | 'managementUrl' | 'rabbitmq'>;

function locateTemporal({ supervisor, install, report, env }: Context): Promise<FoundTemporal> {
  const installer: Installer = { supervisor, env, report };
  return findTemporal({
    address: env['TEMPORAL_ADDRESS'],
    install,
    onPath: () => findOnPath({ name: 'temporal', env }),
    inCache: () => (isExecutable(cachedTemporal(env)) ? cachedTemporal(env) : null),
    download: () => downloadTemporal(installer),
    build: () => buildTemporal(installer),
    report,
  });
}

function locateRabbitmq({ supervisor, install, report, env }: Context): Promise<FoundRabbitmq> {
  return findRabbitmq({
    url: env['AMQP_URL'],
    mayInstall: install,
    installed: () => installedRabbitmq(env),
    install: rabbitmqInstaller({ supervisor, env, report }),
  });
}

async function openTemporal(context: Context & { found: FoundTemporal }): Promise<TemporalPart> {
  const { supervisor, report, env, persistent, found } = context;
  const namespace = env['TEMPORAL_NAMESPACE'] ?? 'default';
  if (found.kind === 'running') {
    report(`Temporal: using ${found.address} (TEMPORAL_ADDRESS)`);
    return {
      temporalAddress: found.address,
      temporalNamespace: namespace,
      temporalUiUrl: null,
      temporal: null,
    };
  }
  report(`Temporal: starting ${found.path}`);
  const temporal = await startTemporal({ supervisor, executable: found.path, namespace, persistent, env });
  report(`Temporal: ready on ${temporal.address}`);
  return {
    temporalAddress: temporal.address,
    temporalNamespace: namespace,
    temporalUiUrl: temporal.uiUrl,
    temporal,
  };
}

async function openRabbitmq(context: Context & { found: FoundRabbitmq }): Promise<RabbitmqPart> {
  const { supervisor, report, env, management, found } = context;
  if (found.kind === 'running') {
    report('RabbitMQ: using AMQP_URL');
    return { amqpUrl: found.url, managementUrl: null, rabbitmq: null };
  }
  report(`RabbitMQ: starting ${found.path}`);
  const rabbitmq = await startRabbitmq({ supervisor, executable: found.path, management, env });
  report(`RabbitMQ: ready on ${rabbitmq.amqpUrl}`);
  return { amqpUrl: rabbitmq.amqpUrl, managementUrl: rabbitmq.managementUrl, rabbitmq };
}
