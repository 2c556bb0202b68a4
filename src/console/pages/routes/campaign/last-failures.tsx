/** The failures of last. */
import { memo } from 'react';
import { Link } from 'wouter';
import type { CampaignProgress } from '../../../../shared/campaign/views.js';
import { migrationWorkflowId } from '../../../../shared/names.js';
import { Named } from '../../components/named.js';
import { StateBadge } from '../../components/state-badge.js';
import { TableRegion } from '../../components/table-region.js';
import { Time } from '../../components/time.js';
import { migrationPlace } from '../../text/places.js';

const HEAD = [{ number: '#' }, 'VNF', 'State', 'Failure', 'Ended'];

export const LastFailures = memo(function LastFailures({
  failures,
}: {
  failures: CampaignProgress['lastFailures'];
}) {
  if (failures.length === 0) return null;
  return (
    <section>
      <h2>Last failures</h2>
      <TableRegion caption="Last failures, the latest first; at most 10" head={HEAD}>
        {failures.map((failure) => (
          <tr key={failure.index}>
            <td className="number">{failure.index}</td>
            <th scope="row">
              <Link href={migrationPlace(migrationWorkflowId(failure.vnfUuid))}>
                <Named name={failure.vnfName} uuid={failure.vnfUuid} />
              </Link>
            </th>
            <td>
              <StateBadge state={failure.state} />
            </td>
            <td className="wraps">
              {failure.failureType === null ? '' : <code>{failure.failureType}</code>} {failure.message}
            </td>
            <td>
              <Time iso={failure.finishedAt} />
            </td>
          </tr>
        ))}
      </TableRegion>
    </section>
  );
});
