// A Temporal and a RabbitMQ for development, private to one directory, or those that the environment names.
// Invariant: what this starts ends with stop(), and also with this process, however that ends (reaper.ts).
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
  /** Everything it writes lies there; one stack at a time. */
  directory: string;
  /** Whether it may download, build and install what is missing. */
  install: boolean;
  /** Takes one line for a person about what is done now. */
  report: (line: string) => void;
  env?: NodeJS.ProcessEnv;
  /** Whether Temporal's state outlives it, in the directory. RabbitMQ's always does. */
  persistent?: boolean;
  /** Whether RabbitMQ has its management pages, by default yes; it stops faster without. */
  management?: boolean;
  /** Gives up the start and stops what was started. */
  signal?: AbortSignal;
}

export interface Stack {
  temporalAddress: string;
  temporalNamespace: string;
  temporalUiUrl: string | null;
  amqpUrl: string;
  managementUrl: string | null;
  /** Null where the environment names one that runs. */
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
  // A failure because of the abort is not reported.
  const reportUnlessAborted = (line: string): void => (signal?.aborted ? undefined : report(line));
  const context = { supervisor, install, report: reportUnlessAborted, env, persistent, management };
  try {
    // One after the other: nothing is installed if something else is certain to be missing.
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
