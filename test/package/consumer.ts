/** An empty project into which the tarball is installed: types, imports, bundles, CommonJS and the command. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { noneOf } from './checks.js';
import { ended, outputOf } from './command.js';
import { CONSUMER_FILES, type Manifest } from './paths.js';
import type { Tarball } from './tarball.js';

const INSTALL_TIMEOUT_MS = 600_000;
const TIMEOUT_MS = 300_000;
/** What a project of a user has beside the package: the compiler, and the SDK that it uses itself. */
const OWN = ['typescript', '@types/node', '@temporalio/client', '@temporalio/common', '@temporalio/worker'];

export interface Consumer {
  folder: string;
  manifest: Manifest;
}

/** Installs the tarball into an empty project, with npm as its users do. */
export async function createConsumer(
  { directory, tarball }: { directory: string; tarball: Tarball },
  manifest: Manifest,
): Promise<Consumer> {
  const folder = join(directory, 'consumer');
  await mkdir(folder);
  await cp(CONSUMER_FILES, folder, { recursive: true });
  const versions: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };
  const dependencies = Object.fromEntries(OWN.map((name) => [name, versions[name]]));
  const project = { name: 'consumer', private: true, type: 'module', dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  const command = ['npm', 'install', '--no-audit', '--no-fund', tarball.file];
  await outputOf(command, { cwd: folder, timeoutMs: INSTALL_TIMEOUT_MS });
  return { folder, manifest };
}

/** The bare version of each of the SDK's packages, so that no process has two of them. */
export async function hasOneSdk({ folder }: Consumer): Promise<string> {
  const said = await outputOf(['npm', 'ls', '--all', '--json', '@temporalio/common'], {
    cwd: folder,
    timeoutMs: TIMEOUT_MS,
  });
  const versions = new Set(
    [...said.matchAll(/"@temporalio\/common": \{\s*"version": "([^"]+)"/g)].map(([, v]) => v),
  );
  if (versions.size !== 1) throw new Error(`@temporalio/common has the versions ${[...versions].join(', ')}`);
  return `@temporalio/common ${[...versions].join()}`;
}

interface Resolution {
  module: string;
  moduleResolution: string;
}

/** Declarations that do not fit `exactOptionalPropertyTypes`, or import a package that hides its types. */
const BROKEN_ELSEWHERE =
  /^node_modules\/@temporalio\/(?:client\/lib\/schedule-client|common\/lib\/time)\.d\.ts\(/;

/**
 * Our declarations are checked, too. types.ts has its wrong uses under `@ts-expect-error`: one that is accepted is an
 * error.
 */
export async function compiles({ folder }: Consumer, resolution: Resolution): Promise<string> {
  const name = `tsconfig.${resolution.moduleResolution}.json`;
  const compilerOptions = {
    ...resolution,
    ...{ target: 'es2023', lib: ['es2023'], types: ['node'], strict: true, noEmit: true },
    ...{ exactOptionalPropertyTypes: true, skipLibCheck: false },
  };
  await writeFile(
    join(folder, name),
    JSON.stringify({ compilerOptions, files: ['types.ts', 'workflows.ts'] }),
  );
  const tsc = [join('node_modules', '.bin', 'tsc'), '-p', name, '--pretty', 'false', '--listFilesOnly'];
  const files = (await outputOf(tsc, { cwd: folder, timeoutMs: TIMEOUT_MS })).split('\n');
  const ours = files.filter((file) => file.includes('/node_modules/vnf-migrator/'));
  const { stdout } = await ended(tsc.slice(0, -1), { cwd: folder, timeoutMs: TIMEOUT_MS });
  const errors = stdout.split('\n').filter((line) => /^\S.*error TS/.test(line));
  noneOf(errors.filter((line) => !BROKEN_ELSEWHERE.test(line)));
  return `strict; ${ours.length} declarations of ours; ${errors.length} errors in those of @temporalio`;
}

export async function imports({ folder, manifest }: Consumer): Promise<string> {
  const entries = Object.keys(manifest.exports).map((entry) => entry.replace(/^\./, manifest.name));
  const command = [process.execPath, 'imports.mjs', ...entries];
  const counts = JSON.parse(await outputOf(command, { cwd: folder, timeoutMs: TIMEOUT_MS })) as Record<
    string,
    number
  >;
  noneOf(entries.filter((entry) => !counts[entry]).map((entry) => `${entry} exports nothing`));
  return Object.entries(counts)
    .map(([entry, count]) => `${entry} ${count}`)
    .join(', ');
}

interface Bundled {
  bytes: [number, number];
  holds: Record<string, boolean>;
  problems: string[];
}

/** As the SDK bundles them at a worker's start. A warning of the bundler counts: a user would see it. */
export async function bundles({ folder }: Consumer): Promise<string> {
  const said = await outputOf([process.execPath, 'bundle.mjs'], { cwd: folder, timeoutMs: TIMEOUT_MS });
  const { bytes, holds, problems } = JSON.parse(said) as Bundled;
  noneOf([
    ...problems,
    ...Object.entries(holds).flatMap(([name, isThere]) => (isThere ? [] : [`${name} is not in its bundle`])),
  ]);
  const [own, ours] = bytes.map((count) => `${(count / 1_000_000).toFixed(1)} MB`);
  return `a workflow that imports vnf-migrator/workflow ${own ?? ''}, vnf-migrator/workflows ${ours ?? ''}`;
}

/** Node loads ES modules by `require` from 20.19 on. */
export async function requires({ folder }: Consumer): Promise<string> {
  const script = "const { MigrationClient } = require('vnf-migrator'); console.log(typeof MigrationClient)";
  await writeFile(join(folder, 'required.cjs'), script);
  const { code, stdout, stderr } = await ended([process.execPath, 'required.cjs'], {
    cwd: folder,
    timeoutMs: TIMEOUT_MS,
  });
  if (code !== 0 || stdout.trim() !== 'function') throw new Error(`${stdout}${stderr}`);
  return `Node ${process.version}${stderr === '' ? '' : `, with a warning: ${stderr.trim()}`}`;
}

/** The command by npx, in that project. */
export async function commandAnswers({ folder, manifest }: Consumer): Promise<string> {
  const run = { cwd: folder, timeoutMs: TIMEOUT_MS };
  const version = (await outputOf(['npx', '--no-install', manifest.name, '--version'], run)).trim();
  const help = await outputOf(['npx', '--no-install', manifest.name, '--help'], run);
  noneOf([
    ...(version === manifest.version ? [] : [`--version says ${version}`]),
    ...(help.includes('Usage: vnf-migrator') ? [] : [`--help says ${help.slice(0, 200)}`]),
  ]);
  return version;
}

/** The setting is named, with what would be right, and no stack of the program is shown. */
export async function refusesWrongSettings({ folder, manifest }: Consumer): Promise<string> {
  const env = { ...process.env, AMQP_URL: 'http://broker', LOG_LEVEL: 'loud' };
  const { code, stderr, stdout } = await ended(['npx', '--no-install', manifest.name, 'worker'], {
    cwd: folder,
    timeoutMs: TIMEOUT_MS,
    env,
  });
  const said = stdout + stderr;
  noneOf([
    ...(code === 2 ? [] : [`the exit code is ${String(code)}`]),
    ...['AMQP_URL', 'LOG_LEVEL']
      .filter((name) => !said.includes(name))
      .map((name) => `${name} is not named: ${said}`),
    ...(/\n\s+at /.test(said) ? [`a stack is shown: ${said}`] : []),
  ]);
  return said.trim().replaceAll('\n', ' | ');
}
