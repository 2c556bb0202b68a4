/**
 * Finds Chromium on the PATH, or installs the system's package through apt-get as root.
 *
 * Invariant: if Chromium is missing and cannot be installed, the error states what to do.
 */
import { DevError } from '../../src/dev/errors.js';
import { findOnPath } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { Supervisor } from '../../src/dev/processes/supervisor.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Without a font every letter is a box. */
const PACKAGES = ['chromium', 'fonts-dejavu-core'];
const APT_TIMEOUT_MS = 10 * 60_000;
/** Another apt-get may be at work. */
const WAIT_FOR_OTHERS = ['-o', 'DPkg::Lock::Timeout=300'];

export async function chromium({ install }: { install: boolean }): Promise<string> {
  const found = onPath();
  if (found !== null) return found;
  const apt = findOnPath({ name: 'apt-get', env: process.env });
  if (!install || apt === null || process.getuid?.() !== 0) {
    throw new DevError(
      `no browser: put one of ${NAMES.join(', ')} on the PATH (Debian: apt-get install chromium)`,
    );
  }
  await installWith(apt);
  const installed = onPath();
  if (installed === null)
    throw new DevError('the package chromium is installed, and no chromium is on the PATH');
  return installed;
}

function onPath(): string | null {
  return NAMES.map((name) => findOnPath({ name, env: process.env })).find((path) => path !== null) ?? null;
}

async function installWith(apt: string): Promise<void> {
  const supervisor = await Supervisor.start('.vnf-migrator/browser-install');
  const report = (line: string): void => console.error(line);
  const installer: Installer = { supervisor, env: process.env, report };
  const step = {
    installer,
    command: apt,
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: APT_TIMEOUT_MS,
  };
  const args = [...WAIT_FOR_OTHERS, 'install', '-y', '--no-install-recommends', ...PACKAGES];
  report('Chromium is not installed: installing its package with apt-get');
  try {
    await runInstallStep({ ...step, what: 'apt-get update', args: [...WAIT_FOR_OTHERS, 'update'] });
    await runInstallStep({ ...step, what: 'downloading chromium', args: [...args, '--download-only'] });
    // Interrupted, dpkg would leave the package half configured.
    await runInstallStep({ ...step, what: 'installing chromium', args, letFinish: true });
  } finally {
    await supervisor.close();
  }
}
