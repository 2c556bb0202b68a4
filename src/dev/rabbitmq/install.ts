// Installs the RabbitMQ package of the system, through apt-get as root. Only its files are needed. A broker that
// the package starts would take the standard ports and outlive this process, so it is stopped.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findOnPath } from '../install/find-on-path.js';
import { runInstallStep, type Installer } from '../install/step.js';

const APT_TIMEOUT_MS = 10 * 60_000;
const SYSTEMCTL_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 15_000;
const POLL_MS = 200;

/** Another apt-get may run, for example for another stack on this machine. */
const WAIT_FOR_OTHERS = ['-o', 'DPkg::Lock::Timeout=300'];

/** The installer, or null if apt-get is missing or not permitted. */
export function rabbitmqInstaller(installer: Installer): (() => Promise<void>) | null {
  const apt = findOnPath({ name: 'apt-get', env: installer.env });
  if (apt === null || process.getuid?.() !== 0) return null;
  return () => install({ installer, apt });
}

async function install({ installer, apt }: { installer: Installer; apt: string }): Promise<void> {
  installer.report('RabbitMQ is not installed: installing the package rabbitmq-server with apt-get');
  const before = new Set(packageDaemons());
  // In run level 1 the scripts of the package start no service.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const step = { installer, command: apt, env, timeoutMs: APT_TIMEOUT_MS };
  await runInstallStep({ ...step, what: 'apt-get update', args: [...WAIT_FOR_OTHERS, 'update'] });
  const args = [...WAIT_FOR_OTHERS, 'install', '-y', '--no-install-recommends', 'rabbitmq-server'];
  await runInstallStep({ ...step, what: 'downloading rabbitmq-server', args: [...args, '--download-only'] });
  // An interrupted dpkg leaves the package half configured, and requires a repair before the next installation.
  await runInstallStep({ ...step, what: 'installing rabbitmq-server', args, letFinish: true });
  await stopPackageDaemons({ installer, before });
}

/** Stops what the package started in spite of the run level. */
async function stopPackageDaemons({
  installer,
  before,
}: {
  installer: Installer;
  before: Set<number>;
}): Promise<void> {
  if (statSync('/run/systemd/system', { throwIfNoEntry: false })) {
    await runInstallStep({
      installer,
      what: "stopping the package's own broker",
      command: 'systemctl',
      args: ['disable', '--now', 'rabbitmq-server.service'],
      timeoutMs: SYSTEMCTL_TIMEOUT_MS,
    });
  }
  const left = (): number[] => packageDaemons().filter((pid) => !before.has(pid));
  const killAt = Date.now() + END_TIMEOUT_MS;
  for (const pid of left()) signal({ pid, name: 'SIGTERM' });
  while (left().length > 0 && Date.now() < killAt) await sleep(POLL_MS);
  for (const pid of left()) signal({ pid, name: 'SIGKILL' });
}

/** The brokers and port mappers that run as the package's user. Those of a stack run as the user who started it. */
function packageDaemons(): number[] {
  const owner = packageUser();
  if (owner === null) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isDaemonOf({ pid, owner }));
}

function isDaemonOf({ pid, owner }: { pid: number; owner: number }): boolean {
  try {
    const program = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    return statSync(`/proc/${pid}`).uid === owner && ['beam.smp', 'epmd'].includes(program);
  } catch {
    // The process has ended in the meantime.
    return false;
  }
}

function packageUser(): number | null {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('rabbitmq:'));
  return entry === undefined ? null : Number(entry.split(':')[2]);
}

function signal({ pid, name }: { pid: number; name: NodeJS.Signals }): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has ended in the meantime.
  }
}
