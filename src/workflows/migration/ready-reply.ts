/**
 * What a READY means.
 *
 * Invariants: the protocol does not authenticate replies, so a READY counts only as far as the repository does not
 * contradict it. A repository read that began before the READY arrived says nothing about it.
 */
import type { Attempt, Ledger, LookResult, Moment } from './attempt-ledger.js';
import { isAfter } from './moments.js';

export type ReadyStatus = 'to-be-verified' | 'believed' | 'contradicted';

/** A repository that cannot be read contradicts nothing, and takes back no contradiction. */
export function statusOfReady(ledger: Ledger, ready: Moment): ReadyStatus {
  if (!ledger.hasRepository) return 'believed';
  const looks = ledger.looks.filter((look) => isAfter(look, ready));
  if (looks.length === 0) return 'to-be-verified';
  const readable = looks.findLast(({ seen }) => seen.kind !== 'unreadable');
  return listsVnf(ledger, readable?.seen) ? 'contradicted' : 'believed';
}

/** Whether the READY of an attempt counts as success. */
export function isBelieved(ledger: Ledger, { ready }: Attempt): boolean {
  return ready !== null && statusOfReady(ledger, ready) !== 'contradicted';
}

/** Whether a READY waits for a repository read that is newer than itself. */
export function awaitsVerification(ledger: Ledger): boolean {
  return ledger.attempts.some(
    ({ ready }) => ready !== null && statusOfReady(ledger, ready) === 'to-be-verified',
  );
}

function listsVnf(ledger: Ledger, seen: LookResult | undefined): boolean {
  return seen?.kind === 'service' && seen.snapshot.listedVnfUuids.includes(ledger.request.vnfUuid);
}
