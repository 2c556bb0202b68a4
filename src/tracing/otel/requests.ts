/**
 * Which trace a request that this process has published belongs to, by its correlation id: a reply that comes here needs
 * not ask Temporal.
 *
 * Invariant: bounded. What was forgotten is asked for.
 */
import { forgetOldest } from '../../shared/forget-oldest.js';
import type { Carrier } from '../../shared/trace-context.js';

const MOST = 10_000;

const known = new Map<string, Carrier>();

export function rememberRequest(correlationId: string, carrier: Carrier): void {
  known.delete(correlationId);
  known.set(correlationId, carrier);
  forgetOldest(known, MOST);
}

export function traceOfRequest(correlationId: string): Carrier | null {
  return known.get(correlationId) ?? null;
}
