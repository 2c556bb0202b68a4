/** Programs of Debian that only some scripts need, and short commands. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findOnPath } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';

const execute = promisify(execFile);

const APT_TIMEOUT_MS = 600_000;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Installs the packages whose program is missing. @throws if it may not, or cannot */
export async function installPackages(
  installer: Installer,
  programs: Readonly<Record<string, string>>,
): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('containers are run as root: run this as root');
  const { env } = installer;
  const missing = Object.entries(programs)
    .filter(([, name]) => findOnPath({ name, env }) === null)
    .map(([name]) => name);
  if (missing.length === 0) return;
  const wanted = missing.join(' ');
  if (env['VNF_MIGRATOR_NO_INSTALL'] === '1') throw new Error(`not installed: ${wanted}`);
  const command = findOnPath({ name: 'apt-get', env });
  if (command === null) throw new Error(`not installed, and there is no apt-get: ${wanted}`);
  const waiting = ['-o', 'DPkg::Lock::Timeout=300'];
  const step = {
    ...{ installer, command, timeoutMs: APT_TIMEOUT_MS },
    env: { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  };
  await runInstallStep({ ...step, what: 'apt-get update', args: [...waiting, 'update'] });
  await runInstallStep({
    ...{ ...step, what: `installing ${wanted}`, letFinish: true },
    args: [...waiting, 'install', '-y', '--no-install-recommends', ...missing],
  });
}

/** What a short command prints. @throws with what it prints on standard error */
export async function output(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(command, [...args], { maxBuffer: MOST_OUTPUT_BYTES });
  return stdout.trim();
}
