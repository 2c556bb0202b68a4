/** Who ordered what, and what the campaign did by itself. */
import { memo } from 'react';
import type { AuditEntry } from '../../../../shared/campaign/views.js';
import { AuditTable } from '../../components/audit-table.js';
import { numberText } from '../../text/times.js';

export const AuditTrail = memo(function AuditTrail({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <section>
      <h2>Audit trail ({numberText(entries.length)})</h2>
      <AuditTable entries={entries} className="tall" />
    </section>
  );
});
