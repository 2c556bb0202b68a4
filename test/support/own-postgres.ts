// A PostgreSQL for one test: an installed one or Debian's package, with its own folder and port. PostgreSQL refuses
// to run as root. Under root it runs as the package's user, who then owns its folder.
import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DevError } from '../../src/dev/errors.js';
import { findOnPath } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { freePorts, LOOPBACK } from '../../src/dev/processes/ports.js';
import { retryOnPortConflict, Service } from '../../src/dev/processes/service.js';

export interface OwnPostgres {
  port: number;
  user: string;
  password: string;
  /** Allows a test to kill it and to restart it with the same data. */
  service: Service;
}

const USER = 'temporal';
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const DEBIAN_USER = 'postgres';
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const STEP_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;

export async function startPostgres(installer: Installer): Promise<OwnPostgres> {
  const programs = await findPostgres(installer);
  const { supervisor, env } = installer;
  const folder = join(supervisor.directory, 'postgres');
  await mkdir(folder, { recursive: true });
  const password = randomUUID();
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password);
  const asOwner = await handOver(supervisor.directory, [folder, passwordFile]);
  const data = join(folder, 'data');
  const [initdb = '', ...initdbArgs] = [
    ...[...asOwner, join(programs, 'initdb'), '--pgdata', data, '--username', USER],
    ...['--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
  ];
  const what = 'making a database cluster with initdb';
  await runInstallStep({ installer, what, command: initdb, args: initdbArgs, timeoutMs: STEP_TIMEOUT_MS });
  return retryOnPortConflict(async () => {
    const [port = 0] = await freePorts(1);
    const [command = '', ...args] = [
      ...[...asOwner, join(programs, 'postgres'), '-D', data, '-p', `${port}`],
      ...['-c', `listen_addresses=${LOOPBACK}`, '-c', 'unix_socket_directories='],
    ];
    const logFile = join(supervisor.directory, 'postgres.log');
    const service = new Service({
      supervisor,
      name: 'PostgreSQL',
      spawn: { command, args, env, logFile, stopTimeoutMs: STOP_TIMEOUT_MS, stopLast: true },
      isReady: () => answers(programs, port),
      startTimeoutMs: STEP_TIMEOUT_MS,
    });
    await service.start();
    return { port, user: USER, password, service };
  });
}

/**
 * The folder of the programs of the newest version. The package is installed if it is missing and installation is
 * permitted.
 */
async function findPostgres(installer: Installer): Promise<string> {
  const present = installedPostgres();
  if (present !== null) return present;
  const apt = findOnPath({ name: 'apt-get', env: installer.env });
  if (apt === null || process.getuid?.() !== 0 || process.env['VNF_MIGRATOR_NO_INSTALL'] === '1')
    throw new DevError(
      'There is no PostgreSQL here, and none may be installed: install the package postgresql',
    );
  // In run level 1 the scripts of the package start no service.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const step = { installer, command: apt, env, timeoutMs: INSTALL_TIMEOUT_MS };
  await runInstallStep({ ...step, what: 'apt-get update', args: ['update'] });
  const args = ['install', '-y', '--no-install-recommends', 'postgresql'];
  await runInstallStep({ ...step, what: 'installing postgresql', args, letFinish: true });
  const installed = installedPostgres();
  if (installed === null) throw new DevError('The package was installed, but no initdb was found after that');
  return installed;
}

function installedPostgres(): string | null {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : [];
  const [newest] = versions.sort((one, other) => Number(other) - Number(one));
  if (newest !== undefined) return join(DEBIAN_FOLDER, newest, 'bin');
  const initdb = findOnPath({ name: 'initdb', env: process.env });
  return initdb === null ? null : join(initdb, '..');
}

/** The prefix of a command that makes it run as the owner of these files, in a folder that the owner may read. */
async function handOver(directory: string, files: readonly string[]): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, DEBIAN_USER])));
  for (const file of files) await chown(file, uid, gid);
  // The user may pass through the folder, but not list it.
  await chmod(directory, 0o711);
  return [
    'env',
    '-C',
    files[0] ?? '/',
    'setpriv',
    '--reuid',
    `${uid}`,
    '--regid',
    `${gid}`,
    '--clear-groups',
  ];
}

async function answers(programs: string, port: number): Promise<boolean> {
  try {
    await promisify(execFile)(join(programs, 'pg_isready'), [
      '--quiet',
      '--host',
      LOOPBACK,
      '--port',
      `${port}`,
    ]);
    return true;
  } catch {
    return false;
  }
}
