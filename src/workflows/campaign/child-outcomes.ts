/**
 * What the end of a migration makes of its item. Pure.
 *
 * Sources of a result: the migration by its signal, Temporal by the child's close event, or a description of a
 * migration that has been silent for long, or that another caller started. They agree.
 */
import type { DescribedMigration } from '../../activities/describe-migrations.js';
import type { ItemState } from '../../shared/campaign/views.js';

export interface Ending {
  /** lost: ended from outside, or unknown to Temporal; it is unknown whether it moved. */
  outcome: 'migrated' | 'already-there' | 'failed' | 'cancelled' | 'lost';
  newVnfUuid: string | null;
  failureType: string | null;
  message: string | null;
  /** Of a cancelled one: the MANO may still be at it. */
  inDoubt?: boolean;
}

export type Judgement =
  | {
      kind: 'ended';
      state: Extract<ItemState, 'MIGRATED' | 'ALREADY_THERE' | 'FAILED' | 'UNKNOWN' | 'CANCELLED'>;
    }
  /** The service was locked; it waits and asks again. */
  | { kind: 'busy' }
  /** No MANO accepted the request: for one item it is a failure, for several in a row a deaf MANO. */
  | { kind: 'silence' };

/** BrokerUnavailable too: nothing was sent, and nothing will be before a MANO answers. */
const SILENCE: readonly string[] = ['MigrationNotAcknowledged', 'BrokerUnavailable'];

export function judge({ outcome, failureType, inDoubt }: Ending): Judgement {
  switch (outcome) {
    case 'migrated':
      return { kind: 'ended', state: 'MIGRATED' };
    case 'already-there':
      return { kind: 'ended', state: 'ALREADY_THERE' };
    case 'cancelled':
      return { kind: 'ended', state: inDoubt === true ? 'UNKNOWN' : 'CANCELLED' };
    case 'lost':
      return { kind: 'ended', state: 'UNKNOWN' };
    case 'failed':
      break;
  }
  if (failureType === 'ServiceBusy') return { kind: 'busy' };
  if (failureType !== null && SILENCE.includes(failureType)) return { kind: 'silence' };
  return { kind: 'ended', state: failureType === 'MigrationOutcomeUnknown' ? 'UNKNOWN' : 'FAILED' };
}

/** Whether the MANO has spoken: only it can bring such an end about. */
export function provesMano({ outcome, failureType }: Ending): boolean {
  return outcome === 'migrated' || failureType === 'ServiceBusy' || failureType === 'MigrationFailed';
}

export type OwnerJudgement =
  /** It has not ended: ask again later. */
  | { kind: 'wait' }
  /** It brought the VNF to where we want it. */
  | { kind: 'there'; newVnfUuid: string | null }
  /** It moved the VNF elsewhere, or did not move it: the item goes on, with the present id. */
  | { kind: 'go-on'; presentVnfUuid: string | null; mayReuseId: boolean }
  | { kind: 'stuck'; state: 'FAILED' | 'UNKNOWN'; message: string };

/** What the migration of another caller means for an item of ours. */
export function judgeOwner(
  { standing, newVnfUuid, inDoubt }: DescribedMigration,
  { isOurTarget, hasRepository }: { isOurTarget: boolean; hasRepository: boolean },
): OwnerJudgement {
  switch (standing) {
    case 'running':
      return { kind: 'wait' };
    case 'migrated':
      if (isOurTarget) return { kind: 'there', newVnfUuid };
      if (newVnfUuid !== null) return { kind: 'go-on', presentVnfUuid: newVnfUuid, mayReuseId: false };
      return hasRepository
        ? { kind: 'go-on', presentVnfUuid: null, mayReuseId: false }
        : stuck('FAILED', 'another migration moved it elsewhere, and its new id is not known');
    case 'already-there':
      if (isOurTarget) return { kind: 'there', newVnfUuid: null };
      return { kind: 'go-on', presentVnfUuid: null, mayReuseId: true };
    case 'foreign':
      return stuck('FAILED', 'its workflow id is taken by a workflow that is no migration');
    case 'failed':
    case 'lost':
    case 'cancelled':
    case 'gone':
      return hasRepository || !inDoubt
        ? { kind: 'go-on', presentVnfUuid: null, mayReuseId: false }
        : stuck('UNKNOWN', 'another migration of it ended, and nobody knows whether it moved');
  }
}

function stuck(state: 'FAILED' | 'UNKNOWN', message: string): OwnerJudgement {
  return { kind: 'stuck', state, message };
}
