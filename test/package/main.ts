/**
 * `npm run test:package` looks at the package as its users get it: what the tarball holds, its types, licenses and bills of
 * materials, and an empty project that installs it. The exit code is 1 if a check fails.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/markdown.js';
import { cycloneDx, licenses, spdx, writeBills } from './bill-of-materials.js';
import { Checks } from './checks.js';
import * as consumers from './consumer.js';
import type { Manifest } from './paths.js';
import { migrates } from './run.js';
import * as tarballs from './tarball.js';
import { areTheTypesWrong, installTools, publint } from './tools.js';

const report = (line: string): void => console.error(line);

async function checkTarball(
  checks: Checks,
  { tarball, manifest }: { tarball: tarballs.Tarball; manifest: Manifest },
) {
  await checks.run('the size', () => tarballs.isNotTooLarge(tarball));
  await checks.run('nothing that is not needed', () => tarballs.hasNoMore(tarball));
  await checks.run('everything that is needed', () => tarballs.hasAll(tarball));
  await checks.run('the files of bin and exports, with types', () => tarballs.hasEntries(tarball, manifest));
  await checks.run('the pages of the console', () => tarballs.hasPages(tarball));
  await checks.run('source maps hold their sources', () => tarballs.hasSourcesOfMaps(tarball));
  await checks.run('no path of this machine', () => tarballs.namesNoMachine(tarball));
  await checks.run('publint --strict', () => publint(tarball));
  await checks.run('arethetypeswrong', () => areTheTypesWrong(tarball));
}

async function checkDependencies(checks: Checks): Promise<void> {
  await checks.run('npm run sbom', writeBills);
  await checks.run('the bill of materials as CycloneDX', cycloneDx);
  await checks.run('the bill of materials as SPDX', spdx);
  await checks.run('licenses of production dependencies', licenses);
}

async function checkConsumer(checks: Checks, consumer: consumers.Consumer): Promise<void> {
  const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };
  await checks.run('one copy of the SDK', () => consumers.hasOneSdk(consumer));
  await checks.run('types under nodenext', () => consumers.compiles(consumer, nodenext));
  await checks.run('types under bundler', () => consumers.compiles(consumer, bundler));
  await checks.run('imports of every entry', () => consumers.imports(consumer));
  await checks.run('workflow bundles', () => consumers.bundles(consumer));
  await checks.run('require in CommonJS', () => consumers.requires(consumer));
  await checks.run('the command', () => consumers.commandAnswers(consumer));
  await checks.run('the worker refuses wrong settings', () => consumers.refusesWrongSettings(consumer));
  await checks.run('an installed worker migrates a VNF', () => migrates(consumer));
}

async function main(): Promise<void> {
  await installTools(report);
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  const directory = await mkdtemp(join(tmpdir(), 'vnf-migrator-package-'));
  const checks = new Checks();
  try {
    const tarball = await tarballs.pack(directory);
    await checkTarball(checks, { tarball, manifest });
    await checkDependencies(checks);
    report('installing the tarball into an empty project');
    await checkConsumer(checks, await consumers.createConsumer({ directory, tarball }, manifest));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  checks.end();
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
