/** What is in the image: what must not be there, and what takes the room. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { ImageConfig } from './store.js';

interface File {
  /** From the root of the image. */
  path: string;
  bytes: number;
  mode: number;
}

export type Parts = Record<'node' | 'libraries' | 'modules' | 'dist' | 'other', number>;

export interface Contents {
  findings: string[];
  bytes: Parts;
  /** The largest packages, with their bytes. */
  packages: [name: string, bytes: number][];
}

const SETUID_OR_SETGID = 0o6000;
/** Nothing of it is needed to run, and each of it helps an intruder, or is of the machine that built the image. */
const UNWANTED =
  /^(sh|bash|dash|busybox|npm|npx|yarn|corepack|apt|apt-get|dpkg|perl|\.npmrc|npmrc|ca\.pem|.*\.(map|ts|cts|mts))$/;
/** Of development alone. */
const UNWANTED_PACKAGES = ['typescript', 'vitest', 'vite', 'eslint', 'react', 'tsx'];
/** A few more than a hundred authorities are in Mozilla's list. */
const FEWEST_AUTHORITIES = 100;
const MOST_PACKAGES = 8;

export async function contentsOf(root: string): Promise<Contents> {
  const files = await filesIn(root);
  const unwanted = files.filter(({ path }) => UNWANTED.test(basename(path)));
  const privileged = files.filter(({ mode }) => (mode & SETUID_OR_SETGID) !== 0);
  const authorities = await readFile(join(root, 'etc/ssl/certs/ca-certificates.crt'), 'utf8');
  const count = authorities.split('BEGIN CERTIFICATE').length - 1;
  const packages = bytesOfPackages(files);
  return {
    findings: [
      ...unwanted.map(({ path }) => `${path} is in the image`),
      ...privileged.map(({ path }) => `${path} is setuid or setgid`),
      ...(count < FEWEST_AUTHORITIES ? [`only ${String(count)} authorities for TLS`] : []),
      ...UNWANTED_PACKAGES.filter((name) => packages.has(name)).map((name) => `the package ${name} is there`),
    ],
    bytes: bytesOfParts(files),
    packages: [...packages].sort(([, one], [, other]) => other - one).slice(0, MOST_PACKAGES),
  };
}

/** What an engine and a person are told. */
export function configFindings(config: ImageConfig, wanted: { labels: Record<string, string> }): string[] {
  const labels = Object.entries({
    ...wanted.labels,
    'org.opencontainers.image.title': 'vnf-migrator',
    'org.opencontainers.image.licenses': 'Apache-2.0',
  });
  return [
    ...(config.User === '1000:1000' ? [] : [`the user is ${config.User}`]),
    ...labels
      .filter(([name, value]) => config.Labels[name] !== value)
      .map(([name, value]) => `the label ${name} is ${config.Labels[name] ?? 'missing'}, not ${value}`),
  ];
}

async function filesIn(root: string): Promise<File[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return await Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size, mode } = await lstat(path);
      return { path: relative(root, path), bytes: size, mode };
    }),
  );
}

function bytesOfParts(files: readonly File[]): Parts {
  const parts: Parts = { node: 0, libraries: 0, modules: 0, dist: 0, other: 0 };
  for (const { path, bytes } of files) parts[partOf(path)] += bytes;
  return parts;
}

function partOf(path: string): keyof Parts {
  if (path === 'usr/local/bin/node') return 'node';
  if (path.startsWith('usr/lib')) return 'libraries';
  if (path.startsWith('app/node_modules/')) return 'modules';
  if (path.startsWith('app/dist/')) return 'dist';
  return 'other';
}

function bytesOfPackages(files: readonly File[]): Map<string, number> {
  const packages = new Map<string, number>();
  for (const { path, bytes } of files) {
    const [, name] = /^app\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    if (name !== undefined) packages.set(name, (packages.get(name) ?? 0) + bytes);
  }
  return packages;
}
