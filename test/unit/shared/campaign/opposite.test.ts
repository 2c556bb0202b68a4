/** Campaigns that would empty VIMs onto each other. */
import { describe, expect, it } from 'vitest';
import { parseCampaign, type CampaignInput } from '../../../../src/shared/campaign/contract.js';
import { oppositeOf, oppositeText, vimsOfCampaign } from '../../../../src/shared/campaign/opposite.js';
import { uuid } from '../../../support/campaign-report.js';

const [A, B, C] = [uuid(3, 1), uuid(3, 2), uuid(3, 3)];
const ID = 'vnf-campaign/other';

function vims(input: CampaignInput) {
  const parsed = parseCampaign(input);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join());
  return vimsOfCampaign(parsed.spec);
}

const evacuation = (from: string, ...to: string[]) =>
  vims({ evacuate: { vims: [from] }, target: { vims: to, strategy: 'spread' } });
const list = (to: string, own?: string) =>
  vims({
    items: [
      {
        serviceInstanceUuid: uuid(1, 1),
        vnfUuid: uuid(2, 1),
        ...(own === undefined ? {} : { vimUuid: own }),
      },
    ],
    target: { vimUuid: to },
  });

describe('a campaign', () => {
  it('empties what it evacuates, and fills its targets and those of its items', () => {
    expect(evacuation(A, B, C)).toEqual({ empties: [A], fills: [B, C] });
    expect(list(A, B)).toEqual({ empties: [], fills: [A, B] });
  });

  it('is opposite to one that empties its target, and to one that fills what it empties', () => {
    const other = { workflowId: ID, vims: evacuation(A, B) };
    expect(oppositeOf(evacuation(B, A), other)).toEqual({
      ...{ workflowId: ID, emptiedByIt: [A], filledByIt: [B] },
    });
    expect(oppositeOf(list(C, A), other)).toEqual({ workflowId: ID, emptiedByIt: [A], filledByIt: [] });
    expect(oppositeOf(evacuation(B, C), other)).toEqual({ workflowId: ID, emptiedByIt: [], filledByIt: [B] });
  });

  it('is not opposite to one with the same direction, nor lists to each other', () => {
    expect(oppositeOf(evacuation(A, B), { workflowId: ID, vims: evacuation(A, B) })).toBeNull();
    expect(oppositeOf(evacuation(A, B), { workflowId: ID, vims: evacuation(C, B) })).toBeNull();
    expect(oppositeOf(list(A), { workflowId: ID, vims: list(A, B) })).toBeNull();
  });

  it('is told with the other one and the VIMs', () => {
    const text = oppositeText({ workflowId: ID, emptiedByIt: [A], filledByIt: [B] });
    expect(text).toBe(
      `${ID} runs and empties ${A}, where this one moves VNFs to, and moves VNFs to ${B}, which this one empties`,
    );
  });
});
