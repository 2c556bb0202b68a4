/**
 * `npm run release:check` says whether this commit can be published as the version of its package.json. npm runs it before it
 * publishes. It changes nothing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, namesIn, tableUnder } from '../support/markdown.js';
import { Checks, noneOf } from './checks.js';
import { ended, outputOf } from './command.js';

interface Manifest {
  version: string;
  repository?: { type?: string; url?: string };
  dependencies: Record<string, string>;
}

const HERE = { cwd: ROOT, timeoutMs: 120_000 };
const PUBLIC_REPOSITORY = /^git\+https:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+\.git$/;

async function json<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(join(ROOT, file), 'utf8')) as T;
}

function repositoryOf({ repository }: Manifest): string {
  const url = repository?.url ?? '';
  if (!PUBLIC_REPOSITORY.test(url))
    throw new Error(
      'package.json names no repository, which provenance is checked against. Set it once:\n' +
        '  npm pkg set repository.type=git repository.url=git+https://<host>/<owner>/vnf-migrator.git',
    );
  return url;
}

async function dateOf({ version }: Manifest): Promise<string> {
  const changelog = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const heading = changelog.split('\n').find((line) => line.startsWith(`## [${version}]`));
  if (heading === undefined) throw new Error(`CHANGELOG.md has no heading "## [${version}] - <date>"`);
  const [, date] = / - (\d{4}-\d\d-\d\d)$/.exec(heading) ?? [];
  if (date === undefined) throw new Error(`CHANGELOG.md has "${heading}": replace what follows by the date`);
  return date;
}

async function lockOf({ version }: Manifest): Promise<string> {
  const lock = await json<{ version: string; packages: Record<string, object> }>('package-lock.json');
  const withHost = Object.entries(lock.packages).filter(([, entry]) => 'resolved' in entry);
  noneOf([
    ...(lock.version === version ? [] : [`package-lock.json is of ${lock.version}: run npm install`]),
    ...withHost.map(([name]) => `package-lock.json names the registry of ${name}`),
  ]);
  return `${Object.keys(lock.packages).length} packages`;
}

async function tagOf({ version }: Manifest): Promise<string> {
  const changes = await outputOf(['git', 'status', '--porcelain'], HERE);
  if (changes !== '') throw new Error(`these changes are in no commit:\n${changes}`);
  const tags = (await outputOf(['git', 'tag', '--points-at', 'HEAD'], HERE)).split('\n');
  if (!tags.includes(`v${version}`)) throw new Error(`the commit has no tag: git tag v${version}`);
  return `v${version}`;
}

/** What npm would raise stands in the table of what is held back. */
async function outdated(): Promise<string> {
  const { stdout, stderr } = await ended(['npm', 'outdated', '--json'], HERE);
  if (stdout === '') throw new Error(`npm outdated: ${stderr}`);
  const newer = JSON.parse(stdout) as Record<string, { current: string; latest: string }>;
  const held = new Set(
    tableUnder('CONTRIBUTING.md', '### Held back').flatMap(([name = '']) => namesIn(name)),
  );
  noneOf(
    Object.entries(newer)
      .filter(([name]) => !held.has(name))
      .map(([name, { current, latest }]) => `${name} ${current} can be raised to ${latest}`),
  );
  return `nothing to raise; ${held.size} are held back`;
}

const manifest = await json<Manifest>('package.json');
const checks = new Checks();
console.log(`vnf-migrator ${manifest.version}`);
await checks.run('the repository is named', () => repositoryOf(manifest));
await checks.run('the changelog has the version and its date', () => dateOf(manifest));
await checks.run('the lock file is of this version and names no registry', () => lockOf(manifest));
await checks.run('the dependencies are as new as they can be', outdated);
await checks.run('the commit is tagged, and has everything', () => tagOf(manifest));
checks.end();
