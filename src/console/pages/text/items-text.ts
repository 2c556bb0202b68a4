/**
 * Items of a campaign as people paste them: CSV with a header, or a JSON list. Pure.
 *
 * Invariant: a text is taken or refused as a whole. What the fields hold is checked by the console.
 */
import type { CampaignItemInput } from '../../../shared/campaign/contract.js';

export type ItemsReading =
  /** `lines`: where each item stands. */
  { kind: 'items'; items: CampaignItemInput[]; lines: number[] } | { kind: 'wrong'; problems: string[] };

const COLUMNS = ['serviceInstanceUuid', 'vnfUuid', 'vimUuid', 'priority', 'wave'];
const NEEDED = ['serviceInstanceUuid', 'vnfUuid'];
const NUMBERS = ['priority', 'wave'];
/** In a message of the MANO the service instance is called so, too. */
const SYNONYMS: Readonly<Record<string, string>> = { instanceuuid: 'serviceInstanceUuid' };
const MOST_PROBLEMS = 20;

export function readItems(text: string): ItemsReading {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'wrong', problems: ['there are no items'] };
  return trimmed.startsWith('[') ? itemsOfJson(trimmed) : itemsOfCsv(text);
}

function itemsOfJson(text: string): ItemsReading {
  try {
    const items = JSON.parse(text) as CampaignItemInput[];
    if (items.length === 0) return { kind: 'wrong', problems: ['there are no items'] };
    return { kind: 'items', items, lines: items.map((_, index) => index + 1) };
  } catch (error) {
    return { kind: 'wrong', problems: [`this is no JSON: ${error instanceof Error ? error.message : ''}`] };
  }
}

function itemsOfCsv(text: string): ItemsReading {
  const { rows: all, wrongLine } = rowsOf(text);
  if (wrongLine !== null) return { kind: 'wrong', problems: [`line ${wrongLine}: a quote is not closed`] };
  const rows = all.filter(({ cells }) => cells.some((cell) => cell !== ''));
  const [header, ...others] = rows;
  const columns = (header?.cells ?? []).map(fieldNamed);
  const problems = [...headerProblems(header?.cells ?? []), ...lengthProblems(columns, others)];
  if (problems.length > 0) return { kind: 'wrong', problems: problems.slice(0, MOST_PROBLEMS) };
  if (others.length === 0) return { kind: 'wrong', problems: ['there are no items below the header'] };
  return {
    kind: 'items',
    items: others.map(({ cells }) => itemOf(columns, cells)),
    lines: others.map(({ line }) => line),
  };
}

function headerProblems(names: readonly string[]): string[] {
  const columns = names.map(fieldNamed);
  const unknown = names.filter((_, index) => !COLUMNS.includes(columns[index] ?? ''));
  return [
    ...unknown.map((name) => `no column is called "${name}"; there are ${COLUMNS.join(', ')}`),
    ...NEEDED.filter((name) => !columns.includes(name)).map((name) => `the column ${name} is missing`),
  ];
}

function lengthProblems(columns: readonly string[], rows: readonly Row[]): string[] {
  return rows
    .filter(({ cells }) => cells.length !== columns.length)
    .map(({ line, cells }) => `line ${line}: ${columns.length} cells are needed; these are ${cells.length}`);
}

/** The MANO's own names of the fields, in any case, stand for ours. */
function fieldNamed(name: string): string {
  const plain = (text: string): string => text.replaceAll('_', '').toLowerCase();
  return COLUMNS.find((column) => plain(column) === plain(name)) ?? SYNONYMS[plain(name)] ?? name;
}

/** An empty cell counts as absent, unless the column is needed. */
function itemOf(columns: readonly string[], cells: readonly string[]): CampaignItemInput {
  const given = columns
    .map((name, index): [string, string] => [name, cells[index] ?? ''])
    .filter(([name, cell]) => cell !== '' || NEEDED.includes(name))
    .map(([name, cell]): [string, string | number] => [name, NUMBERS.includes(name) ? numberOf(cell) : cell]);
  return Object.fromEntries(given) as unknown as CampaignItemInput;
}

function numberOf(cell: string): number | string {
  return /^-?\d{1,9}$/.test(cell) ? Number(cell) : cell;
}

interface Row {
  line: number;
  cells: string[];
}

/** A cell, and what ends it: a separator, the end of the line, or of the text. RFC 4180. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",;\t\r\n]*))([,;\t]|\r?\n|$)/y;

/** `wrongLine`: where it is no CSV. */
function rowsOf(text: string): { rows: Row[]; wrongLine: number | null } {
  const rows: Row[] = [{ line: 1, cells: [] }];
  let line = 1;
  for (let at = text.startsWith('\ufeff') ? 1 : 0; ;) {
    CELL.lastIndex = at;
    const match = CELL.exec(text);
    if (match === null) return { rows, wrongLine: line };
    const [whole, quoted, plain = '', end = ''] = match;
    at += whole.length;
    line += whole.split('\n').length - 1;
    rows.at(-1)?.cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    if (at >= text.length && !/[,;\t]/.test(end)) return { rows, wrongLine: null };
    if (end.endsWith('\n')) rows.push({ line, cells: [] });
  }
}
