/** What a plan says of what could be read, and of what could not. */
import { describe, expect, it } from 'vitest';
import { plannedFrom, type PlanFacts } from '../../../src/campaign-plan/planned.js';
import { parseCampaign, type CampaignInput } from '../../../src/shared/campaign/contract.js';
import type { InventoryVnf } from '../../../src/shared/campaign/plan.js';
import type { Vim } from '../../../src/shared/vim/vim.js';
import { uuid } from '../../support/campaign-report.js';

const [A, B] = [uuid(3, 1), uuid(3, 2)];
const MINUTE_MS = 60_000;
const item = (vnf: number) => ({ serviceInstanceUuid: uuid(2, vnf), vnfUuid: uuid(1, vnf) });
const on = (vnf: number, vim: string): InventoryVnf => ({
  vnfUuid: uuid(1, vnf),
  serviceInstanceUuids: [uuid(2, vnf)],
  vimUuids: [vim],
  status: 'normal operation',
});
const vim = (id: string, name: string): Vim => ({
  ...{ uuid: id, name, city: null, type: null },
  cores: { used: 0, total: 8 },
  memoryMb: { used: 0, total: 8_192 },
});

function planned(input: Partial<CampaignInput> = {}, facts: Partial<PlanFacts> = {}) {
  const parsed = parseCampaign({ items: [item(1), item(2)], target: { vimUuid: B }, ...input });
  if (parsed.kind === 'invalid') expect.fail(parsed.problems.join());
  return plannedFrom({
    spec: parsed.spec,
    name: 'x',
    assumeMs: 2 * MINUTE_MS,
    inventory: [on(1, A), on(2, A)],
    answer: { kind: 'listed', vims: [vim(A, 'athens-1'), vim(B, 'aveiro-1')] },
    running: { kind: 'looked', opposites: [] },
    nowMs: 0,
    ...facts,
  });
}

describe('a plan', () => {
  it('of which all was read can run, and tells load and time', () => {
    const { report, targets, oppositesUnknown } = planned();
    expect(report).toMatchObject({
      ...{ name: 'x', canRun: true, hasRepository: true, conflicts: [], problems: [], oppositeCampaigns: [] },
      load: { unavailable: null, waitingForRoom: 0, withoutNeeds: 2 },
      estimate: { assumeMs: 2 * MINUTE_MS, totalMs: 2 * MINUTE_MS },
    });
    expect(report.load.vims).toMatchObject([
      { vimUuid: A, leaving: 2 },
      { vimUuid: B, arriving: 2 },
    ]);
    expect(targets).toEqual([B, B]);
    expect(oppositesUnknown).toBeNull();
  });

  it('can run where VNFs are on the target already, and not where one is unknown', () => {
    expect(planned({}, { inventory: [on(1, B), on(2, A)] }).report).toMatchObject({
      canRun: true,
      conflicts: [{ kind: 'already-there' }],
    });
    expect(planned({}, { inventory: [on(1, A)] }).report).toMatchObject({
      canRun: false,
      conflicts: [{ kind: 'unknown' }],
    });
  });

  it('says what was not known: repository, list of VIMs, running campaigns', () => {
    const { report, oppositesUnknown } = planned(
      {},
      {
        inventory: null,
        answer: { kind: 'unavailable', reason: 'nobody answered' },
        running: { kind: 'unavailable', reason: 'no Temporal' },
      },
    );
    expect(report).toMatchObject({
      ...{ canRun: true, hasRepository: false, oppositeCampaigns: null },
      load: { unavailable: 'nobody answered' },
    });
    expect(oppositesUnknown).toBe('no Temporal');
  });

  it('that goes where room is needs the list', () => {
    const target = { vims: [B], strategy: 'most-free' as const };
    const answer = { kind: 'unavailable', reason: 'nobody answered' } as const;
    expect(planned({ target }, { answer }).report).toMatchObject({
      canRun: false,
      problems: ['most-free needs the list of VIMs, and there is none: nobody answered'],
    });
  });

  it('has a running campaign that works against it as a conflict of no VNF', () => {
    const opposite = { workflowId: 'vnf-campaign/other', emptiedByIt: [B], filledByIt: [] };
    const { report } = planned({}, { running: { kind: 'looked', opposites: [opposite] } });
    expect(report).toMatchObject({
      ...{ canRun: false, oppositeCampaigns: [opposite] },
      conflicts: [{ kind: 'opposite-campaign', vnfUuid: '', vimUuids: [B] }],
    });
  });
});
