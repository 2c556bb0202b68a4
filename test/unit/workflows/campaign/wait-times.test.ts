/** How long items have waited, and for what, as the final report states it. */
import { describe, expect, it } from 'vitest';
import { pack, unpack, type CarriedCampaign } from '../../../../src/workflows/campaign/continue-as-new.js';
import { closeWaits, countWaits } from '../../../../src/workflows/campaign/wait-times.js';
import { campaignOf, ENDINGS, Play, STARTED_AT_MS } from './play.js';

const MINUTE_MS = 60_000;

/** Three to one VIM, one at a time; a minute each. */
function oneAtATime(count = 3): Play {
  const items = Array.from({ length: count }, (_, index) => index + 1).map((service) => ({
    service,
    source: service,
    target: 9,
  }));
  return new Play(campaignOf({ items, limits: { total: 5, perTargetVim: 1 } }));
}

function step(play: Play, ms: number): void {
  play.pass(ms);
  countWaits(play.state, play.nowMs);
}

function waited(play: Play): Record<string, number> {
  closeWaits(play.state, play.nowMs);
  return play.state.facts.waits?.waitedMs ?? {};
}

describe('time waited', () => {
  it('is that of all items together, by what held them', () => {
    const play = oneAtATime();
    countWaits(play.state, play.nowMs);
    for (const index of [0, 1, 2]) {
      step(play, MINUTE_MS);
      play.end(play.item(index), ENDINGS['migrated']!);
      countWaits(play.state, play.nowMs + 2_000);
    }
    // Two waited while the first ran, one while the second did.
    const { 'target-limit': ms = 0, ...others } = waited(play);
    expect(ms).toBeGreaterThan(2.9 * MINUTE_MS);
    expect(ms).toBeLessThan(3.2 * MINUTE_MS);
    expect(others).toEqual({});
  });

  it('of a pause counts from its first moment', () => {
    const play = oneAtATime();
    countWaits(play.state, play.nowMs);
    step(play, 10_000);
    play.pass(1);
    play.order('pause');
    countWaits(play.state, play.nowMs);
    step(play, 60 * MINUTE_MS);
    expect(waited(play)).toEqual({ 'target-limit': 20_002, paused: 120 * MINUTE_MS });
  });

  it('goes on in the next run', () => {
    const play = oneAtATime();
    countWaits(play.state, STARTED_AT_MS);
    step(play, MINUTE_MS);
    play.state = unpack(JSON.parse(JSON.stringify(pack(play.state))) as CarriedCampaign);
    step(play, MINUTE_MS);
    expect(waited(play)).toEqual({ 'target-limit': 4 * MINUTE_MS });
  });

  it('of many is counted ever more rarely, however often it is asked for', () => {
    const play = oneAtATime(400);
    let counts = 0;
    let last = 0;
    for (let second = 0; second < 36_000; second += 1) {
      play.nowMs += 1_000;
      countWaits(play.state, play.nowMs);
      const at = play.state.facts.waits?.countedAtMs ?? 0;
      if (at !== last) counts += 1;
      last = at;
    }
    expect(counts).toBeLessThan(800);
  });
});
