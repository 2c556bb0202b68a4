/** What a migration needs, and how it is. */
import type { Check } from '../api/types.js';
import { useQuery } from '../api/use-query.js';
import { LoadState } from '../components/load-state.js';
import { Page } from '../components/page.js';
import { StateBadge } from '../components/state-badge.js';
import { TableRegion } from '../components/table-region.js';

export function DoctorPage() {
  const query = useQuery<{ ok: boolean; checks: Check[] }>('/doctor');
  const { data } = query;
  return (
    <Page
      title="Doctor"
      actions={
        <button type="button" className="secondary outline" onClick={query.reload}>
          Check again
        </button>
      }
    >
      <LoadState query={query} what="Checks" />
      {data === null ? null : (
        <>
          <p role="status">
            {data.ok
              ? 'All is there that a migration needs.'
              : 'Something that a migration needs is missing.'}
          </p>
          <TableRegion caption="Checks" head={['Check', 'State', 'What was seen']}>
            {data.checks.map(({ name, state, text }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <StateBadge state={state} />
                </td>
                <td className="wraps">{text}</td>
              </tr>
            ))}
          </TableRegion>
        </>
      )}
    </Page>
  );
}
