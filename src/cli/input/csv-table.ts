/**
 * A table from CSV, as spreadsheets and scripts write it.
 *
 * Invariants: the delimiter is what a `sep=` line names, else whichever of comma, semicolon and tab parts the header
 * into the most cells; empty lines, rows of empty cells, and empty columns at the end of the header mean nothing; lines
 * are counted as a person counts them.
 */
import { CsvError, parse, type Options } from 'csv-parse/sync';

export interface CsvRow {
  line: number;
  cells: string[];
}

export type CsvReading =
  | { kind: 'table'; header: CsvRow; rows: CsvRow[] }
  /** `line`: where reading ended. */
  | { kind: 'unreadable'; line: number; message: string };

const DELIMITERS = [',', ';', '\t'] as const;
const SEPARATOR_LINE = /^sep=(.)\r?(?:\n|$)/i;

interface CsvRecord {
  record: string[];
  info: { lines: number };
}

export function readCsv(text: string): CsvReading {
  const named = SEPARATOR_LINE.exec(text);
  // It leaves an empty line behind, so that the lines after it keep their numbers.
  const content = named === null ? text : text.slice(named[0].length - 1);
  let records: CsvRecord[];
  try {
    records = parsed(content, named?.[1] ?? delimiterOf(content));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    return { kind: 'unreadable', line, message: `${csvProblem(error)}; nothing after it was read` };
  }
  const [header, ...rows] = records.map(({ record, info }): CsvRow => ({ line: info.lines, cells: record }));
  if (header === undefined) return { kind: 'unreadable', line: 1, message: 'it is empty' };
  const cells = withoutEmptyEnd(header.cells);
  return {
    kind: 'table',
    header: { ...header, cells },
    rows: rows.map((row) => ({ ...row, cells: withoutEmptyEnd(row.cells, cells.length) })),
  };
}

function parsed(text: string, delimiter: string): CsvRecord[] {
  const options: Options<string[], string[]> = {
    info: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    delimiter,
    trim: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    comment: '#',
    comment_no_infix: true,
  };
  return parse(text, options) as unknown as CsvRecord[];
}

/** Of several that part the header into as many cells, the comma. */
function delimiterOf(text: string): string {
  const header = text.split(/\r?\n/).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  const outsideQuotes = header.replace(/"[^"]*"/g, '');
  const count = (delimiter: string): number => outsideQuotes.split(delimiter).length;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** Down to `least` cells. */
function withoutEmptyEnd(cells: readonly string[], least = 0): string[] {
  const last = cells.findLastIndex((cell) => cell !== '');
  return cells.slice(0, Math.max(least, last + 1));
}

function csvProblem({ code, message }: CsvError): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is opened and not closed';
  if (code === 'INVALID_OPENING_QUOTE') return 'a quote inside a cell that does not begin with one';
  if (code === 'CSV_INVALID_CLOSING_QUOTE') return 'something follows the quote that ends a cell';
  return message;
}
