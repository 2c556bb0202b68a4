/**
 * Reads the items of a campaign from a file: CSV with a header, or a list in YAML or JSON.
 *
 * Invariant: a file is accepted or refused as a whole. A refusal names each wrong line as `file:line: what`.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { campaignItemSchema, MAX_ITEMS, type CampaignItemInput } from '../../shared/campaign/contract.js';
import { readLocated } from './located-yaml.js';
import { printable, textOf } from './text-file.js';

export type ItemsReading =
  { kind: 'items'; items: CampaignItemInput[] } | { kind: 'wrong'; problems: string[] };

const COLUMNS = Object.keys(campaignItemSchema().shape);
const NEEDED = ['serviceInstanceUuid', 'vnfUuid'];
const NUMBERS = ['priority', 'wave'];
/** More lines do not help the reader. */
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

/** The extension of `name` selects the format: .csv, .yaml, .yml or .json. */
export function readItems(name: string, bytes: Uint8Array): ItemsReading {
  const wrong = (problems: readonly Problem[]): ItemsReading => ({
    kind: 'wrong',
    problems: told(name, problems),
  });
  const text = textOf(bytes);
  if (text === null) return wrong([{ line: 1, text: 'it is not UTF-8' }]);
  const read = rowsOf(name, text);
  if (read.kind === 'unreadable') return wrong(read.problems);
  const { items, problems } = checked(read.rows);
  const all = [...read.problems, ...problems];
  if (all.length > 0) return wrong(all);
  if (items.length === 0) return wrong([{ line: 1, text: 'it holds no items' }]);
  if (items.length > MAX_ITEMS) {
    return wrong([{ line: 1, text: `${items.length} items are more than a campaign takes: ${MAX_ITEMS}` }]);
  }
  return { kind: 'items', items };
}

function rowsOf(name: string, text: string): Rows {
  if (/\.csv$/i.test(name)) return rowsOfCsv(text);
  if (/\.(ya?ml|json)$/i.test(name)) return rowsOfList(text);
  const problem = 'its name says neither .csv nor .yaml, .yml or .json';
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
  const rows = value.map((item: unknown, index) => ({
    value: item,
    lineOf: (path: readonly PropertyKey[]) => lineOf([index, ...path]),
  }));
  return { kind: 'rows', rows, problems: [] };
}

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

function rowsOfCsv(text: string): Rows {
  let records: CsvRecord[];
  try {
    const options = { info: true, trim: true, relax_column_count: true, skip_empty_lines: true } as const;
    records = parse(text, { ...options, comment: '#', comment_no_infix: true }) as unknown as CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    return {
      kind: 'unreadable',
      problems: [{ line, text: `${csvProblem(error)}; nothing after it was read` }],
    };
  }
  const [header, ...rest] = records;
  const headerProblems = header === undefined ? [{ line: 1, text: 'it is empty' }] : wrongHeader(header);
  if (header === undefined || headerProblems.length > 0) {
    return { kind: 'unreadable', problems: headerProblems };
  }
  const columns = header.record;
  const odd = rest.filter(({ record }) => record.length !== columns.length);
  const problems = odd.map(({ record, info }) => ({
    line: info.lines,
    text: `${columns.length} cells are needed, as in the header; these are ${record.length}`,
  }));
  const rows = rest
    .filter(({ record }) => record.length === columns.length)
    .map(({ record, info }) => ({ value: itemOf(columns, record), lineOf: () => info.lines }));
  return { kind: 'rows', rows, problems };
}

function csvProblem({ code, message }: CsvError): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is opened and not closed';
  if (code === 'INVALID_OPENING_QUOTE') return 'a quote inside a cell that does not begin with one';
  if (code === 'CSV_INVALID_CLOSING_QUOTE') return 'something follows the quote that ends a cell';
  return message;
}

function wrongHeader({ record, info }: CsvRecord): Problem[] {
  const [only = ''] = record;
  if (record.length === 1 && /[;\t]/.test(only)) {
    return [{ line: info.lines, text: 'cells are separated by commas, nothing else' }];
  }
  const unknown = record.filter((name) => !COLUMNS.includes(name));
  const missing = NEEDED.filter((name) => !record.includes(name));
  const twice = [...new Set(record.filter((name, index) => record.indexOf(name) !== index))];
  const texts = [
    ...unknown.map((name) => `no column is called "${name}"; there are ${COLUMNS.join(', ')}`),
    ...missing.map((name) => `the column ${name} is missing`),
    ...twice.map((name) => `the column ${name} is there twice`),
  ];
  return texts.map((text) => ({ line: info.lines, text }));
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

function checked(rows: readonly Row[]): { items: CampaignItemInput[]; problems: Problem[] } {
  const items: CampaignItemInput[] = [];
  const problems: Problem[] = [];
  const lineOfVnf = new Map<string, number>();
  for (const { value, lineOf } of rows) {
    const parsed = campaignItemSchema().safeParse(value);
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
    if (parsed.success) items.push(value as CampaignItemInput);
  }
  return { items, problems };
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
