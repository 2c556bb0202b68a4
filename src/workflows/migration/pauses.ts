/** How long a migration waits before it sends or reads again, and when it ends at the latest. */
import type { Ledger } from './attempt-ledger.js';

export function deadlineMsOf(ledger: Ledger): number {
  return ledger.startedAtMs + ledger.request.policy.deadline;
}

/** The pause before the next request, probe or repository read. It grows with the exponent. */
export function backoffMs(ledger: Ledger, exponent: number): number {
  const { initialInterval, backoffCoefficient, maximumInterval } = ledger.request.policy;
  const backoff = initialInterval * backoffCoefficient ** Math.max(exponent, 0);
  return pauseMs(ledger, Math.min(backoff, maximumInterval));
}

/** After many steps a minimum keeps one run's history far below Temporal's limit. */
export function pauseMs(ledger: Ledger, wantedMs: number): number {
  const steps = ledger.attempts.length + ledger.probes.length + ledger.looks.length;
  const floorMs = steps < 100 ? 1 : ledger.request.policy.deadline / 2_000;
  return Math.round(Math.max(wantedMs, floorMs));
}
