/**
 * Requests that got two first replies. One MANO answers a request once, and then finally: a second answer is of another MANO.
 *
 * Invariants: what the broker delivers again is no second reply. What is remembered has a bound; of several listeners each sees
 * a part, which is enough where every request is answered twice.
 */
import { forgetOldest } from '../shared/forget-oldest.js';

const REMEMBERED = 10_000;

export interface FirstReply {
  correlationId: string;
  isRedelivered: boolean;
}

export class FirstReplies {
  /** Correlation ids, the oldest first. */
  private readonly known = new Set<string>();

  /** Whether another first reply to that request came before. */
  isSecond({ correlationId, isRedelivered }: FirstReply): boolean {
    if (this.known.has(correlationId)) return !isRedelivered;
    this.known.add(correlationId);
    forgetOldest(this.known, REMEMBERED);
    return false;
  }
}
