/**
 * A stand-in for the Dockerfile's base image, for machines that reach Debian and npm, but no registry of images.
 *
 * Invariant: it has what the Dockerfile relies on, from the same sources as the original: Debian bookworm, Node.js in
 * /usr/local/bin with npm, and the user `node` with the number 1000.
 */
import { access, chmod, cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findOnPath } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { output } from '../support/debian-packages.js';

const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
const NPM_VERSION = '11.19.1';
const STEP_TIMEOUT_MS = 900_000;
/** What a slim image of Debian has not, and what is only of use on the machine that made it. */
const LEFT_OUT = [
  ...['usr/share/man', 'usr/share/locale', 'usr/share/info'],
  ...['var/cache/apt', 'var/lib/apt/lists', 'var/log', 'tmp'],
];

/** The archive of its root file system, made once. `version` is that of Node.js. */
export async function standInBase(installer: Installer, version: string): Promise<string> {
  const folder = resolve('.vnf-migrator/image');
  const archive = join(folder, `base-${SUITE}-${version}-npm-${NPM_VERSION}.tar`);
  const isThere = await access(archive).then(
    () => true,
    () => false,
  );
  if (isThere) return archive;
  const root = join(folder, 'base');
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  await run(installer, `making Debian ${SUITE} with debootstrap`, {
    command: 'debootstrap',
    args: ['--variant=minbase', SUITE, root, MIRROR],
  });
  for (const name of LEFT_OUT) await rm(join(root, name), { recursive: true, force: true });
  // A slim image keeps the licences.
  const documents = join(root, 'usr/share/doc');
  await output('find', [documents, '-type', 'f', '!', '-name', 'copyright', '-delete']);
  await mkdir(join(root, 'tmp'));
  await chmod(join(root, 'tmp'), 0o1777);
  await addNode(installer, { root, version });
  const users = 'groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node';
  await output('chroot', [root, 'sh', '-c', users]);
  // Not under its name until it is whole.
  await output('tar', ['-C', root, '-cf', `${archive}.part`, '.']);
  await rename(`${archive}.part`, archive);
  await rm(root, { recursive: true });
  return archive;
}

/** The program and npm are packages of npm. Their install scripts are not needed, and do not run. */
async function addNode(
  installer: Installer,
  { root, version }: { root: string; version: string },
): Promise<void> {
  const command = findOnPath({ name: 'npm', env: installer.env });
  if (command === null) throw new Error('npm is not on the PATH');
  const prefix = join(root, 'tmp', 'packages');
  const program = `node-linux-${process.arch}`;
  await run(installer, `installing Node.js ${version} and npm ${NPM_VERSION}`, {
    command,
    args: [
      ...['install', '--prefix', prefix, '--ignore-scripts', '--no-save'],
      ...[`${program}@${version}`, `npm@${NPM_VERSION}`],
    ],
  });
  const packages = join(prefix, 'node_modules');
  const local = join(root, 'usr', 'local');
  await cp(join(packages, program, 'bin', 'node'), join(local, 'bin', 'node'));
  await mkdir(join(local, 'lib', 'node_modules'), { recursive: true });
  await cp(join(packages, 'npm'), join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  for (const name of ['npm', 'npx'])
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  await rm(prefix, { recursive: true });
}

async function run(
  installer: Installer,
  what: string,
  { command, args }: { command: string; args: string[] },
): Promise<void> {
  await runInstallStep({ installer, what, command, args, timeoutMs: STEP_TIMEOUT_MS });
}
