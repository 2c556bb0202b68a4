/** What leaves and reaches each VIM. */
import { memo } from 'react';
import type { CampaignProgress } from '../../../../shared/campaign/views.js';
import { Named } from '../../components/named.js';
import { TableRegion } from '../../components/table-region.js';
import { numberText } from '../../text/times.js';

const COUNTS = ['Leaving now', 'Left', 'Arriving now', 'Arrived', 'Failed'];
const HEAD = ['VIM', ...COUNTS.map((name) => ({ number: name }))];

export const VimTable = memo(function VimTable({ byVim }: { byVim: CampaignProgress['byVim'] }) {
  if (byVim.length === 0) return null;
  return (
    <section>
      <h2>VIMs</h2>
      <TableRegion caption="By VIM" head={HEAD}>
        {byVim.map(({ vimUuid, vimName, leaving, left, arriving, arrived, failed }) => (
          <tr key={vimUuid}>
            <th scope="row">
              <Named name={vimName} uuid={vimUuid} />
            </th>
            {[leaving, left, arriving, arrived, failed].map((count, index) => (
              <td key={index} className="number">
                {numberText(count)}
              </td>
            ))}
          </tr>
        ))}
      </TableRegion>
    </section>
  );
});
