/** The bills of materials that `npm run sbom` writes, and the licenses of all that is installed with the package. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/markdown.js';
import { noneOf } from './checks.js';
import { outputOf } from './command.js';

interface CycloneDx {
  bomFormat: string;
  specVersion: string;
  components: {
    name: string;
    version: string;
    purl: string;
    licenses?: { expression?: string; license?: { id?: string; name?: string } }[];
  }[];
}

interface Spdx {
  spdxVersion: string;
  packages: { name: string; versionInfo: string; licenseDeclared?: string }[];
}

const TIMEOUT_MS = 120_000;
/** Each allows use, change and redistribution, also in closed products. CC-BY-4.0 is of data alone. */
const PERMISSIVE = new Set([
  ...['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense', 'BlueOak-1.0.0'],
  ...['PSF-2.0', 'CC-BY-4.0'],
]);
/** Its package.json names no license, its license file does. */
const ONLY_AS_TEXT: Readonly<Record<string, { license: string; text: RegExp }>> = {
  unionfs: { license: 'Unlicense', text: /free and unencumbered software released into the public domain/ },
};

const FILES = { cyclonedx: 'vnf-migrator.cdx.json', spdx: 'vnf-migrator.spdx.json' };

/** Of `npm run sbom`. */
async function bill<T>(format: keyof typeof FILES): Promise<T> {
  return JSON.parse(await readFile(join(ROOT, '.vnf-migrator', 'sbom', FILES[format]), 'utf8')) as T;
}

export async function writeBills(): Promise<string> {
  await outputOf(['npm', 'run', '--silent', 'sbom'], { cwd: ROOT, timeoutMs: TIMEOUT_MS });
  return Object.values(FILES).join(', ');
}

export async function cycloneDx(): Promise<string> {
  const { bomFormat, specVersion, components } = await bill<CycloneDx>('cyclonedx');
  if (bomFormat !== 'CycloneDX') throw new Error(`the format is ${bomFormat}`);
  noneOf([
    ...(await unlisted(components)),
    ...components.filter(({ purl }) => !purl.startsWith('pkg:npm/')).map(({ name }) => `${name} has no purl`),
  ]);
  return `CycloneDX ${specVersion}, ${components.length} packages`;
}

export async function spdx(): Promise<string> {
  const { spdxVersion, packages } = await bill<Spdx>('spdx');
  if (!spdxVersion.startsWith('SPDX-')) throw new Error(`the version is ${spdxVersion}`);
  noneOf(await unlisted(packages.map(({ name, versionInfo: version }) => ({ name, version }))));
  return `${spdxVersion}, ${packages.length} packages`;
}

/** What is installed without development dependencies, or bundled into the pages, and is not in the bill. */
async function unlisted(listed: readonly { name: string; version: string }[]): Promise<string[]> {
  const names = new Set(listed.map(({ name, version }) => `${name}@${version}`));
  const expected = [...(await installed()), ...(await bundled())];
  return expected.filter((name) => !names.has(name)).map((name) => `${name} is not listed`);
}

async function installed(): Promise<string[]> {
  const text = await readFile(join(ROOT, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { version: string; dev?: true }> };
  return Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`);
}

async function bundled(): Promise<string[]> {
  const text = await readFile(join(ROOT, 'dist', 'console', 'pages', 'licenses.md'), 'utf8');
  return [...text.matchAll(/^## (\S+) - (\S+) /gm)].map(
    ([, name = '', version = '']) => `${name}@${version}`,
  );
}

/** Every license of a production dependency, with how many packages have it. */
export async function licenses(): Promise<string> {
  const { components } = await bill<CycloneDx>('cyclonedx');
  const counts = new Map<string, number>();
  const problems: string[] = [];
  for (const component of components) {
    const license = licenseOf(component) ?? (await licenseByText(component.name));
    if (license === null) problems.push(`${component.name}@${component.version} names no license`);
    else if (!isPermissive(license)) problems.push(`${component.name}@${component.version} is ${license}`);
    else counts.set(license, (counts.get(license) ?? 0) + 1);
  }
  noneOf(problems);
  const most = [...counts].sort(([, one], [, other]) => other - one);
  return most.map(([license, count]) => `${license} ${count}`).join(', ');
}

function licenseOf({ licenses: given = [] }: CycloneDx['components'][number]): string | null {
  const names = given.map(({ expression, license }) => expression ?? license?.id ?? license?.name);
  return names.length === 0 ? null : names.join(' AND ');
}

async function licenseByText(name: string): Promise<string | null> {
  const known = ONLY_AS_TEXT[name];
  if (known === undefined) return null;
  const text = await readFile(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8');
  return known.text.test(text) ? known.license : null;
}

/** One of those between OR, and all of those between AND. */
function isPermissive(expression: string): boolean {
  const plain = expression.replace(/[()]/g, '');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every((name) => PERMISSIVE.has(name)));
}
