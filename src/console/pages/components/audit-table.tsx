/** Who ordered what, the latest first. */
import type { AuditEntry } from '../../../shared/campaign/views.js';
import { TableRegion } from './table-region.js';
import { Time } from './time.js';

export function AuditTable({ entries, className }: { entries: readonly AuditEntry[]; className?: string }) {
  return (
    <TableRegion
      caption="Audit trail, the latest first"
      head={['At', 'Who', 'Action', 'Reason']}
      {...(className === undefined ? {} : { className })}
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
  );
}
