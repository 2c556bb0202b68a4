/** Which node of the broker is tried next, and after which delay. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BrokerUrls } from '../../../src/settings/broker-urls.js';
import type { Loss } from '../../../src/amqp/connection-loss.js';
import { NodeRotation } from '../../../src/amqp/node-rotation.js';

const THREE: BrokerUrls = ['amqp://u:secret@a:1', 'amqp://u:secret@b:2/v', 'amqps://c'];
const away = (reason = 'ECONNREFUSED'): Loss => ({ kind: 'outage', reason });
const WRONG: Loss = { kind: 'misconfigured', reason: 'refused the credentials' };
const AT_ONCE = { lastedMs: 5 };

// No jitter.
beforeEach(() => vi.spyOn(Math, 'random').mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

function pauses(turns: NodeRotation, losses: readonly Loss[]): number[] {
  return losses.map((loss) => turns.lost(loss, AT_ONCE).pauseMs);
}

function nodes(turns: NodeRotation, times: number): string[] {
  return Array.from({ length: times }, () => {
    const { node } = turns.current();
    turns.lost(away(), AT_ONCE);
    return node;
  });
}

describe('the nodes of a broker', () => {
  it('are tried in the order given, and again from the first', () => {
    expect(nodes(new NodeRotation(THREE), 5)).toEqual(['a:1', 'b:2', 'c', 'a:1', 'b:2']);
  });

  it('go on with the one after that which was lost, however long it had lasted', () => {
    const turns = new NodeRotation(THREE);
    turns.lost(away(), AT_ONCE);
    turns.connected();
    turns.lost(away(), { lastedMs: 3_600_000 });
    expect(turns.current()).toEqual({ url: 'amqps://c', node: 'c' });
  });

  it('follow each other at once; pauses are between rounds', () => {
    const losses = Array.from({ length: 9 }, () => away());
    expect(pauses(new NodeRotation(THREE), losses)).toEqual([
      100, 100, 100, 100, 100, 1_000, 100, 100, 1_000,
    ]);
  });

  it('a settled session that is lost begins a new round', () => {
    const turns = new NodeRotation(THREE);
    pauses(turns, [away(), away(), away(), away(), away()]);
    turns.lost(away(), { lastedMs: 60_000 });
    expect(pauses(turns, [away(), away(), away()])).toEqual([100, 100, 100]);
  });

  it('are waited for longer only if a person has to mend every one of them', () => {
    const turns = new NodeRotation(THREE);
    expect(pauses(turns, [WRONG, away(), WRONG, WRONG, away(), WRONG])).toEqual([
      100, 100, 100, 100, 100, 1_000,
    ]);
    expect(pauses(turns, [WRONG, WRONG, WRONG, WRONG, WRONG, WRONG])).toEqual([
      100, 100, 4_000, 100, 100, 8_000,
    ]);
  });

  it('tell the same reason once each, until one of them can be had', () => {
    const turns = new NodeRotation(THREE);
    const isChange = (): boolean => turns.lost(away(turns.current().node), AT_ONCE).isChange;
    expect([isChange(), isChange(), isChange(), isChange(), isChange()]).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    turns.connected();
    expect(isChange()).toBe(true);
  });
});

describe('one node', () => {
  it('is tried again soon, then after a second', () => {
    expect(pauses(new NodeRotation(['amqp://a']), [away(), away(), away()])).toEqual([100, 1_000, 1_000]);
  });

  it('that only a person can mend is tried ever more rarely', () => {
    const losses = Array.from({ length: 7 }, () => WRONG);
    expect(pauses(new NodeRotation(['amqp://a']), losses)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000,
    ]);
  });
});
