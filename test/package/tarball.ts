/** The tarball that would be published, unpacked: what is in it, and what is not. */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/markdown.js';
import { noneOf } from './checks.js';
import { outputOf } from './command.js';
import type { Manifest } from './paths.js';

export interface Tarball {
  /** The path of the file that npm packed. */
  file: string;
  /** The folder that it was unpacked to. */
  folder: string;
  /** Relative to the folder. */
  files: readonly string[];
  packedBytes: number;
  unpackedBytes: number;
}

const TIMEOUT_MS = 120_000;
/** Beside `dist/`. npm adds the first three by itself. */
const AT_THE_TOP = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'];
const COMPILED = /^dist\/(.*?)(?:\.d\.ts|\.js\.map|\.js)$/;
/** Each decision that is made inside the sandbox doubles them: scripts/bundle-workflows.mjs. */
const BUNDLES = ['', '.encrypting', '.versioned', '.versioned.encrypting']
  .flatMap((kind) => [kind, `${kind}.tracing`])
  .map((kind) => `dist/workflow-bundle${kind}.js`);
const LICENSES_OF_BUNDLES = 'dist/workflow-bundle.licenses.md';
const PAGES = 'dist/console/pages/';
const MOST_PACKED_BYTES = 10_000_000;
const MOST_UNPACKED_BYTES = 50_000_000;
const INLINE_MAP = /\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,(\S+)\s*$/;

export async function pack(directory: string): Promise<Tarball> {
  const folder = join(directory, 'unpacked');
  await mkdir(folder, { recursive: true });
  const command = ['npm', 'pack', '--silent', '--pack-destination', directory];
  const file = join(directory, (await outputOf(command, { cwd: ROOT, timeoutMs: TIMEOUT_MS })).trim());
  const untar = ['tar', '-xzf', file, '-C', folder, '--strip-components=1'];
  await outputOf(untar, { cwd: directory, timeoutMs: TIMEOUT_MS });
  const files = await filesBelow(folder);
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  const unpackedBytes = sizes.reduce((sum, size) => sum + size, 0);
  return { file, folder, files, packedBytes: (await stat(file)).size, unpackedBytes };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}

/** Sources that are compiled into the package. The pages are bundled, and the demo stays in the repository. */
async function packedSources(): Promise<Set<string>> {
  const names = (await filesBelow(join(ROOT, 'src'))).filter((name) => name.endsWith('.ts'));
  const left = names.filter((name) => !name.startsWith('console/pages/') && !name.startsWith('demo/'));
  return new Set(left.map((name) => name.replace(/\.ts$/, '')));
}

/** Every file has a reason to be there, and every source is compiled. A file that an earlier build left has none. */
export async function hasNoMore({ files }: Tarball): Promise<string> {
  const sources = await packedSources();
  const isMeant = (name: string): boolean =>
    AT_THE_TOP.includes(name) ||
    BUNDLES.includes(name) ||
    name === LICENSES_OF_BUNDLES ||
    name.startsWith(PAGES) ||
    sources.has(COMPILED.exec(name)?.[1] ?? '');
  noneOf(
    files
      .filter((name) => !isMeant(name))
      .map((name) => `${name} has no source, and is not meant to be there`),
  );
  return `${files.length} files of ${sources.size} sources`;
}

export async function hasAll({ files }: Tarball): Promise<string> {
  const there = new Set(files);
  const compiled = [...(await packedSources())].flatMap((name) =>
    ['.js', '.d.ts', '.js.map'].map((ending) => `dist/${name}${ending}`),
  );
  const licenses = [LICENSES_OF_BUNDLES, `${PAGES}licenses.md`];
  const needed = [...AT_THE_TOP, ...compiled, ...BUNDLES, ...licenses, `${PAGES}index.html`];
  noneOf(needed.filter((name) => !there.has(name)).map((name) => `${name} is missing`));
  return `${compiled.length} compiled files, ${BUNDLES.length} bundles, the pages`;
}

export function hasEntries({ files }: Tarball, { bin, exports }: Manifest): string {
  const entries = [...Object.values(bin), ...Object.values(exports)].map((path) => path.replace(/^\.\//, ''));
  const needed = entries.flatMap((path) => [path, path.replace(/\.js$/, '.d.ts')]);
  noneOf(needed.filter((path) => !files.includes(path)).map((path) => `${path} is missing`));
  return `${entries.length} entries`;
}

/** Each script that a page loads is in the package. */
export async function hasPages({ folder, files }: Tarball): Promise<string> {
  const page = await readFile(join(folder, PAGES, 'index.html'), 'utf8');
  const assets = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, name = '']) => `${PAGES}${name}`);
  noneOf(assets.filter((name) => !files.includes(name)).map((name) => `${name} is missing`));
  if (assets.length === 0) throw new Error('index.html names no asset');
  return `${assets.length} assets of index.html`;
}

interface SourceMap {
  sources: string[];
  sourcesContent?: (string | null)[];
}

/** Every map holds the sources that it names, those of other packages aside. */
export async function hasSourcesOfMaps({ folder, files }: Tarball): Promise<string> {
  const maps = files.filter((name) => name.endsWith('.js.map') || name.startsWith('dist/workflow-bundle'));
  const problems = await Promise.all(
    maps
      .filter((name) => !name.endsWith('.md'))
      .map(async (name) => {
        const text = await readFile(join(folder, name), 'utf8');
        const json = name.endsWith('.map')
          ? text
          : Buffer.from(INLINE_MAP.exec(text)?.[1] ?? '', 'base64').toString('utf8');
        const { sources, sourcesContent = [] } = JSON.parse(json) as SourceMap;
        const missing = sources.filter(
          (source, index) => !source.includes('node_modules/') && typeof sourcesContent[index] !== 'string',
        );
        return missing.map((source) => `${name}: the source ${source} is missing`);
      }),
  );
  noneOf(problems.flat());
  return `${maps.length} maps`;
}

/** No path of the machine that built it, and no setting of npm. */
export async function namesNoMachine({ folder, files }: Tarball): Promise<string> {
  const root = ROOT.replace(/\/$/, '');
  const isNamed = async (name: string): Promise<boolean> => {
    const text = await readFile(join(folder, name), 'utf8');
    const map = INLINE_MAP.exec(text)?.[1] ?? '';
    return text.includes(root) || Buffer.from(map, 'base64').toString('utf8').includes(root);
  };
  const named: string[] = [];
  for (const name of files) if (await isNamed(name)) named.push(`${name} names ${root}`);
  noneOf(named);
  return `${files.length} files`;
}

export function isNotTooLarge({ packedBytes, unpackedBytes }: Tarball): string {
  const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
  const figures = `${megabytes(packedBytes)} packed, ${megabytes(unpackedBytes)} unpacked`;
  if (packedBytes > MOST_PACKED_BYTES || unpackedBytes > MOST_UNPACKED_BYTES)
    throw new Error(
      `${figures}; at most ${megabytes(MOST_PACKED_BYTES)} and ${megabytes(MOST_UNPACKED_BYTES)} are meant`,
    );
  return figures;
}
