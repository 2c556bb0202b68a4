/** publint and arethetypeswrong, installed into the project's own folder. They look at the tarball. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DevError } from '../../src/dev/errors.js';
import { ROOT } from '../support/markdown.js';
import { outputOf } from './command.js';
import { TOOLS } from './paths.js';
import type { Tarball } from './tarball.js';

const VERSIONS = { publint: '0.3.25', '@arethetypeswrong/cli': '0.18.5' };
const INSTALL_TIMEOUT_MS = 300_000;
const HERE = { cwd: ROOT, timeoutMs: 120_000 };
const programs = join(TOOLS, 'node_modules', '.bin');

/** Installs what is missing, and announces it first. */
export async function installTools(report: (line: string) => void): Promise<void> {
  if (await areThere()) return;
  const packages = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
  if (process.env['VNF_MIGRATOR_NO_INSTALL'] === '1')
    throw new DevError(`${packages.join(' and ')} are missing, and none may be installed`);
  report(`installing ${packages.join(' and ')} in ${TOOLS}`);
  await mkdir(TOOLS, { recursive: true });
  await writeFile(join(TOOLS, 'package.json'), JSON.stringify({ private: true, dependencies: VERSIONS }));
  await outputOf(['npm', 'install', '--ignore-scripts', '--no-package-lock'], {
    cwd: TOOLS,
    timeoutMs: INSTALL_TIMEOUT_MS,
  });
}

async function areThere(): Promise<boolean> {
  const versions = await Promise.all(
    Object.entries(VERSIONS).map(async ([name, version]) => {
      const file = join(TOOLS, 'node_modules', name, 'package.json');
      if (!existsSync(file)) return false;
      return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version === version;
    }),
  );
  return versions.every(Boolean) && existsSync(join(programs, 'attw'));
}

/** Warnings count as errors. */
export async function publint({ file }: Tarball): Promise<string> {
  const said = await outputOf([join(programs, 'publint'), 'run', file, '--strict'], HERE);
  return said.trim().split('\n').at(-1) ?? '';
}

/** The package has ES modules alone: CommonJS loads them by `require` from Node 20.19 on. */
export async function areTheTypesWrong({ file }: Tarball): Promise<string> {
  const command = [join(programs, 'attw'), file, '--profile', 'esm-only', '--format', 'json'];
  const said = JSON.parse(await outputOf(command, HERE)) as {
    analysis: { entrypoints: Record<string, unknown> };
  };
  return `${Object.keys(said.analysis.entrypoints).length} entries, no problem`;
}
