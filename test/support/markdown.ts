/**
 * Parses the project's Markdown for the tests of the docs. It supports only what these pages use.
 *
 * Invariant: nothing is skipped silently. The content of a fence is not text, and the content of backticks is not a
 * link.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Located<T> {
  /** The path relative to the root, with the line: `docs/chaos.md:12`. */
  at: string;
  value: T;
}

export interface Page {
  /** Relative to the root. */
  path: string;
  /** The texts in backticks. */
  spans: Located<string>[];
  /** The fenced blocks. `language` is empty if a block names none. */
  blocks: Located<{ language: string; lines: string[] }>[];
  links: Located<string>[];
  /** The rows of tables without their headings, split into cells. */
  rows: Located<string[]>[];
  /** The anchors that GitHub derives from headings. */
  anchors: string[];
}

const FENCE = /^( *)(```+)(\w*)\n([\s\S]*?)^\1\2 *$/gm;
const SPAN = /(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g;
const LINK = /\]\(([^()\s]+)\)/g;
const HEADING = /^#{1,6} +(.*)$/gm;
const ROW = /^ *\|(.*)\| *\n/gm;
/** A literal bar within a cell. */
const ESCAPED_BAR = '\\|';

/** Every page of the project, including the generated reference of the commands. */
export function allPages(): Page[] {
  const own = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md'];
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map(
    (name) => `docs/${name}`,
  );
  return [...own, ...docs.filter((name) => name.endsWith('.md'))].map(readPage);
}

export function readPage(path: string): Page {
  return pageOf(path, readFileSync(join(ROOT, path), 'utf8'));
}

export function pageOf(path: string, whole: string): Page {
  const at = (index: number): string => `${path}:${whole.slice(0, index).split('\n').length}`;
  const found = <T>(text: string, { pattern, pick }: { pattern: RegExp; pick: (groups: string[]) => T }) =>
    [...text.matchAll(pattern)].map((match) => ({ at: at(match.index), value: pick([...match]) }));
  const prose = whole.replace(FENCE, blank);
  const plain = prose.replace(SPAN, blank);
  return {
    path,
    blocks: found(whole, {
      pattern: FENCE,
      pick: ([, , , language = '', body = '']) => ({ language, lines: body.trimEnd().split('\n') }),
    }),
    spans: found(prose, { pattern: SPAN, pick: (groups) => (groups[2] ?? '').replaceAll('\n', ' ') }),
    links: found(plain, { pattern: LINK, pick: (groups) => groups[1] ?? '' }),
    rows: bodyRows(found(prose, { pattern: ROW, pick: (groups) => cellsOf(groups[1] ?? '') })),
    anchors: anchorsOf(prose),
  };
}

/** Replaces every character except line ends with a space, so that offsets stay the same. */
function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

function cellsOf(row: string): string[] {
  return row
    .replaceAll(ESCAPED_BAR, '\0')
    .split('|')
    .map((cell) => cell.replaceAll('\0', '|').trim());
}

/** Removes heading rows, and the rules beneath them. */
function bodyRows(rows: Located<string[]>[]): Located<string[]>[] {
  const isRule = (row: Located<string[]> | undefined): boolean =>
    row?.value.every((cell) => /^:?-+:?$/.test(cell)) === true;
  return rows.filter((row, index) => !isRule(row) && !isRule(rows[index + 1]));
}

function anchorsOf(prose: string): string[] {
  const seen = new Map<string, number>();
  return [...prose.matchAll(HEADING)].map(([, heading = '']) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

/** The names in backticks of a cell or a sentence. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(SPAN)].map(([, , name = '']) => name);
}

/** The rows of the table under a heading such as `## Settings`. */
export function tableUnder(path: string, heading: string): string[][] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const start = text.indexOf(`\n${heading}\n`);
  if (start === -1) throw new Error(`${path} has no heading ${heading}`);
  const rest = text.slice(start + heading.length + 1);
  // A shell comment looks like a heading.
  const end = rest.replace(FENCE, blank).search(/^#/m);
  return pageOf(path, end === -1 ? rest : rest.slice(0, end)).rows.map(({ value }) => value);
}
