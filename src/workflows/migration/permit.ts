/**
 * The permit of a migration that stands alone, where the deployment has limits.
 *
 * Invariants: nothing is sent before it is held, and it is held until the end: no retry needs another. A wait ends with
 * `deadline`. What is known of the records from before a wait is too old to send by.
 */
import type { Ledger } from './attempt-ledger.js';
import { wait, type Situation, type Step } from './step.js';

/** In case news of a grant got lost. It grows with the wait, so that the history of one that waits for days stays short. */
const ASK_AGAIN_MS = 60_000;
const ASK_AGAIN_SHARE = 0.1;

/** What comes before the first request; null: it may be sent. */
export function beforePermit({ ledger, nowMs }: Situation): Step | null {
  const { needsPermit, permit } = ledger;
  if (!needsPermit || permit?.held != null) return null;
  if (permit === null || permit.isNews) return ASK;
  const waitedMs = permit.asked.atMs - (permit.waiting ?? permit.asked).atMs;
  const againMs = permit.asked.atMs + Math.max(ASK_AGAIN_MS, waitedMs * ASK_AGAIN_SHARE);
  return nowMs < againMs ? wait('awaiting-permit', Math.ceil(againMs)) : ASK;
}

const ASK: Step = { kind: 'ask-permit', phase: 'awaiting-permit' };

/** Records that were read before are from before a wait; null: it did not wait. */
export function waitedUntilMs({ permit }: Ledger): number | null {
  return permit?.waiting == null ? null : (permit.held?.atMs ?? null);
}

/** For a person: what it still waits for; null: for nothing. */
export function permitWait({ permit }: Ledger): { sinceMs: number; reason: string } | null {
  if (permit?.waiting == null || permit.held !== null) return null;
  const { answer } = permit;
  const reason = answer === null || answer.kind === 'held' ? 'asking again' : answer.reason;
  return { sinceMs: permit.waiting.atMs, reason };
}
