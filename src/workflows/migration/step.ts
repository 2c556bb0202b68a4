/** One step of a migration, and what a rule is given to find it. */
import type { AttemptReason, Phase } from '../../shared/migration/contract.js';
import type { Ledger } from './attempt-ledger.js';
import type { Verdict } from './verdict.js';

export type Step =
  | { kind: 'look'; phase: Phase }
  | { kind: 'list-vims'; phase: Phase }
  | { kind: 'ask-permit'; phase: Phase }
  | { kind: 'publish'; reason: AttemptReason; timeoutMs: number }
  | { kind: 'probe'; timeoutMs: number }
  | { kind: 'wait'; phase: Phase; untilMs: number }
  | { kind: 'close'; verdict: Verdict };

export interface Situation {
  ledger: Ledger;
  nowMs: number;
}

export function close(verdict: Verdict): Step {
  return { kind: 'close', verdict };
}

/** `untilMs` must be in the future. */
export function wait(phase: Phase, untilMs: number): Step {
  return { kind: 'wait', phase, untilMs };
}

/** A repository read that shows what became of a request. */
export const RECONCILE: Step = { kind: 'look', phase: 'reconciling' };
