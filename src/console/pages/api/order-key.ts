/**
 * The idempotency key of an order.
 *
 * Invariant: an order that is sent again because its answer was lost bears the same key. One that was answered, or that says
 * something else, bears a new one.
 */
import { newIdempotencyKey } from './http.js';

export class OrderKey {
  private body: string | null = null;
  private key = '';

  keyFor(body: unknown): string {
    const text = JSON.stringify(body);
    if (text !== this.body) this.key = newIdempotencyKey();
    this.body = text;
    return this.key;
  }

  answered(): void {
    this.body = null;
  }
}
