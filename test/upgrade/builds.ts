/**
 * Builds of the package in addition to the one in dist/: copies whose workflows differ, as those of a next version
 * would.
 *
 * Invariants: a change that matches no place, or two places, is an error, so that a copy is never identical to the
 * original. The copies lie inside the package, where they find its dependencies.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The next version: as it may be published, or by somebody who forgot that workflows are under way. */
export type Kind = 'compatible' | 'incompatible';

export interface Build {
  /** Also its build id, where workers are versioned. */
  version: string;
  /** Of its command. */
  main: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, '.vnf-migrator', `builds-${String(process.pid)}`);
const COPIED = ['dist', 'scripts', 'package.json'];

/** What a next version asks of Temporal besides: something early, and something at the end, so that it meets both in the middle. */
const ADDITIONS: Record<string, Record<'begunBy' | 'endedBy', string>> = {
  'migration/migrate-vnf.js': {
    begunBy: 'const settings = await readSettings();',
    endedBy: 'const result = await run(migration, input);',
  },
  'campaign/migration-campaign.js': {
    begunBy: 'await this.tasks.learnSettings();',
    endedBy: 'this.state.finish(nowMs());',
  },
};

/** The one that `npm run build` made. */
export async function thisBuild(): Promise<Build> {
  return buildIn(ROOT, await versionIn(ROOT));
}

/** The last commit of version 0.1. */
const FIRST_VERSION = '06deef9';

/** Version 0.1, built of this repository's history. */
export async function firstBuild(): Promise<Build> {
  const version = `0.1.0-${FIRST_VERSION}`;
  const folder = join(FOLDER, version);
  await mkdir(folder, { recursive: true });
  const run = promisify(execFile);
  const archive = join(folder, 'source.tar');
  await run('git', ['-C', ROOT, 'archive', '--output', archive, FIRST_VERSION]);
  await run('tar', ['-xf', archive, '-C', folder]);
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: folder,
  });
  await run(process.execPath, [join(folder, 'scripts', 'bundle-workflows.mjs')]);
  return buildIn(folder, version);
}

/** A build that leaves its version in the memo of every workflow that it begins, and of every one that it ends. */
export async function nextBuild(kind: Kind): Promise<Build> {
  const version = `${await versionIn(ROOT)}-${kind}`;
  const folder = join(FOLDER, version);
  await mkdir(folder, { recursive: true });
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await rewrite(join(folder, 'package.json'), (text) => JSON.stringify({ ...JSON.parse(text), version }));
  for (const [file, places] of Object.entries(ADDITIONS)) {
    await rewrite(join(folder, 'dist', 'workflows', file), (code) =>
      changed(code, { places, kind, version }),
    );
  }
  await promisify(execFile)(process.execPath, [join(folder, 'scripts', 'bundle-workflows.mjs')]);
  return buildIn(folder, version);
}

export async function removeBuilds(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
}

function buildIn(folder: string, version: string): Build {
  return { version, main: join(folder, 'dist', 'cli', 'main.js') };
}

async function versionIn(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function changed(
  code: string,
  { places, kind, version }: { places: Record<string, string>; kind: Kind; version: string },
): string {
  const additions = Object.entries(places).reduce((text, [name, place]) => {
    const [before, after, ...others] = text.split(place);
    if (before === undefined || after === undefined || others.length > 0) {
      throw new Error(`the change has not one place to go to: ${place}`);
    }
    const condition = kind === 'compatible' ? `patched('upgrade-test-${name}')` : 'true';
    return `${before}${place}\nif (${condition}) upsertMemo({ ${name}: '${version}' });\n${after}`;
  }, code);
  return `import { patched } from '@temporalio/workflow';\n${additions}`;
}

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')));
}
