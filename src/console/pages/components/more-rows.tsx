/** "Show more" below a list by pages. */
import type { RowsQuery } from '../api/use-rows.js';
import { ProblemList } from './problem-list.js';

export function MoreRows({ query }: { query: RowsQuery<unknown> }) {
  const { showMore, isReadingMore, moreProblem } = query;
  return (
    <>
      <ProblemList problem={moreProblem} />
      {showMore === null ? null : (
        <button
          type="button"
          className="secondary outline"
          onClick={showMore}
          disabled={isReadingMore}
          aria-busy={isReadingMore}
        >
          Show more
        </button>
      )}
    </>
  );
}
