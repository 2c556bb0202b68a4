/** What a repository read says about the VNF, compared with the read before the first request. */
import { reconcile, type Finding } from '../../shared/migration/reconciliation.js';
import { snapshotBefore, type Ledger, type Look, type LookResult } from './attempt-ledger.js';

/** Null if the repository could not be read. */
export function findingOf(ledger: Ledger, { seen }: Look): Finding | null {
  switch (seen.kind) {
    case 'service':
      return reconcile({ ...comparisonOf(ledger, seen.snapshot), before: snapshotBefore(ledger) });
    case 'no-such-service':
      return { kind: 'unclear', reason: 'the repository knows no such service', copies: [] };
    case 'unreadable':
      return null;
  }
}

/** What `reconcile` compares: the ids of the request, and the records of now. */
export function comparisonOf(ledger: Ledger, now: Extract<LookResult, { kind: 'service' }>['snapshot']) {
  const { vnfUuid, vimUuid } = ledger.request;
  return { vnfUuid, vimUuid, now };
}

/** For messages. */
export function describe(finding: Finding | null): string {
  switch (finding?.kind) {
    case undefined:
      return 'the repository cannot be read';
    case 'moved':
      return 'the repository shows the VNF moved';
    case 'untouched':
      return 'the repository shows the VNF untouched';
    case 'unclear': {
      const copies = finding.copies.length > 0 ? ` (on the target VIM: ${finding.copies.join(', ')})` : '';
      return `the repository is unclear: ${finding.reason}${copies}`;
    }
  }
}
