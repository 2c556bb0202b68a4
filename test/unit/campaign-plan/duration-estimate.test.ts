/** How long a campaign takes, if each migration takes the same time. */
import { describe, expect, it } from 'vitest';
import { estimate } from '../../../src/campaign-plan/duration-estimate.js';
import { parseCampaign, type CampaignInput } from '../../../src/shared/campaign/contract.js';
import { planCampaign } from '../../../src/shared/campaign/plan.js';
import { uuid } from '../../support/campaign-report.js';

const [A, B, C] = [uuid(3, 1), uuid(3, 2), uuid(3, 3)];

describe('the estimate', () => {
  it('walks through the nights', () => {
    const parsed = parseCampaign({
      items: [0, 1, 2].map((nth) => ({
        serviceInstanceUuid: uuid(2, nth),
        vnfUuid: uuid(1, nth),
        wave: nth + 1,
      })),
      target: { vimUuid: A },
      windows: [{ kind: 'allow', cron: '0 22 * * *', duration: '2h', timeZone: 'UTC' }],
      waves: { soak: '10m' },
      cutoff: '30m',
    });
    if (parsed.kind === 'invalid') expect.fail(parsed.problems.join());
    const plan = planCampaign({ spec: parsed.spec, inventory: null });
    const nowMs = Date.parse('2026-01-01T12:00:00Z');
    const { totalMs } = estimate(plan, { spec: parsed.spec, assumeMs: 30 * 60_000, nowMs });
    // 110 minutes of work; starts end at 23:30 of the first night.
    expect(new Date(nowMs + totalMs).toISOString()).toBe('2026-01-02T22:20:00.000Z');
  });

  const minutes = (input: CampaignInput): number[] => {
    const parsed = parseCampaign(input);
    if (parsed.kind === 'invalid') expect.fail(parsed.problems.join());
    const plan = planCampaign({ spec: parsed.spec, inventory: null });
    return estimate(plan, { spec: parsed.spec, assumeMs: 1, nowMs: 0 }).stagesMs;
  };
  const items = (count: number, serviceOf: (index: number) => number) =>
    Array.from({ length: count }, (_, index) => ({
      serviceInstanceUuid: uuid(2, serviceOf(index)),
      vnfUuid: uuid(1, index),
    }));

  it.each<[string, CampaignInput, number[]]>([
    ['the target limit holds', { items: items(12, (index) => index), target: { vimUuid: A } }, [6]],
    [
      'two targets',
      { items: items(12, (index) => index), target: { vims: [A, B], strategy: 'spread' } },
      [3],
    ],
    [
      'one service, one at a time',
      { items: items(5, () => 1), target: { vims: [A, B, C], strategy: 'spread' } },
      [5],
    ],
    [
      'the ramp-up lets fewer run at first',
      {
        items: items(11, (index) => index),
        target: { vims: [A, B, C], strategy: 'spread' },
        rampUp: { from: 1 },
        limits: { total: 4 },
      },
      // 1, 2, and twice 4.
      [4],
    ],
    [
      'the canary goes first',
      {
        items: items(12, (index) => index),
        target: { vimUuid: A },
        canary: { count: 1 },
        limits: { perTargetVim: 11, total: 500 },
      },
      [1, 1],
    ],
  ])('%s', (_, input, rounds) => {
    expect(minutes(input)).toEqual(rounds);
  });
});
