/** The orders to a campaign: which ones make sense, and what they do. Pure. */
import type { CampaignProgress } from '../../../shared/campaign/views.js';
import { plainText } from './words.js';

/** As the API names them. */
export const ORDER_EFFECTS = {
  pause: 'No more items start until the campaign is resumed. What runs goes on.',
  resume: 'The campaign goes on after any pause. The budget counts errors in a row from 0 again.',
  approve: 'Opens the gate at which the campaign waits: after the canary, or between two waves.',
  'start-now': 'Items start in spite of windows, not-before and soak, until the windows change next.',
  'set-limits': 'Changes how many migrations may be in flight. A lower limit cancels nothing that runs.',
  'set-budget': 'Changes how many failures pause or abort the campaign.',
  'set-windows': 'Changes when items may start. What is given replaces what was.',
  'add-items': 'Adds items to the campaign. A VNF that the campaign has already refuses them all.',
  skip: 'The selected items stay where they are. Items that have begun cannot be skipped.',
  reprioritize: 'Gives the selected items another priority. The higher goes first.',
  'retry-failed': 'Starts every item again that is failed, unknown or cancelled. A new generation begins.',
  abort:
    'Cancels every item that has not begun. What runs still ends by itself, and the campaign ends with it. This cannot be undone.',
} as const;

export type OrderName = keyof typeof ORDER_EFFECTS;

export function orderTitle(order: OrderName): string {
  const text = plainText(order);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** The orders that the campaign would take, by its own rules. `selected`: items that have not begun. */
export function possibleOrders(progress: CampaignProgress, selected: number): OrderName[] {
  const { state, pause, counts, timing } = progress;
  if (progress.finishedAt !== null) return [];
  const isRetryable = counts.FAILED + counts.UNKNOWN + counts.CANCELLED > 0;
  if (state === 'DRAINING') return isRetryable ? ['retry-failed'] : [];
  const isHeldByTime = timing != null && (timing.reason !== null || timing.soakUntil !== null);
  const possible: Record<OrderName, boolean> = {
    approve: state === 'AWAITING_APPROVAL',
    resume: state === 'PAUSED',
    pause: pause?.cause !== 'operator',
    'start-now': isHeldByTime,
    'set-limits': true,
    'set-budget': true,
    'set-windows': true,
    'add-items': state !== 'PLANNED',
    skip: selected > 0,
    reprioritize: selected > 0,
    'retry-failed': isRetryable,
    abort: true,
  };
  return (Object.keys(possible) as OrderName[]).filter((order) => possible[order]);
}
