/** What runs, the longest first. */
import { Link } from 'wouter';
import type { CampaignProgress } from '../../../../shared/campaign/views.js';
import { Named, ShortNamed } from '../../components/named.js';
import { TableRegion } from '../../components/table-region.js';
import { migrationPlace } from '../../text/places.js';
import { tookText } from '../../text/times.js';

const HEAD = [{ number: '#' }, 'VNF', 'To', 'Phase', { number: 'For' }];

export function InFlight({ inFlight, nowMs }: { inFlight: CampaignProgress['inFlight']; nowMs: number }) {
  if (inFlight.length === 0) return null;
  return (
    <section>
      <h2>In flight</h2>
      <TableRegion caption="In flight, the longest first; at most 20" head={HEAD}>
        {inFlight.map((item) => (
          <tr key={item.index}>
            <td className="number">{item.index}</td>
            <th scope="row">
              <Link href={migrationPlace(item.workflowId)}>
                <Named name={item.vnfName} uuid={item.vnfUuid} />
              </Link>
            </th>
            <td>
              <ShortNamed name={item.targetVimName} uuid={item.targetVimUuid} />
            </td>
            <td>{item.phase ?? ''}</td>
            <td className="number">{tookText({ startedAt: item.startedAt, finishedAt: null, nowMs })}</td>
          </tr>
        ))}
      </TableRegion>
    </section>
  );
}
