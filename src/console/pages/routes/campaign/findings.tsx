/** What the repository says against items, and what is left on VIMs that were evacuated. */
import { memo } from 'react';
import type { CampaignConflict } from '../../../../shared/campaign/views.js';
import { FINDINGS_HEAD, FindingRows } from '../../components/finding-rows.js';
import { TableRegion } from '../../components/table-region.js';
import { numberText } from '../../text/times.js';

interface FindingsProps {
  findings: {
    conflicts: CampaignConflict[];
    conflictCount: number;
    residual: CampaignConflict[];
    residualCount: number;
    finishedAt: string | null;
  };
}

export const Findings = memo(function Findings({ findings }: FindingsProps) {
  const { conflicts, conflictCount, residual, residualCount, finishedAt } = findings;
  return (
    <>
      <FindingList title="Conflicts" found={conflicts} count={conflictCount} />
      {/* Afterwards it is part of the result. */}
      {finishedAt !== null ? null : (
        <FindingList title="Residual: still on the VIMs" found={residual} count={residualCount} />
      )}
    </>
  );
});

interface FindingListProps {
  title: string;
  found: readonly CampaignConflict[];
  count: number;
}

export function FindingList({ title, found, count }: FindingListProps) {
  if (count === 0) return null;
  const more = count - found.length;
  return (
    <details>
      <summary>
        {title} ({numberText(count)})
      </summary>
      <TableRegion caption={title} head={FINDINGS_HEAD}>
        <FindingRows findings={found} />
      </TableRegion>
      {more > 0 ? <p>And {numberText(more)} more.</p> : null}
    </details>
  );
}
