/**
 * The activities and what they hold open: a publisher, clients of the repository and of the Gatekeeper.
 *
 * `vnf-migrator/activities`: for those who run our workflows on a worker of their own.
 * @module
 */
import type { DataConverter } from '@temporalio/common';
import { Publisher, type PublisherOptions } from '../amqp/publisher.js';
import { workerConverter } from '../codec/data-converter.js';
import { loadConfig, type Config } from '../settings/config.js';
import { createGatekeeperClient } from '../gatekeeper/client.js';
import { createLogger, type Logger } from '../observability/logger.js';
import { createRepositoryClient } from '../repository/client.js';
import { VimDirectory } from '../vims/directory.js';
import { vimListSource } from '../vims/source.js';
import { createActivities, type Activities } from './index.js';
import type { GatekeeperRoute } from './post-request.js';

/** The activities, and the connections that they hold open. */
export interface OpenActivities {
  activities: Activities;
  /** Null where no broker is configured. */
  publisher: Publisher | null;
  /** For the worker that runs them: encrypts payloads where `PAYLOAD_KEYS_FILE` is set. */
  dataConverter: DataConverter;
  /** After the worker's end. */
  close: () => Promise<void>;
}

/** What the activities are opened with. */
export interface OpenOptions {
  config: Config;
  log: Logger;
  /** Called with the name of a session whose connection is lost. */
  onLoss?: PublisherOptions['onLoss'];
  /** Called for each payload that cannot be decrypted. */
  onUnreadablePayload?: () => void;
}

/** Connects in the background, and again whenever it must. */
export function openActivities({ config, log, onLoss, onUnreadablePayload }: OpenOptions): OpenActivities {
  const { amqp: broker, deployment, hasBus, repositoryUrl, payloads } = config;
  const publisher = hasBus ? new Publisher({ broker, deployment, log, onLoss }) : null;
  const vims = new VimDirectory({ query: vimListSource(config) });
  const activities = createActivities({
    publisher,
    gatekeeper: gatekeeperRoute(config),
    repository: repositoryUrl === null ? null : createRepositoryClient({ baseUrl: repositoryUrl }),
    vims,
    notify: config.notify,
    deployment,
  });
  publisher?.start();
  vims.start();
  const dataConverter = workerConverter(payloads.keys, { onUnreadable: onUnreadablePayload });
  const close = async (): Promise<void> => {
    await Promise.all([publisher?.stop(), vims.stop()]);
  };
  return { activities, publisher, dataConverter, close };
}

/**
 * By the settings of the README (`AMQP_URL` and so on); logs to standard error.
 * @throws ConfigError with every problem
 */
export function activitiesFromSettings(environment: NodeJS.ProcessEnv = process.env): OpenActivities {
  const config = loadConfig(environment);
  return openActivities({ config, log: createLogger({ level: config.logLevel }) });
}

function gatekeeperRoute({ gatekeeper }: Config): GatekeeperRoute | null {
  if (gatekeeper === null) return null;
  const { url, callback } = gatekeeper;
  return { client: createGatekeeperClient({ baseUrl: url }), callbackBaseUrl: callback?.url ?? null };
}
