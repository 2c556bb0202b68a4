// Two ways to install a Temporal CLI of a fixed version in the user's cache folder. Invariant: a file at
// `cachedTemporal()` is complete, because it arrives there only by a rename.
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { entryPoint } from '../processes/entry-point.js';
import { DevError } from '../errors.js';
import { findOnPath, isExecutable } from '../install/find-on-path.js';
import { runInstallStep, type InstallStep, type Installer } from '../install/step.js';

/** The newest version of the CLI that `go install` can build. Later versions need a checkout. */
export const TEMPORAL_VERSION = '1.5.1';

const DOWNLOAD_TIMEOUT_MS = 60_000;
const BUILD_TIMEOUT_MS = 20 * 60_000;

/** The path of the cached Temporal CLI, whether the file exists or not. */
export function cachedTemporal(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] ?? homedir();
  const cache = env['XDG_CACHE_HOME'] ?? '';
  return join(
    cache === '' ? join(home, '.cache') : cache,
    'vnf-migrator',
    `temporal-${TEMPORAL_VERSION}`,
    'temporal',
  );
}

/**
 * Downloads through Temporal's SDK, which starts the server once. A separate process makes it possible to limit the
 * time.
 */
export async function downloadTemporal(installer: Installer): Promise<string> {
  const { file, execArgv } = entryPoint('./download', import.meta.url);
  return intoCache({
    installer,
    step: (folder) => ({
      what: `downloading Temporal ${TEMPORAL_VERSION}`,
      command: process.execPath,
      args: [...execArgv, file, folder, TEMPORAL_VERSION],
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    }),
  });
}

export async function buildTemporal(installer: Installer): Promise<string> {
  const go = findOnPath({ name: 'go', env: installer.env });
  if (!go) throw new DevError('building Temporal needs Go, which is not on the PATH');
  return intoCache({
    installer,
    step: (folder) => ({
      what: `building Temporal ${TEMPORAL_VERSION} with Go (about 3 minutes, once)`,
      command: go,
      args: ['install', `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`],
      env: { GOBIN: folder },
      timeoutMs: BUILD_TIMEOUT_MS,
    }),
  });
}

interface IntoCache {
  installer: Installer;
  /** Writes one executable whose name begins with "temporal" into the folder, and no other such file. */
  step: (folder: string) => Omit<InstallStep, 'installer'>;
}

async function intoCache({ installer, step }: IntoCache): Promise<string> {
  const target = cachedTemporal(installer.env);
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), 'new-'));
  try {
    await runInstallStep({ installer, ...step(folder) });
    const made = (await readdir(folder)).filter((name) => name.startsWith('temporal'));
    const executable = made.map((name) => join(folder, name)).find(isExecutable);
    if (!executable) throw new DevError(`${step(folder).what} left no executable`);
    await rename(executable, target);
    installer.report(`kept as ${target}`);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
