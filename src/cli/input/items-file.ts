/**
 * Reads the items of a campaign from a file: CSV with a header, or a list in YAML or JSON.
 *
 * Invariant: a file is accepted or refused as a whole. A refusal names each wrong line as `file:line: what`.
 */
import { campaignItemSchema, MAX_ITEMS, type CampaignItemInput } from '../../shared/campaign/contract.js';
import { isUuid } from '../../shared/compact-uuid.js';
import { readCsv, type CsvRow } from './csv-table.js';
import { readLocated } from './located-yaml.js';
import { NO_TEXT, printable, textOf } from './text-file.js';

export type ItemsReading =
  /** `vimUuid` of an item may be the name of a VIM. `lines`: where each item stands. */
  { kind: 'items'; items: CampaignItemInput[]; lines: number[] } | { kind: 'wrong'; problems: string[] };

const COLUMNS = Object.keys(campaignItemSchema().shape);
const NEEDED = ['serviceInstanceUuid', 'vnfUuid'];
const NUMBERS = ['priority', 'wave'];
/** In a message of the MANO the service instance is called so, too. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([['instanceuuid', 'serviceInstanceUuid']]);
/** More lines do not help. */
const MAX_PROBLEMS = 100;

/** A candidate for an item, with its position in the file. */
interface Row {
  value: unknown;
  lineOf: (path: readonly PropertyKey[]) => number;
}

type Rows = { kind: 'rows'; rows: Row[]; problems: Problem[] } | { kind: 'unreadable'; problems: Problem[] };

interface Problem {
  line: number;
  text: string;
}

/** `name` determines the format: .csv or .tsv, .yaml, .yml or .json. */
export function readItems(name: string, bytes: Uint8Array): ItemsReading {
  const wrong = (problems: readonly Problem[]): ItemsReading => ({
    kind: 'wrong',
    problems: told(name, problems),
  });
  const text = textOf(bytes);
  if (text === null) return wrong([{ line: 1, text: NO_TEXT }]);
  const read = rowsOf(name, text);
  if (read.kind === 'unreadable') return wrong(read.problems);
  const { items, lines, problems } = checked(read.rows);
  const all = [...read.problems, ...problems];
  if (all.length > 0) return wrong(all);
  if (items.length === 0) return wrong([{ line: 1, text: 'it holds no items' }]);
  if (items.length > MAX_ITEMS) {
    return wrong([{ line: 1, text: `${items.length} items are more than a campaign takes: ${MAX_ITEMS}` }]);
  }
  return { kind: 'items', items, lines };
}

function rowsOf(name: string, text: string): Rows {
  if (/\.[ct]sv$/i.test(name)) return rowsOfCsv(text);
  if (/\.(ya?ml|json)$/i.test(name)) return rowsOfList(text);
  const problem = 'its name says neither .csv, .tsv nor .yaml, .yml or .json';
  return { kind: 'unreadable', problems: [{ line: 1, text: problem }] };
}

function rowsOfList(text: string): Rows {
  const reading = readLocated(text);
  if (reading.kind === 'unreadable') {
    return { kind: 'unreadable', problems: [{ line: reading.line, text: reading.message }] };
  }
  const { value, lineOf } = reading.located;
  if (!Array.isArray(value)) {
    const problem = 'a list of items is needed; a whole campaign goes to --spec';
    return { kind: 'unreadable', problems: [{ line: lineOf([]), text: problem }] };
  }
  const rows = value.map((listed: unknown, index): Row => {
    const { item, nameOf } = withOurNames(listed);
    return { value: item, lineOf: (path) => lineOf([index, ...path.map(nameOf)]) };
  });
  return { kind: 'rows', rows, problems: [] };
}

/** `nameOf`: how the file names a field. */
function withOurNames(listed: unknown): { item: unknown; nameOf: (field: PropertyKey) => PropertyKey } {
  if (typeof listed !== 'object' || listed === null || Array.isArray(listed)) {
    return { item: listed, nameOf: (field) => field };
  }
  const names = new Map(Object.keys(listed).map((name): [PropertyKey, string] => [fieldNamed(name), name]));
  return {
    item: Object.fromEntries(
      Object.entries(listed).map(([name, value]): [string, unknown] => [fieldNamed(name), value]),
    ),
    nameOf: (field) => names.get(field) ?? field,
  };
}

