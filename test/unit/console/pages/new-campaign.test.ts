/** What a written campaign sends: the console's own schema takes it. */
import { describe, expect, it } from 'vitest';
import { newWindow } from '../../../../src/console/pages/components/window-draft.js';
import { bodyOf, emptyDraft, type Draft } from '../../../../src/console/pages/routes/new-campaign/draft.js';
import { parseCampaign } from '../../../../src/shared/campaign/contract.js';

const [ATHENS, AVEIRO, GHENT] = ['a', 'b', 'c'].map((digit) => `${digit}0000000-0000-4000-8000-000000000000`);
const UUID = '10000000-0000-4000-8000-000000000000';

function bodyFrom(part: Partial<Draft>) {
  const written = bodyOf({ ...emptyDraft([ATHENS ?? '']), targets: [AVEIRO ?? ''], ...part });
  if (written.kind === 'wrong') throw new Error(JSON.stringify(written.problems));
  return written.body;
}

describe('an evacuation', () => {
  it('with the defaults of the page', () => {
    const { campaign } = bodyFrom({});
    expect(parseCampaign(campaign)).toMatchObject({
      kind: 'campaign',
      spec: {
        evacuate: { vims: [ATHENS] },
        target: { vimUuid: AVEIRO },
        limits: { total: 6, perSourceVim: 2, perTargetVim: 2 },
        budget: { maxErrors: '10%', maxConsecutive: 4, action: 'pause' },
      },
    });
  });

  it('with everything', () => {
    const { name, campaign } = bodyFrom({
      name: ' empty-athens ',
      reason: 'maintenance',
      targets: [AVEIRO ?? '', GHENT ?? ''],
      strategy: 'most-free',
      headroom: '20%',
      excludeVnfs: `${UUID}\n`,
      canary: '3',
      gate: 'manual',
      soak: '10m',
      windows: [
        newWindow(1, 'Europe/Athens'),
        { ...newWindow(2, 'UTC'), form: 'cron', kind: 'deny' },
        { ...newWindow(3, 'UTC'), form: 'once', from: '2026-12-24T00:00', until: '2026-12-25T00:00' },
      ],
      cutoff: 'auto',
      notBefore: '2026-12-01T00:00:00Z',
      rampFrom: '1',
      rampFactor: '2',
      notify: 'ops, night-shift',
    });
    expect(name).toBe('empty-athens');
    expect(parseCampaign(campaign)).toMatchObject({
      kind: 'campaign',
      spec: {
        target: { vims: [AVEIRO, GHENT], strategy: 'most-free', headroom: '20%' },
        evacuate: { exclude: { vnfUuids: [UUID] } },
        canary: { count: 3, pauseAfter: true },
        waves: { gate: 'manual', soak: 600_000 },
        notify: ['ops', 'night-shift'],
        rampUp: { from: 1, factor: 2 },
        reason: 'maintenance',
      },
    });
  });

  it('sends what is no number as it is: the console says what would be right', () => {
    expect(bodyFrom({ total: 'many' }).campaign.limits).toMatchObject({ total: 'many' });
  });
});

it('a list of items', () => {
  const { campaign } = bodyFrom({ source: 'items', items: `serviceInstanceUuid,vnfUuid\n${UUID},${UUID}` });
  expect(parseCampaign(campaign)).toMatchObject({ kind: 'campaign', spec: { items: [{ vnfUuid: UUID }] } });
});

it('a list that cannot be read is a problem of its field', () => {
  const written = bodyOf({ ...emptyDraft([]), source: 'items', items: 'vnfUuid' });
  expect(written).toMatchObject({ kind: 'wrong', problems: [{ pointer: '/campaign/items' }] });
});

describe('a whole specification', () => {
  it('is sent with its own name', () => {
    const specification = JSON.stringify({ name: 'own', items: [], target: { vimUuid: AVEIRO } });
    expect(bodyFrom({ source: 'specification', specification, reason: 'why' })).toEqual({
      name: 'own',
      campaign: { items: [], target: { vimUuid: AVEIRO }, reason: 'why' },
    });
  });

  it.each(['', '{', '[]', '7'])('%j is refused', (specification) => {
    expect(bodyOf({ ...emptyDraft([]), source: 'specification', specification })).toMatchObject({
      kind: 'wrong',
    });
  });
});
