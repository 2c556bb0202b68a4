/** CONTRIBUTING.md gives a reason for each dependency, and names those that are held back, at their versions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namesIn, ROOT, tableUnder } from '../../support/markdown.js';

type Versions = Record<string, string>;

const { dependencies, devDependencies, engines } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
) as { dependencies: Versions; devDependencies: Versions; engines: { node: string } };
const all: Versions = { ...dependencies, ...devDependencies };
const EXACT = /^\d+\.\d+\.\d+$/;

/** `@scope/*` is every package of the scope, `@scope/name-*` every one whose name begins so. */
function covers(name: string, dependency: string): boolean {
  return name.endsWith('*') ? dependency.startsWith(name.slice(0, -1)) : name === dependency;
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number);
}

function isNewer(version: string, other: string): boolean {
  const [left, right] = [numbersOf(version), numbersOf(other)];
  const index = left.findIndex((number, at) => number !== right[at]);
  return index !== -1 && (left[index] ?? 0) > (right[index] ?? 0);
}

describe('the dependencies', () => {
  it('have exact versions', () => {
    expect(Object.entries(all).filter(([, version]) => !EXACT.test(version))).toEqual([]);
  });

  it('of the product have a reason each in CONTRIBUTING.md, and nothing else has', () => {
    const named = tableUnder('CONTRIBUTING.md', '## Dependencies').flatMap(([names = '']) => namesIn(names));
    const unnamed = Object.keys(dependencies).filter((name) => !named.some((each) => covers(each, name)));
    const gone = named.filter((each) => !Object.keys(dependencies).some((name) => covers(each, name)));
    expect({ unnamed, gone }).toEqual({ unnamed: [], gone: [] });
  });

  it('of the development have a reason each in CONTRIBUTING.md', () => {
    const page = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
    const named = namesIn(/\nFor development:\n([\s\S]*?)\n### /.exec(page)?.[1] ?? '');
    expect(named.sort()).toEqual(Object.keys(devDependencies).sort());
  });

  it('that are held back are in CONTRIBUTING.md at the versions of package.json', () => {
    const rows = tableUnder('CONTRIBUTING.md', '### Held back');
    expect(rows.length).toBeGreaterThan(0);
    for (const [name = '', held = '', newest = '', why = ''] of rows) {
      const [dependency = ''] = namesIn(name);
      expect({ dependency, held }).toEqual({ dependency, held: all[dependency] });
      expect(isNewer(newest, held), `${dependency}: ${newest} is newer than ${held}`).toBe(true);
      expect(why).not.toBe('');
    }
  });

  it('has the types of the oldest Node that is supported', () => {
    const [, oldest = ''] = /^>=(\d+)\./.exec(engines.node) ?? [];
    expect(numbersOf(all['@types/node'] ?? '')[0]).toBe(Number(oldest));
  });
});
