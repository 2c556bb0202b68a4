/**
 * A list that grows at its head while one looks at it. Pure.
 *
 * Invariant: a row that was shown once stays, also when newer ones have moved it off the first page.
 */
export interface Rows<Row> {
  /** Newest first. */
  rows: readonly Row[];
  /** Of the oldest page that was read; null: there is no older one. */
  nextCursor: string | null;
}

export interface ListedRow {
  workflowId: string;
  startedAt: string;
  closedAt: string | null;
}

/** Of one workflow id only one run is open: a newer reading of it replaces the older one. */
export function withFirstPage<Row extends ListedRow>(before: Rows<Row> | null, page: Rows<Row>): Rows<Row> {
  if (before === null) return page;
  return { rows: merged(before.rows, page.rows), nextCursor: before.nextCursor };
}

export function withOlderPage<Row extends ListedRow>(before: Rows<Row>, page: Rows<Row>): Rows<Row> {
  return { rows: merged(page.rows, before.rows), nextCursor: page.nextCursor };
}

/** `rows` wins over `others`. */
function merged<Row extends ListedRow>(others: readonly Row[], rows: readonly Row[]): Row[] {
  const known = new Set(rows.map(keyOf));
  const ids = new Set(rows.map(({ workflowId }) => workflowId));
  const isReplaced = (row: Row): boolean =>
    known.has(keyOf(row)) || (row.closedAt === null && ids.has(row.workflowId));
  return [...rows, ...others.filter((row) => !isReplaced(row))].sort(newestFirst);
}

export function keyOf({ workflowId, startedAt }: ListedRow): string {
  return `${workflowId} ${startedAt}`;
}

function newestFirst(left: ListedRow, right: ListedRow): number {
  return Date.parse(right.startedAt) - Date.parse(left.startedAt);
}
