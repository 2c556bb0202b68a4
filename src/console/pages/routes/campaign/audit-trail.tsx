/** Who ordered what, and what the campaign did by itself. */
import { memo } from 'react';
import type { AuditEntry } from '../../../../shared/campaign/views.js';
import { TableRegion } from '../../components/table-region.js';
import { Time } from '../../components/time.js';
import { numberText } from '../../text/times.js';

export const AuditTrail = memo(function AuditTrail({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <section>
      <h2>Audit trail ({numberText(entries.length)})</h2>
      <TableRegion
        caption="Audit trail, the latest first"
        head={['At', 'Who', 'Action', 'Reason']}
        className="tall"
      >
        {entries.toReversed().map(({ at, actor, action, reason }, index) => (
          <tr key={entries.length - index}>
            <td>
              <Time iso={at} />
            </td>
            <td>{actor ?? <span className="quiet">by itself</span>}</td>
            <td>{action}</td>
            <td className="wraps">{reason}</td>
          </tr>
        ))}
      </TableRegion>
    </section>
  );
});