function rowsOfCsv(text: string): Rows {
  const reading = readCsv(text);
  if (reading.kind === 'unreadable') {
    return { kind: 'unreadable', problems: [{ line: reading.line, text: reading.message }] };
  }
  const { line, cells } = reading.header;
  const columns = cells.map(fieldNamed);
  const headerProblems = wrongHeader({ names: cells, columns });
  if (headerProblems.length > 0) {
    return { kind: 'unreadable', problems: headerProblems.map((problem) => ({ line, text: problem })) };
  }
  const isWhole = (row: CsvRow): boolean => row.cells.length === columns.length;
  const problems = reading.rows
    .filter((row) => !isWhole(row))
    .map((row) => ({
      line: row.line,
      text: `${columns.length} cells are needed, as in the header; these are ${row.cells.length}`,
    }));
  const rows = reading.rows
    .filter(isWhole)
    .map((row) => ({ value: itemOf(columns, row.cells), lineOf: () => row.line }));
  return { kind: 'rows', rows, problems };
}

/** The MANO's own names of the fields, in any case, stand for ours. What is neither stays as it is. */
function fieldNamed(name: string): string {
  const plain = (text: string): string => text.replaceAll('_', '').toLowerCase();
  return COLUMNS.find((column) => plain(column) === plain(name)) ?? SYNONYMS.get(plain(name)) ?? name;
}

function wrongHeader({ names, columns }: { names: readonly string[]; columns: readonly string[] }): string[] {
  const unknown = names.filter((_, index) => !COLUMNS.includes(columns[index] ?? ''));
  const missing = NEEDED.filter((name) => !columns.includes(name));
  const twice = [...new Set(columns.filter((name, index) => columns.indexOf(name) !== index))];
  return [
    ...unknown.map((name) => `no column is called "${name}"; there are ${COLUMNS.join(', ')}`),
    ...missing.map((name) => `the column ${name} is missing`),
    ...twice.map((name) => `the column ${name} is there twice`),
  ];
}

/** An empty cell counts as absent, unless the column is required. */
function itemOf(columns: readonly string[], cells: readonly string[]): unknown {
  const given = columns
    .map((name, index): [string, string] => [name, cells[index] ?? ''])
    .filter(([name, cell]) => cell !== '' || NEEDED.includes(name));
  return Object.fromEntries(
    given.map(([name, cell]) => [name, NUMBERS.includes(name) ? numberOf(cell) : cell]),
  );
}

function numberOf(cell: string): number | string {
  return /^-?\d{1,9}$/.test(cell) ? Number(cell) : cell;
}

interface Checked {
  items: CampaignItemInput[];
  lines: number[];
  problems: Problem[];
}

function checked(rows: readonly Row[]): Checked {
  const items: CampaignItemInput[] = [];
  const lines: number[] = [];
  const problems: Problem[] = [];
  const lineOfVnf = new Map<string, number>();
  for (const { value, lineOf } of rows) {
    const parsed = campaignItemSchema().safeParse(withoutVimName(value));
    for (const { path, message } of parsed.error?.issues ?? []) {
      const field = path.map(String).join('.');
      problems.push({ line: lineOf(path), text: field === '' ? message : `${field}: ${message}` });
    }
    const vnfUuid = vnfUuidOf(value);
    const before = vnfUuid === null ? undefined : lineOfVnf.get(vnfUuid);
    const line = lineOf(['vnfUuid']);
    if (before !== undefined)
      problems.push({ line, text: `VNF ${vnfUuid ?? ''} is on line ${before} already` });
    else if (vnfUuid !== null) lineOfVnf.set(vnfUuid, line);
    if (!parsed.success) continue;
    items.push(value as CampaignItemInput);
    lines.push(lineOf([]));
  }
  return { items, lines, problems };
}

/** A name is looked for on the list of VIMs later; here it is not wrong. */
function withoutVimName(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('vimUuid' in value)) return value;
  const { vimUuid, ...rest } = value;
  const isName =
    typeof vimUuid === 'string' && vimUuid.trim() !== '' && !isUuid(vimUuid.trim().toLowerCase());
  return isName ? rest : value;
}

function vnfUuidOf(value: unknown): string | null {
  const given = typeof value === 'object' && value !== null && 'vnfUuid' in value ? value.vnfUuid : null;
  return typeof given === 'string' && given !== '' ? given.toLowerCase() : null;
}

function told(name: string, problems: readonly Problem[]): string[] {
  const sorted = [...problems].sort((left, right) => left.line - right.line);
  const lines = sorted.slice(0, MAX_PROBLEMS).map(({ line, text }) => `${name}:${line}: ${printable(text)}`);
  const more = sorted.length - lines.length;
  return more === 0 ? lines : [...lines, `${name}: and ${more} more`];
}
