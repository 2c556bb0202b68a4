// Selects the RabbitMQ: a running broker that the environment names, an installed one, or the package of the
// system. The first one that exists is used. Nothing is installed if installation is forbidden.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DevError } from '../errors.js';
import { findOnPath, isExecutable } from '../install/find-on-path.js';

export interface RabbitmqSources {
  /** The URL of a running broker, from the environment. */
  url: string | undefined;
  /** Whether `install` is permitted. */
  mayInstall: boolean;
  installed: () => string | null;
  /** Null if installation is not possible here. The error that follows states the reason. */
  install: (() => Promise<void>) | null;
}

export type FoundRabbitmq = { kind: 'running'; url: string } | { kind: 'executable'; path: string };

/**
 * The folder where Debian and the upstream packages keep the start script that reads its settings from the
 * environment.
 */
const SCRIPT_FOLDER = '/usr/lib/rabbitmq/bin';
/** These folders are not on the PATH of every user. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];
const SCRIPT = 'rabbitmq-server';

export async function findRabbitmq(sources: RabbitmqSources): Promise<FoundRabbitmq> {
  const { url, installed, mayInstall, install } = sources;
  if (url) return { kind: 'running', url };
  const present = installed();
  if (present !== null) return { kind: 'executable', path: present };
  if (!mayInstall)
    throw unavailable('Installing it is forbidden here (--no-install or VNF_MIGRATOR_NO_INSTALL).');
  if (!install) throw unavailable('It can be installed from here only with apt-get and as root.');
  await install();
  const path = installed();
  if (path === null)
    throw unavailable('The package was installed, but no rabbitmq-server was found after that.');
  return { kind: 'executable', path };
}

/** The start script of an installed RabbitMQ. */
export function installedRabbitmq(env: NodeJS.ProcessEnv): string | null {
  const script = join(SCRIPT_FOLDER, SCRIPT);
  if (isExecutable(script)) return script;
  const PATH = [env['PATH'] ?? '', ...SYSTEM_FOLDERS].join(':');
  const found = findOnPath({ name: SCRIPT, env: { PATH } });
  return found === null ? null : withoutWrapper(found);
}

/**
 * Returns the start script behind a package's wrapper, because the wrapper changes the user and drops our settings.
 * A symbolic link is resolved to the script.
 */
export function withoutWrapper(path: string): string | null {
  const real = realpathSync(path);
  const script = join(dirname(real), SCRIPT);
  if (basename(real) !== SCRIPT) return isExecutable(script) ? script : null;
  return existsSync(join(dirname(real), 'rabbitmq-env')) || !changesUser(real) ? real : null;
}

function changesUser(path: string): boolean {
  return /\b(su|runuser|sudo)\b/.test(readFileSync(path, 'utf8'));
}

function unavailable(why: string): DevError {
  return new DevError(
    `There is no RabbitMQ here. ${why}\n` +
      'Set AMQP_URL to a running one, or install the package rabbitmq-server ' +
      '(Debian, Ubuntu: sudo apt-get install rabbitmq-server; macOS: brew install rabbitmq).',
  );
}
