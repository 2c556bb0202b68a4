/**
 * `npm run test:systemd` lets systemd judge the units of `deploy/systemd/`, and runs their commands under their restrictions
 * from the installed package, against a stack of its own. The exit code is 1 on any finding, and 2 if the run itself failed.
 *
 * A running systemd is not needed, and is not asked: `confined.ts` says which restrictions are those of the unit.
 */
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findOnPath } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { Supervisor } from '../../src/dev/processes/supervisor.js';
import { installPackages } from '../support/debian-packages.js';
import { Runc } from '../support/runc.js';
import { exposure, installUnits, verify } from './analyze.js';
import { tryServices } from './trial.js';
import { SERVICES } from './units.js';

/** Of Debian, with their programs. */
const PACKAGES = { systemd: 'systemd-analyze', runc: 'runc' };
const NPM_TIMEOUT_MS = 600_000;

function report(line: string): void {
  console.error(line);
}

async function main(): Promise<void> {
  const directory = resolve(`.vnf-migrator/systemd-${String(process.pid)}`);
  const supervisor = await Supervisor.start(join(directory, 'processes'));
  try {
    const installer: Installer = { supervisor, env: process.env, report };
    await installPackages(installer, PACKAGES);
    const root = join(directory, 'root');
    const prefix = join(root, 'opt/vnf-migrator');
    await installPackage(installer, { prefix, directory });
    await installUnits(root);
    const findings = await verify(root);
    report(`systemd-analyze verify: ${String(findings.length)} findings`);
    const levels = [];
    for (const service of SERVICES) {
      const { level, findings: exposed } = await exposure(root, service);
      levels.push(`${service.name} ${level}`);
      findings.push(...exposed);
    }
    report(`exposure: ${levels.join(', ')}`);
    const runc = new Runc({ supervisor, directory });
    const ends = await tryServices({ runc, prefix, report });
    for (const finding of findings) console.error(finding);
    const stops = Object.entries(ends).map(([name, ms]) => `${name} ${String(ms)} ms`);
    console.log(
      `${String(findings.length)} findings; exposure: ${levels.join(', ')}; ends after SIGTERM: ${stops.join(', ')}`,
    );
    process.exitCode = findings.length === 0 ? 0 : 1;
  } finally {
    await supervisor.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** As docs/systemd.md has it, from the package as it is published. */
async function installPackage(
  installer: Installer,
  { prefix, directory }: { prefix: string; directory: string },
): Promise<void> {
  const command = findOnPath({ name: 'npm', env: installer.env });
  if (command === null) throw new Error('npm is not on the PATH');
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const step = { installer, command, timeoutMs: NPM_TIMEOUT_MS };
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory];
  await runInstallStep({ ...step, what: 'packing', args: pack });
  const tarball = join(directory, `vnf-migrator-${version}.tgz`);
  const install = ['install', '--global', '--ignore-scripts', '--prefix', prefix, tarball];
  await runInstallStep({ ...step, what: `installing ${tarball}`, args: install });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
