/** What docs/model.md names of the model, the code and the tests exists, and the page has all that the model checks. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BROKEN_GUARDS, CLAIMS, GOALS, HOLDS, WITHOUT, type Breaks } from '../../model/runs.js';
import { namesIn, ROOT, tableUnder } from '../../support/markdown.js';

const PAGE = 'docs/model.md';
const MODEL = readFileSync(join(ROOT, 'test/model/migration.pml'), 'utf8');
const claims = tableUnder(PAGE, '## Claims');
const guards = tableUnder(PAGE, '## Guards');
const assumptions = tableUnder(PAGE, '## Assumptions');

function source(path: string): string {
  return existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '';
}

/** The paths of a cell, each with the title of a test that stands behind it. */
function testsIn(cell: string): { path: string; title: string }[] {
  return [...cell.matchAll(/`(test\/[\w./-]+)`(?: "([^"]*)")?/g)].map(([, path = '', title = '']) => ({
    path,
    title,
  }));
}

function missingTests(rows: readonly string[][]): string[] {
  return rows.flatMap((row) => {
    const tests = testsIn(row.at(-1) ?? '');
    if (tests.length === 0) return [`no test: ${row[0] ?? ''}`];
    return tests.flatMap(({ path, title }) =>
      source(path) !== '' && source(path).includes(title) ? [] : [`${path} ${title}`],
    );
  });
}

/** Row by row: what is taken out, and the claim that breaks. */
function told(rows: readonly string[][]): string[] {
  return rows.map((row) => `${namesIn(row[0] ?? '')[0] ?? ''} ${namesIn(row[2] ?? '')[0] ?? ''}`).sort();
}

function checked(runs: readonly Breaks[]): string[] {
  return runs.map(({ macros, claim }) => `${macros.at(-1) ?? ''} ${claim}`).sort();
}

describe('the page of the model', () => {
  it('has every claim, with code and tests that exist', () => {
    const names = claims.map(([name = '']) => namesIn(name)[0] ?? '');
    const goal = 'GOAL_REACHED';
    expect(names.sort()).toEqual([...CLAIMS.filter((claim) => claim !== goal), 'always_ends'].sort());
    const paths = claims.flatMap(([, , , code = '']) => namesIn(code));
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(missingTests(claims)).toEqual([]);
  });

  it('names parts of the model that exist', () => {
    const parts = claims.flatMap(([, , model = '']) => namesIn(model));
    expect(parts.filter((part) => !MODEL.includes(`inline ${part}(`))).toEqual([]);
  });

  it('has every guard that is taken out, with the claim that breaks', () => {
    expect(told(guards)).toEqual(checked(BROKEN_GUARDS));
    expect(missingTests(guards)).toEqual([]);
  });

  it('names guards that are still in the code', () => {
    const places = guards.map(([, , , code = '']) => namesIn(code));
    expect(
      places.filter(([path = '', ...guard]) => !guard.every((text) => source(path).includes(text))),
    ).toEqual([]);
    expect(places.every(({ length }) => length === 2)).toBe(true);
  });

  it('has every assumption, with the claim that breaks', () => {
    expect(told(assumptions)).toEqual(checked(WITHOUT));
  });
});

describe('the model', () => {
  it('numbers its claims as the runs do', () => {
    const numbered = CLAIMS.map((claim, index) => `#define ${claim} ${String(index + 1)}\n`);
    expect(numbered.filter((line) => !MODEL.includes(line))).toEqual([]);
  });

  it('knows every macro of the runs, and has no other that leaves something out', () => {
    const used = new Set([...HOLDS, ...BROKEN_GUARDS, ...WITHOUT, ...GOALS].flatMap(({ macros }) => macros));
    const known = new Set(
      [...MODEL.matchAll(/#(?:ifn?def|elif defined\() ?(\w+)/g)].map(([, name = '']) => name),
    );
    expect([...used].filter((name) => !known.has(name))).toEqual([]);
    const unused = [...known].filter((name) => /^(BROKEN|WITHOUT|PROPOSED)_/.test(name) && !used.has(name));
    expect(unused).toEqual([]);
  });
});
