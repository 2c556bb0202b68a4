/** Which orders a campaign is offered, and that a repeated one bears the same key. */
import { describe, expect, it } from 'vitest';
import { OrderKey } from '../../../../src/console/pages/api/order-key.js';
import { possibleOrders } from '../../../../src/console/pages/text/orders.js';
import { NO_ITEMS, progress } from './items.js';

const SETTINGS = ['set-limits', 'set-budget', 'set-windows', 'add-items'];

describe('a campaign is offered', () => {
  it('while it runs', () => {
    expect(possibleOrders(progress(), 0)).toEqual(['pause', ...SETTINGS, 'abort']);
  });

  it('items to skip, where some are selected', () => {
    expect(possibleOrders(progress(), 2)).toEqual(expect.arrayContaining(['skip', 'reprioritize']));
  });

  it('to go on, where an operator has paused it', () => {
    const pause = { cause: 'operator', since: '2026-11-28T10:00:00Z', message: 'wait' } as const;
    expect(possibleOrders(progress({ state: 'PAUSED', pause }), 0)).toEqual(['resume', ...SETTINGS, 'abort']);
  });

  it('to approve at a gate', () => {
    const pause = { cause: 'canary', since: '2026-11-28T10:00:00Z', message: 'ended' } as const;
    expect(possibleOrders(progress({ state: 'AWAITING_APPROVAL', pause }), 0)).toContain('approve');
  });

  it('to start now, where time holds it', () => {
    const timing = {
      reason: 'window',
      changesAt: null,
      timeZone: 'UTC',
      cutoffMs: null,
      isLifted: false,
      soakUntil: null,
      rampLimit: null,
    } as const;
    expect(possibleOrders(progress({ timing }), 0)).toContain('start-now');
    expect(possibleOrders(progress({ timing: { ...timing, reason: null } }), 0)).not.toContain('start-now');
  });

  it('after an abort only to retry, where something failed', () => {
    const counts = { ...NO_ITEMS, FAILED: 1 };
    expect(possibleOrders(progress({ state: 'DRAINING', counts }), 3)).toEqual(['retry-failed']);
    expect(possibleOrders(progress({ state: 'DRAINING' }), 3)).toEqual([]);
  });

  it('nothing once it has ended', () => {
    expect(possibleOrders(progress({ finishedAt: '2026-11-28T11:00:00Z' }), 3)).toEqual([]);
  });
});

describe('the key of an order', () => {
  it('is the same for the same order whose answer was lost', () => {
    const key = new OrderKey();
    expect(key.keyFor({ reason: 'a' })).toBe(key.keyFor({ reason: 'a' }));
  });

  it('is another for another order, and after an answer', () => {
    const key = new OrderKey();
    const first = key.keyFor({ reason: 'a' });
    const second = key.keyFor({ reason: 'b' });
    key.answered();
    expect(new Set([first, second, key.keyFor({ reason: 'b' })]).size).toBe(3);
  });
});
