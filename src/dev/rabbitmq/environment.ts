// The settings of one private RabbitMQ, which shares nothing with another broker. Its files, ports, cookie and port
// mapper (epmd) are its own, within one directory and on the loopback address. The nodes of a cluster share only
// the cookie and the port mapper.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOOPBACK } from '../processes/ports.js';

export interface RabbitmqPorts {
  amqp: number;
  management: number;
  distribution: number;
  epmd: number;
}

/** The identity of a node, and the nodes that it joins on its first start. */
export interface RabbitmqIdentity {
  /**
   * The name never changes, so that the node finds its data. A separate epmd keeps nodes of the same name apart.
   */
  nodeName: string;
  /** The names of all nodes of the cluster. Null for a single broker. */
  clusterNodes: readonly string[] | null;
  /** The folder of the cookie. */
  home: string;
}

export const SINGLE_NODE_NAME = 'vnf-migrator@localhost';
/**
 * Erlang listens on the loopback address. No Erlang program starts a port mapper, because the port mapper is a
 * supervised process.
 */
const ERLANG_ARGUMENTS = '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}';

interface Layout {
  directory: string;
  ports: RabbitmqPorts;
  identity: RabbitmqIdentity;
}

interface RabbitmqFiles extends Layout {
  management: boolean;
  /** Plugins in addition to the management plugin. */
  plugins?: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** Writes the configuration, and returns the environment for the server and for `rabbitmqctl`. */
export async function prepareRabbitmq(options: RabbitmqFiles): Promise<NodeJS.ProcessEnv> {
  const { directory, identity, management, plugins = [], env } = options;
  await mkdir(identity.home, { recursive: true });
  await writeFile(join(directory, 'rabbitmq.conf'), configuration(options));
  const enabled = [...(management ? ['rabbitmq_management'] : []), ...plugins];
  await writeFile(join(directory, 'enabled_plugins'), `[${enabled.join(',')}].\n`);
  // An empty file replaces the file of the system.
  await writeFile(join(directory, 'rabbitmq-env.conf'), '');
  return { ...withoutRabbitmqSettings(env), ...settings(options) };
}

function configuration({ ports, management, identity }: RabbitmqFiles): string {
  const { clusterNodes } = identity;
  return [
    `listeners.tcp.1 = ${LOOPBACK}:${ports.amqp}`,
    ...(management ? [`management.tcp.ip = ${LOOPBACK}`, `management.tcp.port = ${ports.management}`] : []),
    ...(clusterNodes === null ? [] : ['cluster_formation.peer_discovery_backend = classic_config']),
    ...(clusterNodes ?? []).map(
      (name, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}`,
    ),
    'log.console = true',
    'log.file = false',
    '',
  ].join('\n');
}

function settings({ directory, ports, identity }: Layout): NodeJS.ProcessEnv {
  return {
    HOME: identity.home,
    RABBITMQ_NODENAME: identity.nodeName,
    RABBITMQ_MNESIA_BASE: join(directory, 'data'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_CONF_ENV_FILE: join(directory, 'rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
    RABBITMQ_CONFIG_FILES: join(directory, 'conf.d', '*.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'advanced.config'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(directory, 'generated'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
    RABBITMQ_DIST_PORT: `${ports.distribution}`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${ERLANG_ARGUMENTS} +S 2:2`,
    RABBITMQ_CTL_ERL_ARGS: ERLANG_ARGUMENTS,
    // The start script then replaces itself with the server, instead of staying its parent.
    RUNNING_UNDER_SYSTEMD: 'true',
    ...epmdSettings(ports),
  };
}

/** The address and port of an epmd, for epmd itself and for its clients. */
export function epmdSettings({ epmd }: Pick<RabbitmqPorts, 'epmd'>): NodeJS.ProcessEnv {
  return { ERL_EPMD_PORT: `${epmd}`, ERL_EPMD_ADDRESS: LOOPBACK };
}

/** Removes the settings of other brokers and the socket of a service manager. */
function withoutRabbitmqSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = (name: string): boolean => /^(RABBITMQ_|ERL_)/.test(name) || name === 'NOTIFY_SOCKET';
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign(name)));
}
