/**
 * The results of a migration, each with the text for a person.
 *
 * Invariant: `retryable` is true only where starting the same migration again does no harm:
 * nothing was sent, or there is evidence that what was sent changed nothing.
 */
import type { FailureType } from '../../shared/migration/failures.js';
import type { ManoReply } from '../../shared/mano/reply.js';
import type { Evidence } from '../../shared/migration/contract.js';
import { vimsOfVnfr, vnfIdsOfNsr } from '../../shared/mano/records.js';
import { snapshotBefore, type Attempt, type Ledger } from './attempt-ledger.js';

export type Verdict =
  | {
      kind: 'migrated';
      evidence: Evidence;
      newVnfUuid: string | null;
      /** The READY that reported it, with its records; null if it has another source. */
      ready: ManoReply | null;
      message: string;
    }
  | { kind: 'already-there'; evidence: Evidence; message: string }
  | { kind: 'failure'; type: FailureType; retryable: boolean; message: string };

export type Failure = Extract<Verdict, { kind: 'failure' }>;

/** A failure that a caller's own retry policy may run again. */
export function retryable(type: FailureType, message: string): Failure {
  return { kind: 'failure', type, retryable: true, message };
}

/** A failure that must not be run again without a person's look. */
export function conclusive(type: FailureType, message: string): Failure {
  return { kind: 'failure', type, retryable: false, message };
}

/** `ready` is the reply that reported it; `foundVnfUuid` is what the repository showed, if it was read. */
export function migratedByReply(
  ledger: Ledger,
  { attempt, ready, foundVnfUuid }: { attempt: Attempt; ready: ManoReply; foundVnfUuid: string | null },
): Verdict {
  const isLatest = attempt.number === ledger.attempts.length;
  return {
    kind: 'migrated',
    evidence: isLatest ? 'reply' : 'late-reply',
    newVnfUuid: foundVnfUuid ?? newVnfUuidFrom(ledger, ready),
    ready,
    message: isLatest
      ? 'the MANO reported READY'
      : `the MANO reported READY for request ${String(attempt.number)}, after a later one was sent`,
  };
}

/**
 * No field of READY names the new VNF: it is the record on the target VIM whose id was not known before.
 * Null where that does not single one out.
 */
function newVnfUuidFrom(ledger: Ledger, ready: ManoReply): string | null {
  const { vnfUuid, vimUuid } = ledger.request;
  const known = new Set([
    vnfUuid,
    ...vnfIdsOfStaleNsr(ready),
    ...(snapshotBefore(ledger)?.listedVnfUuids ?? []),
  ]);
  const candidates = (ready.vnfrs ?? []).flatMap((record) => {
    const id = record['id'];
    const isNew = typeof id === 'string' && !known.has(id) && vimsOfVnfr(record).includes(vimUuid);
    return isNew ? [id] : [];
  });
  const [only, ...others] = candidates;
  return only !== undefined && others.length === 0 ? only : null;
}

function vnfIdsOfStaleNsr({ nsr }: ManoReply): string[] {
  return nsr === null ? [] : vnfIdsOfNsr(nsr);
}
