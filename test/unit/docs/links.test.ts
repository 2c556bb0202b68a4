/** The targets of the docs exist: the links, files, scripts and tests that they name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allPages, pageOf, readPage, ROOT, tableUnder, type Located } from '../../support/markdown.js';
import { flagsOfScript, SCRIPTS } from '../../support/npm-scripts.js';

const PAGES = allPages();
const CODE: Located<string>[] = PAGES.flatMap(({ spans, blocks }) => [
  ...spans,
  ...blocks.flatMap(({ at, value }) => value.lines.map((line) => ({ at, value: line }))),
]);
const FILES = ['src', 'test', 'scripts', 'examples', 'docs', '.ci'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
);

function told({ at, value }: Located<string>): string {
  return `${at}: ${value}`;
}

describe('links', () => {
  const links = PAGES.flatMap(({ path, links }) => links.map((link) => ({ ...link, path })));
  const relative = links.filter(({ value }) => !/^[a-z]+:/.test(value));

  it('of the docs are found', () => {
    expect(relative.length).toBeGreaterThan(40);
  });

  it.each(relative.map((link) => [told(link), link] as const))('%s', (_, { path, value }) => {
    const [file = '', anchor] = value.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    expect(existsSync(join(ROOT, target)), `${target} exists`).toBe(true);
    if (anchor !== undefined) expect(readPage(target).anchors).toContain(anchor);
  });

  it('lead to every page of docs/, from the README on', () => {
    const reached = new Set(['README.md']);
    for (const path of reached) {
      for (const link of relative) {
        if (link.path === path)
          reached.add(normalize(join(dirname(path), link.value.replace(/#.*/, '') || '.')));
      }
    }
    expect(PAGES.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });
});

describe('files', () => {
  /** With a folder, or a name that can only be a file of ours. */
  const NAMED = /^(?:(?:src|test|scripts|examples|docs|\.ci)\/[\w./-]*|[\w./-]+\.(?:ts|mjs|md|py|go))$/;
  const named = CODE.flatMap(({ at, value }) =>
    value.split(/[\s:,]+/).flatMap((word) => (NAMED.test(word) ? [{ at, value: word }] : [])),
  );

  it('that are named exist', () => {
    expect(named.length).toBeGreaterThan(100);
    const exists = (name: string): boolean => {
      const path = name.replace(/\/$/, '');
      return existsSync(join(ROOT, path)) || FILES.some((file) => file.endsWith(`/${path}`));
    };
    expect(named.filter(({ value }) => !exists(value)).map(told)).toEqual([]);
  });

  it('and folders of src/ are all in the architecture', () => {
    const rooms = readPage('docs/architecture.md').spans.map(({ value }) => value);
    const present = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? `src/${entry.name}/` : `src/${entry.name}`,
    );
    expect(present.filter((room) => !rooms.includes(room))).toEqual([]);
  });
});

describe('npm scripts', () => {
  const calls = CODE.flatMap(({ at, value }) =>
    [...value.matchAll(/\bnpm (?:run ([\w:]+)|(test))\b(?: -- ([^#&|`]*))?/g)].map(
      ([, run, test, words = '']) => ({
        at,
        value: run ?? test ?? '',
        flags: words.match(/--[a-z][a-z-]*/g) ?? [],
      }),
    ),
  );

  it('that are named exist, and take the options that they are given', () => {
    expect(calls.length).toBeGreaterThan(30);
    expect(calls.filter(({ value }) => !SCRIPTS.includes(value)).map(told)).toEqual([]);
    const wrong = calls.flatMap(({ at, value, flags }) =>
      flags.filter((flag) => !flagsOfScript(value).includes(flag)).map((flag) => `${at}: ${value} ${flag}`),
    );
    expect(wrong).toEqual([]);
  });

  it('are all told of to those who change the project', () => {
    const here = new Set(
      calls.filter(({ at }) => at.startsWith('CONTRIBUTING.md')).map(({ value }) => value),
    );
    expect(SCRIPTS.filter((name) => !here.has(name))).toEqual([]);
  });
});

describe('tests of a row', () => {
  /** Whether a file has a test whose name begins with the row, alone or among others. */
  function has(file: string, row: string): boolean {
    const source = readFileSync(join(ROOT, file), 'utf8');
    return new RegExp(`['"\`](?:[A-Z]\\d+\\w?, )*${row}(?:, [A-Z]\\d+\\w?)*:`).test(source);
  }

  it('that the table of faults names exist', () => {
    const headings = [
      '## The worker',
      '## Temporal',
      '## The broker',
      '## The MANO',
      '## Load and the repository',
    ];
    const rows = headings.flatMap((heading) => tableUnder('docs/faults.md', heading));
    const named = rows.flatMap(([, , tests = '']) =>
      [...tests.matchAll(/(?:^|[;,] )((?:long\/)?[a-z]+): ([A-Z]\d+[a-z]?)/g)].map(
        ([, file = '', row = '']) => [file, row] as const,
      ),
    );
    expect(named.length).toBeGreaterThan(40);
    const missing = named.filter(([file, row]) => {
      const places = [`test/faults/${file}.test.ts`, `test/integration/${file}.test.ts`];
      return !places.some((place) => existsSync(join(ROOT, place)) && has(place, row));
    });
    expect(missing).toEqual([]);
  });

  it('that the guarantees name exist', () => {
    const text = readFileSync(join(ROOT, 'docs/guarantees.md'), 'utf8');
    const named = [...text.matchAll(/`(test\/[\w./-]+\.test\.ts)`((?:,? [A-Z]\d+[a-z]?\b)+)/g)].flatMap(
      ([, file = '', rows = '']) =>
        rows.split(/[, ]+/).flatMap((row) => (row === '' ? [] : [[file, row] as const])),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(([file, row]) => !has(file, row))).toEqual([]);
  });
});

describe('a page taken apart', () => {
  const page = pageOf(
    'x.md',
    [
      '# A `b`: c, d',
      'See [there](y.md#z), `[no](link)` and ``a ` b``.',
      '| `a\\|b` | c |',
      '| ------ | - |',
      '| `d`    | e |',
      '```sh',
      'npm run x # [no](link)',
      '```',
      '## A b c d',
      '',
    ].join('\n'),
  );

  it('has its links, code, rows and anchors, each where it stands', () => {
    expect(page.links).toEqual([{ at: 'x.md:2', value: 'y.md#z' }]);
    expect(page.spans.map(({ value }) => value)).toEqual(['b', '[no](link)', 'a ` b', 'a\\|b', 'd']);
    expect(page.blocks).toEqual([
      { at: 'x.md:6', value: { language: 'sh', lines: ['npm run x # [no](link)'] } },
    ]);
    expect(page.rows).toEqual([{ at: 'x.md:5', value: ['`d`', 'e'] }]);
    expect(page.anchors).toEqual(['a-b-c-d', 'a-b-c-d-1']);
  });
});
