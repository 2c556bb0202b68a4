import { describe, expect, it } from 'vitest';
import type { CampaignEvent, DeliveryProblem, NotifyEvent } from '../../../../src/shared/notify/contract.js';
import { DELIVERY_POLICY, DeliveryState } from '../../../../src/workflows/notify/delivery-state.js';
import { EventQueue } from '../../../../src/workflows/notify/event-queue.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const T0 = 1_000_000_000;

function event(
  id: string,
  { type = 'paused', atMs = T0 }: { type?: NotifyEvent; atMs?: number } = {},
): CampaignEvent {
  return { id, type, atMs, data: { campaign: 'c', state: 'RUNNING', counts: {} } };
}

const idsOf = (events: readonly CampaignEvent[]): string[] => events.map(({ id }) => id);
const away: DeliveryProblem = { kind: 'unreachable', reason: 'away', retryAfterMs: null };
const refused: DeliveryProblem = { kind: 'refused', reason: 'HTTP 500', retryAfterMs: null };
const gone: DeliveryProblem = { kind: 'gone', reason: 'HTTP 410', retryAfterMs: null };

function stateWith(events: readonly CampaignEvent[]): DeliveryState {
  const state = new DeliveryState({ receiver: 'ops' });
  state.take(events);
  return state;
}

function fail(state: DeliveryState, problem: DeliveryProblem, atMs: number): void {
  state.queue.batch();
  state.tried({ delivered: 0, problem }, atMs);
}

describe('the pauses', () => {
  it('grow from a second to two minutes, and begin anew after a delivery', () => {
    const state = stateWith([event('a'), event('b')]);
    const pauses = Array.from({ length: 9 }, () => {
      fail(state, refused, T0);
      return state.notBeforeMs - T0;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120].map((seconds) => seconds * 1_000));
    state.queue.batch();
    state.tried({ delivered: 1, problem: refused }, T0);
    expect(state.notBeforeMs - T0).toBe(1_000);
    expect(idsOf(state.queue.all)).toEqual(['b']);
  });

  it.each([
    [500, 1_000],
    [90_000, 90_000],
    [24 * HOUR_MS, 10 * MINUTE_MS],
  ])('obey a receiver that asks for %i ms: %i', (retryAfterMs, pauseMs) => {
    const state = stateWith([event('a')]);
    fail(state, { ...away, retryAfterMs }, T0);
    expect(state.notBeforeMs - T0).toBe(pauseMs);
  });

  it('end where the time of an event does, for its last try', () => {
    const state = stateWith([event('a')]);
    fail(state, { ...away, retryAfterMs: 10 * MINUTE_MS }, T0 + HOUR_MS - 5_000);
    expect(state.notBeforeMs).toBe(T0 + HOUR_MS);
    expect(state.lost).toBe(0);
  });
});

describe('an event is lost', () => {
  it('after its hour, not before', () => {
    const state = stateWith([event('a')]);
    fail(state, refused, T0 + HOUR_MS - 1);
    expect(state.lost).toBe(0);
    fail(state, refused, T0 + HOUR_MS);
    expect(state.takeUntold()).toEqual([
      {
        receiver: 'ops',
        eventId: 'a',
        eventType: 'paused',
        reason: 'not delivered within 1h: HTTP 500',
        count: 1,
      },
    ]);
    expect(state.takeUntold()).toEqual([]);
    expect(state).toMatchObject({ lost: 1, delivered: 0 });
  });

  it('with all others whose hour is over, where the receiver does not answer', () => {
    const later = event('c', { atMs: T0 + MINUTE_MS });
    const state = stateWith([event('a'), event('b'), later]);
    fail(state, away, T0 + HOUR_MS);
    expect(idsOf(state.queue.all)).toEqual(['c']);
    expect(state.takeUntold()).toMatchObject([{ eventId: 'a', count: 2 }]);
  });

  it('alone where the receiver refuses it: the next one is tried soon', () => {
    const state = stateWith([event('a'), event('b')]);
    for (let at = 0; at < 20; at += 1) fail(state, refused, T0);
    fail(state, refused, T0 + HOUR_MS);
    expect(idsOf(state.queue.all)).toEqual(['b']);
    expect(state.notBeforeMs).toBe(T0 + HOUR_MS + DELIVERY_POLICY.firstPauseMs);
  });

  it('with all that wait and come where the receiver is gone, and that is told once', () => {
    const state = stateWith([event('a'), event('b')]);
    fail(state, gone, T0);
    state.take([event('c'), event('d', { type: 'ended' })]);
    expect(state.takeUntold()).toMatchObject([{ eventId: 'a', count: 2, reason: 'HTTP 410' }]);
    expect(state).toMatchObject({ lost: 4, delivered: 0, isOver: true });
  });
});

