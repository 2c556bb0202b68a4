/** What a page shows of a query before there is data: that it loads, or why there is none. */
import type { Query } from '../api/use-query.js';

export function LoadState({ query, what }: { query: Query<unknown>; what: string }) {
  const { data, problem, isLoading } = query;
  if (problem !== null) {
    return (
      <div role="status" className="banner doubt">
        <p>
          {data === null ? `${what}: not available. ` : `${what}: this is old. `}
          {problem.message}
        </p>
      </div>
    );
  }
  return isLoading ? <p aria-busy="true">Loading: {what}</p> : null;
}
