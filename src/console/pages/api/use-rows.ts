/** A list by pages: the first is read again and again, older ones when they are asked for. */
import { useEffect, useState } from 'react';
import { request } from './http.js';
import { withFirstPage, withOlderPage, type ListedRow, type Rows } from './pages-of-rows.js';
import { asProblem, type ApiProblem } from './problem.js';
import { useQuery, type Query } from './use-query.js';

interface RowsOptions<Answer, Row> {
  /** The path of the page after a cursor. */
  pathOf: (cursor: string | null) => string;
  pageOf: (answer: Answer) => Rows<Row>;
  everyMs: number;
}

export interface RowsQuery<Row> {
  rows: readonly Row[] | null;
  first: Query<unknown>;
  /** Null: there is no older row. */
  showMore: (() => void) | null;
  isReadingMore: boolean;
  moreProblem: ApiProblem | null;
}

interface Listed<Row> extends Rows<Row> {
  path: string;
}

export function useRows<Answer, Row extends ListedRow>(options: RowsOptions<Answer, Row>): RowsQuery<Row> {
  const { pathOf, pageOf, everyMs } = options;
  const path = pathOf(null);
  const first = useQuery<Answer>(path, { everyMs });
  const [listed, setListed] = useState<Listed<Row> | null>(null);
  const [isReadingMore, setIsReadingMore] = useState(false);
  const [moreProblem, setMoreProblem] = useState<ApiProblem | null>(null);
  const { data } = first;
  useEffect(() => {
    if (data === null) return;
    const page = pageOf(data);
    setListed((before) => ({ ...withFirstPage(before?.path === path ? before : null, page), path }));
    // `pageOf` only unwraps the answer.
  }, [data, path]);
  const present = listed?.path === path ? listed : null;
  const cursor = present?.nextCursor ?? null;
  const showMore = async (): Promise<void> => {
    setIsReadingMore(true);
    setMoreProblem(null);
    try {
      const page = pageOf(await request<Answer>(pathOf(cursor)));
      setListed((before) => (before?.path === path ? { ...withOlderPage(before, page), path } : before));
    } catch (error) {
      setMoreProblem(asProblem(error));
    }
    setIsReadingMore(false);
  };
  return {
    rows: present?.rows ?? null,
    first,
    showMore: cursor === null ? null : () => void showMore(),
    isReadingMore,
    moreProblem,
  };
}