describe('the end', () => {
  it('comes with the event `ended`, once it is delivered', () => {
    const state = stateWith([event('a'), event('z', { type: 'ended' })]);
    expect(state.isOver).toBe(false);
    expect(idsOf(state.queue.batch())).toEqual(['a', 'z']);
    state.tried({ delivered: 2, problem: null }, T0);
    expect(state).toMatchObject({ isOver: true, delivered: 2, lost: 0, problem: null });
  });

  it('is undone by the next campaign of that name', () => {
    const state = stateWith([event('a'), event('z', { type: 'ended' })]);
    fail(state, gone, T0);
    state.take([event('b', { type: 'started' })]);
    expect(state.isOver).toBe(false);
    expect(idsOf(state.queue.all)).toEqual(['b']);
    expect(state.isClosing).toBe(false);
  });
});

it('a state that is carried goes on in the same way', () => {
  const state = stateWith([event('a'), event('b'), event('z', { type: 'ended' })]);
  fail(state, refused, T0);
  fail(state, refused, T0);
  const carried = JSON.parse(JSON.stringify(state.carried)) as typeof state.carried;
  const next = new DeliveryState({ receiver: 'ops', carried });
  expect(next.carried).toEqual(state.carried);
  fail(next, refused, T0);
  expect(next.notBeforeMs - T0).toBe(4_000);
});

describe('the queue', () => {
  const limits = { events: 4, text: 100_000 };
  const failed = (id: string) => event(id, { type: 'item-failed' });

  it('drops the oldest failed items first, and then the oldest of all', () => {
    const queue = new EventQueue([], limits);
    expect(queue.add([event('a'), failed('b'), event('c'), failed('d')])).toEqual([]);
    expect(idsOf(queue.add([event('e')]))).toEqual(['b']);
    expect(idsOf(queue.add([event('f'), event('g')]))).toEqual(['d', 'a']);
    expect(idsOf(queue.all)).toEqual(['c', 'e', 'f', 'g']);
  });

  it('keeps what is being sent', () => {
    const queue = new EventQueue([], limits);
    queue.add([failed('a'), event('b')]);
    expect(idsOf(queue.batch())).toEqual(['a', 'b']);
    expect(idsOf(queue.add([event('c'), event('d'), event('e')]))).toEqual(['c']);
    queue.sent(1);
    expect(idsOf(queue.all)).toEqual(['b', 'd', 'e']);
    expect(idsOf(queue.add([event('f'), event('g')]))).toEqual(['b']);
  });

  it('is bounded in size, also after events have left it', () => {
    const large = (id: string): CampaignEvent => {
      const { data, ...rest } = event(id);
      return { ...rest, data: { ...data, reason: 'x'.repeat(30_000) } };
    };
    const queue = new EventQueue([large('a')], limits);
    expect(queue.add([large('b'), large('c')])).toEqual([]);
    queue.batch();
    queue.sent(2);
    expect(queue.add([large('d'), large('e')])).toEqual([]);
    expect(idsOf(queue.add([large('f')]))).toEqual(['c']);
  });

  it('takes 2,000 events, and carries them in a payload of Temporal', () => {
    const events = Array.from({ length: 2_100 }, (_, at) => failed(String(at)));
    const state = new DeliveryState({ receiver: 'ops' });
    state.take(events);
    expect(state.queue.all).toHaveLength(2_000);
    expect(state.queue.first?.id).toBe('100');
    expect(state.takeUntold()).toMatchObject([{ eventId: '0', count: 100 }]);
    expect(JSON.stringify(state.carried).length).toBeLessThan(1_000_000);
  });

  it('gives at most twenty at a time', () => {
    const queue = new EventQueue(Array.from({ length: 30 }, (_, at) => event(String(at))));
    expect(queue.batch()).toHaveLength(20);
    queue.sent(20);
    expect(queue.batch()).toHaveLength(10);
  });
});
