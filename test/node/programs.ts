/** Node of each supported version, from npm's packages, in the project's own folder. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { DevError } from '../../src/dev/errors.js';
import { ROOT } from '../support/markdown.js';
import { outputOf } from '../package/command.js';

/** The newest of each supported major version. Raise them here. */
export const VERSIONS = ['20.20.2', '22.23.5', '24.22.3'] as const;

const FOLDER = join(ROOT, '.vnf-migrator', 'node-versions');
const INSTALL_TIMEOUT_MS = 300_000;

export interface NodeProgram {
  version: string;
  path: string;
  /** Under which `node` is this program, for scripts that processes start. */
  env: NodeJS.ProcessEnv;
}

/** The package behind npm's package `node`, which holds the program alone. */
function packageName(): string {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${process.platform}-${process.arch}`;
}

/** Installs the version if it is missing, and announces it first. */
export async function nodeProgram(version: string, report: (line: string) => void): Promise<NodeProgram> {
  const folder = join(FOLDER, version);
  const path = join(folder, 'node_modules', packageName(), 'bin', 'node');
  if (!existsSync(path)) await install({ folder, version, report });
  const env = { ...process.env, PATH: [dirname(path), process.env['PATH'] ?? ''].join(delimiter) };
  const said = await outputOf(['sh', '-c', 'node --version'], { cwd: ROOT, timeoutMs: 30_000, env });
  if (said.trim() !== `v${version}`) throw new DevError(`${path} is Node ${said.trim()}`);
  return { version, path, env };
}

interface Installation {
  folder: string;
  version: string;
  report: (line: string) => void;
}

async function install({ folder, version, report }: Installation): Promise<void> {
  const wanted = `${packageName()}@${version}`;
  if (process.env['VNF_MIGRATOR_NO_INSTALL'] === '1')
    throw new DevError(`${wanted} is missing, and none may be installed`);
  report(`installing ${wanted} in ${folder}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  const command = ['npm', 'install', '--ignore-scripts', '--no-save', '--no-package-lock', wanted];
  await outputOf(command, { cwd: folder, timeoutMs: INSTALL_TIMEOUT_MS });
}
