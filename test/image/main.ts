/**
 * `npm run test:image` builds the image of the Dockerfile without a container engine's daemon, looks at what is in it, and
 * runs it: as a user, with a read-only root, against a stack of its own. The exit code is 1 on any finding, and 2 if the run
 * itself failed.
 *
 * Invariant: the Dockerfile is built as it is. Only its base is a stand-in, because a registry is not always reachable.
 */
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Supervisor } from '../../src/dev/processes/supervisor.js';
import type { Installer } from '../../src/dev/install/step.js';
import { generateWorld } from '../../src/simulator/index.js';
import { consoleLogin } from '../support/console-process.js';
import { installPackages, output } from '../support/debian-packages.js';
import { LongRun } from '../support/long-run.js';
import { Runc } from '../support/runc.js';
import { standInBase } from './base.js';
import { configFindings, contentsOf, type Contents } from './contents.js';
import { Containers } from './containers.js';
import { baseOf, ImageStore } from './store.js';
import { tryImage, type Figures } from './trial.js';

/** Of Debian, with their programs. */
const PACKAGES = { buildah: 'buildah', runc: 'runc', debootstrap: 'debootstrap' };
const PASSWORD_FILE = '/run/secrets/amqp-password';
const TOKENS_FILE = '/run/secrets/console-tokens';
/** Long enough to stop a worker meanwhile. */
const MIGRATION_MS = 5_000;

interface Built {
  store: ImageStore;
  name: string;
  version: string;
  buildSeconds: number;
}

function report(line: string): void {
  console.error(line);
}

async function main(): Promise<void> {
  const directory = resolve(`.vnf-migrator/image-${String(process.pid)}`);
  const supervisor = await Supervisor.start(join(directory, 'build'));
  const installer: Installer = { supervisor, env: process.env, report };
  await installPackages(installer, PACKAGES);
  const store = await ImageStore.open(installer, join(directory, 'store'));
  try {
    const built = await build(installer, store);
    const root = await store.mount(built.name);
    const contents = await contentsOf(root);
    const findings = [...contents.findings, ...(await toldFindings(built))];
    const pulledBytes = await store.compressedBytes(built.name);
    for (const line of sizes(contents, pulledBytes)) report(line);
    const figures = await runIt(built, { root, supervisor, directory });
    for (const finding of findings) console.error(finding);
    console.log(summary(figures, { contents, pulledBytes, findings, buildSeconds: built.buildSeconds }));
    process.exitCode = findings.length === 0 ? 0 : 1;
  } finally {
    await store.remove();
    await supervisor.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function build(installer: Installer, store: ImageStore): Promise<Built> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const base = await baseOf('Dockerfile');
  await store.load(base.name, await standInBase(installer, base.version));
  const name = `localhost/vnf-migrator:${version}`;
  report(`building with buildah: ${store.description}`);
  const startedAtMs = Date.now();
  const sourceDateEpoch = Number(await output('git', ['log', '-1', '--format=%ct']));
  await store.build({ name, args: await buildArguments(version), sourceDateEpoch });
  return { store, name, version, buildSeconds: Math.round((Date.now() - startedAtMs) / 1_000) };
}

async function buildArguments(version: string): Promise<Record<'VERSION' | 'REVISION' | 'SOURCE', string>> {
  const revision = await output('git', ['rev-parse', 'HEAD']);
  return { VERSION: version, REVISION: revision, SOURCE: 'https://example.org/vnf-migrator' };
}

/** What the image says of itself, and that the files of the build's secrets are not in it. */
async function toldFindings({ store, name, version }: Built): Promise<string[]> {
  const labels = Object.entries(await buildArguments(version)).map(([key, value]) => [
    `org.opencontainers.image.${key.toLowerCase()}`,
    value,
  ]);
  const wanted = { labels: Object.fromEntries(labels) as Record<string, string> };
  const manifest = await store.manifest(name);
  const leaks = ['npmrc', 'cafile', 'ca.pem'].filter((word) => manifest.includes(word));
  return [
    ...configFindings(await store.config(name), wanted),
    ...leaks.map((word) => `the manifest or the history of the image has ${word}`),
  ];
}

async function runIt(
  { store, name, version }: Built,
  { root, supervisor, directory }: { root: string; supervisor: Supervisor; directory: string },
): Promise<Figures> {
  const world = generateWorld({ services: 4, seed: 'image', vims: 2 });
  const run = await LongRun.begin(`image-run-${String(process.pid)}`, { persistent: false, report });
  try {
    const { repositoryUrl } = await run.startMano(world, ['--migration-ms', String(MIGRATION_MS)]);
    const { settings } = await consoleLogin(run.directory);
    const broker = new URL(run.stack.amqpUrl);
    const password = decodeURIComponent(broker.password);
    broker.password = '';
    const files = {
      [PASSWORD_FILE]: password,
      [TOKENS_FILE]: await readFile(settings['CONSOLE_TOKENS_FILE']!, 'utf8'),
    };
    const env = {
      ...{ TEMPORAL_ADDRESS: run.stack.temporalAddress, TEMPORAL_NAMESPACE: run.stack.temporalNamespace },
      ...{ AMQP_URL: broker.href, AMQP_PASSWORD_FILE: PASSWORD_FILE, CONSOLE_TOKENS_FILE: TOKENS_FILE },
      REPOSITORY_URL: repositoryUrl,
    };
    const config = await store.config(name);
    const runc = new Runc({ supervisor, directory });
    const containers = new Containers(runc, { root, config, files });
    try {
      return await tryImage({ containers, run, world, env, version, report });
    } finally {
      await runc.stop();
    }
  } finally {
    await run.stop();
    await rm(run.directory, { recursive: true, force: true });
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function sizes({ bytes, packages }: Contents, pulledBytes: number): string[] {
  const parts = Object.entries(bytes).map(([part, size]) => `${part} ${megabytes(size)}`);
  const largest = packages.map(([name, size]) => `${name} ${megabytes(size)}`);
  return [
    `in the image: ${parts.join(', ')}`,
    `its largest packages: ${largest.join(', ')}`,
    `compressed: ${megabytes(pulledBytes)}`,
  ];
}

function summary(
  { workerReadyMs, workerStopMs, workerBytes, consoleStopMs }: Figures,
  {
    contents,
    pulledBytes,
    findings,
    buildSeconds,
  }: { contents: Contents; pulledBytes: number; findings: string[]; buildSeconds: number },
): string {
  const total = Object.values(contents.bytes).reduce((sum, size) => sum + size, 0);
  return [
    `${String(findings.length)} findings; built in ${String(buildSeconds)} s`,
    `${megabytes(total)}, compressed ${megabytes(pulledBytes)}`,
    `worker: ready after ${String(workerReadyMs)} ms, ${megabytes(workerBytes)} resident`,
    `ends after SIGTERM: worker ${String(workerStopMs)} ms, console ${String(consoleStopMs)} ms`,
  ].join('; ');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
