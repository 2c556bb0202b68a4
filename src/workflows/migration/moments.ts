/** The order of what a ledger records. */
import type { Moment } from './attempt-ledger.js';

/** Whether `left` was recorded after `right`; everything is after null. */
export function isAfter(left: Moment, right: Moment | null): boolean {
  return right === null || left.seq > right.seq;
}

/** The item with the latest moment; null of none. */
export function latest<T>(items: readonly T[], momentOf: (item: T) => Moment): T | null {
  return items.reduce<T | null>(
    (best, item) => (best === null || isAfter(momentOf(item), momentOf(best)) ? item : best),
    null,
  );
}
