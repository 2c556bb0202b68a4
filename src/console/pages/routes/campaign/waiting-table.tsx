/** Why items wait, by the reason. */
import { memo } from 'react';
import type { CampaignProgress, WaitReason } from '../../../../shared/campaign/views.js';
import { shortDuration } from '../../../../shared/duration.js';
import { TableRegion } from '../../components/table-region.js';
import { numberText } from '../../text/times.js';
import { waitText } from '../../text/words.js';

const HEAD = ['Reason', { number: 'Items' }, { number: 'Waited so far, all items' }, 'Meaning'];

type WaitingTableProps = Pick<CampaignProgress, 'waiting' | 'waitedMs'>;

export const WaitingTable = memo(function WaitingTable({ waiting, waitedMs }: WaitingTableProps) {
  const reasons = (Object.entries(waiting) as [WaitReason, number][])
    .filter(([, count]) => count > 0)
    .sort(([, left], [, right]) => right - left);
  if (reasons.length === 0) return null;
  return (
    <section>
      <h2>Why items wait</h2>
      <TableRegion caption="Why items wait" head={HEAD}>
        {reasons.map(([reason, count]) => (
          <tr key={reason}>
            <th scope="row">
              <code>{reason}</code>
            </th>
            <td className="number">{numberText(count)}</td>
            <td className="number">{shortDuration(waitedMs[reason] ?? 0)}</td>
            <td className="wraps">{waitText(reason)}</td>
          </tr>
        ))}
      </TableRegion>
    </section>
  );
});
