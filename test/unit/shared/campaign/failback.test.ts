/** The way back: what goes where, in which order, and what is left out. */
import { describe, expect, it } from 'vitest';
import { parseCampaign } from '../../../../src/shared/campaign/contract.js';
import { failbackOf } from '../../../../src/shared/campaign/failback.js';
import type { CampaignItemView } from '../../../../src/shared/campaign/views.js';
import { uuid } from '../../../support/campaign-report.js';

const [SOURCE, TARGET] = [uuid(3, 1), uuid(3, 2)];

function item(index: number, given: Partial<CampaignItemView> = {}): CampaignItemView {
  return {
    ...{
      index,
      serviceInstanceUuid: uuid(1, index),
      vnfUuid: uuid(2, index),
      vnfName: `vnf-${String(index)}`,
    },
    ...{ presentVnfUuid: uuid(2, index), newVnfUuid: uuid(4, index) },
    ...{ sourceVimUuid: SOURCE, targetVimUuid: TARGET, priority: 0, wave: 1, generation: 1 },
    ...{ state: 'MIGRATED', waitReason: null, workflowId: null, failureType: null, message: null },
    ...{ startedAt: '2026-03-01T22:00:00.000Z', finishedAt: `2026-03-01T22:0${String(index)}:00.000Z` },
    ...given,
  };
}

describe('the way back', () => {
  it('moves each VNF by its new id to where it was, the last moved first', () => {
    const items = [item(0, { finishedAt: '2026-03-01T22:07:00.000Z' }), item(1), item(2)];
    const { input, leftOut } = failbackOf(items, {});
    expect(input?.order).toBe('input');
    expect(input?.items).toEqual(
      [0, 2, 1].map((index) => ({
        ...{ serviceInstanceUuid: uuid(1, index), vnfUuid: uuid(4, index) },
        ...{ vimUuid: SOURCE, wave: 1 },
      })),
    );
    expect(leftOut).toEqual([]);
  });

  it('takes the later in the list first, of those that ended at the same time', () => {
    const at = { finishedAt: '2026-03-01T22:00:00.000Z' };
    const { input } = failbackOf([item(0, at), item(1, at), item(2, at)], {});
    expect(input?.items?.map(({ vnfUuid }) => vnfUuid)).toEqual([2, 1, 0].map((index) => uuid(4, index)));
  });

  it('turns the order of waves round', () => {
    const { input } = failbackOf([item(0), item(1, { wave: 3 })], { waves: { gate: 'manual' } });
    expect(input?.items?.map(({ vnfUuid, wave }) => [vnfUuid, wave])).toEqual([
      [uuid(4, 1), 1],
      [uuid(4, 0), 3],
    ]);
    expect(input?.waves).toEqual({ gate: 'manual' });
  });

  it('has the settings of the campaign, but neither its target nor its order, and is a campaign', () => {
    const target = { vims: [TARGET], strategy: 'most-free' as const };
    const limits = { total: 3, perSourceVim: 2, perTargetVim: 1 };
    const { input } = failbackOf([item(0)], { limits, target, order: 'priority' });
    expect(input).toMatchObject({ limits, order: 'input' });
    expect(input).not.toHaveProperty('target');
    expect(parseCampaign(input).kind).toBe('campaign');
  });

  const reasons: [string, Partial<CampaignItemView>, string][] = [
    ['has no known source', { sourceVimUuid: null }, 'where it was is not known'],
    ['has no known new id', { newVnfUuid: null }, 'its new id is not known'],
    ['is unknown', { state: 'UNKNOWN', newVnfUuid: null }, 'nobody knows whether it was moved'],
    ['still moves', { state: 'RUNNING', newVnfUuid: null }, 'its migration has not ended'],
  ];
  it.each(reasons)('leaves out by name what %s', (_, given, reason) => {
    const { input, leftOut } = failbackOf([item(0), item(1, given)], {});
    expect(input?.items).toHaveLength(1);
    expect(leftOut).toEqual([
      { vnfUuid: given.newVnfUuid === null ? uuid(2, 1) : uuid(4, 1), vnfName: 'vnf-1', reason },
    ]);
  });

  it('takes up once what the campaign has moved twice', () => {
    const again = item(1, { vnfUuid: uuid(4, 0), presentVnfUuid: uuid(4, 0) });
    const { input, leftOut } = failbackOf([item(0), again], {});
    expect(input?.items?.map(({ vnfUuid }) => vnfUuid)).toEqual([uuid(4, 1)]);
    expect(leftOut).toMatchObject([{ vnfUuid: uuid(4, 0), reason: 'a later item moved it again' }]);
  });

  it('takes an id that stays the same for what it is', () => {
    const same = { newVnfUuid: uuid(2, 0) };
    expect(failbackOf([item(0, same)], {}).input?.items).toHaveLength(1);
    const twice = failbackOf([item(0, same), item(1, { ...item(0, same), index: 1 })], {});
    expect(twice.input?.items).toHaveLength(1);
    expect(twice.leftOut).toHaveLength(1);
  });

  it('is none where the campaign moved nothing, and does not name what it did not move', () => {
    const states = ['FAILED', 'SKIPPED', 'CANCELLED', 'ALREADY_THERE', 'WAITING', 'PLANNED'] as const;
    const items = states.map((state, index) => item(index, { state }));
    expect(failbackOf(items, {})).toEqual({ input: null, leftOut: [] });
  });
});
