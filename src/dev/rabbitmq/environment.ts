// The settings of one private RabbitMQ, so that it shares nothing with another: its files, its ports, its cookie and
// its own port mapper (epmd), all within one directory and on the loopback address. The nodes of a cluster share the
// cookie and the port mapper, and nothing else.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOOPBACK } from '../processes/ports.js';

export interface RabbitmqPorts {
  amqp: number;
  management: number;
  distribution: number;
  epmd: number;
}

/** Who a node is, and whom it meets when it starts for the first time. */
export interface RabbitmqIdentity {
  /** Always the same, so that the data is found again; its epmd keeps it from meeting its namesakes. */
  nodeName: string;
  /** The names of all nodes of its cluster; null for a broker by itself. */
  clusterNodes: readonly string[] | null;
  /** Where the cookie lies. */
  home: string;
}

export const SINGLE_NODE_NAME = 'vnf-migrator@localhost';
/** On the loopback address; and no program of Erlang starts a port mapper, which is a process of ours. */
const ERLANG_ARGUMENTS = '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}';

interface Layout {
  directory: string;
  ports: RabbitmqPorts;
  identity: RabbitmqIdentity;
}

interface RabbitmqFiles extends Layout {
  management: boolean;
  /** Beside that of the management pages. */
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
  // An empty one, in place of the system's.
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
    // Makes the start script become the server, instead of staying its parent.
    RUNNING_UNDER_SYSTEMD: 'true',
    ...epmdSettings(ports),
  };
}

/** What an epmd needs, and what leads to it. */
export function epmdSettings({ epmd }: Pick<RabbitmqPorts, 'epmd'>): NodeJS.ProcessEnv {
  return { ERL_EPMD_PORT: `${epmd}`, ERL_EPMD_ADDRESS: LOOPBACK };
}

/** Neither the settings of another broker nor a service manager's socket. */
function withoutRabbitmqSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = (name: string): boolean => /^(RABBITMQ_|ERL_)/.test(name) || name === 'NOTIFY_SOCKET';
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign(name)));
}
