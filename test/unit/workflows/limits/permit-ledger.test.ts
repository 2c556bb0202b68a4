/** Who may start what under the limits of a deployment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  SharedLimits,
  PermitExchange,
  PermitHolder,
  PermitMove,
} from '../../../../src/shared/limits/contract.js';
import { migrationWorkflowId } from '../../../../src/shared/names.js';
import { pack, unpack } from '../../../../src/workflows/limits/carried-limits.js';
import { MOST_WAITING, PermitLedger, type Lease } from '../../../../src/workflows/limits/permit-ledger.js';

const uuid = (kind: string, number: number): string =>
  `${kind.repeat(8)}-0000-4000-8000-${String(number).padStart(12, '0')}`;
const vnf = (number: number): string => uuid('b', number);
const vim = (number: number): string => uuid('e', number);
const RUN = uuid('a', 1);

const campaign = (name: string): PermitHolder => ({
  kind: 'campaign',
  workflowId: `vnf-campaign/${name}`,
  firstRunId: RUN,
});
const alone = (number: number, firstRunId = RUN): PermitHolder => ({
  kind: 'migration',
  workflowId: migrationWorkflowId(vnf(number)),
  firstRunId,
});
const move = (number: number, [source, target]: [number | null, number] = [1, 2]): PermitMove => ({
  vnfUuid: vnf(number),
  sourceVimUuid: source === null ? null : vim(source),
  targetVimUuid: vim(target),
});
const limits = (
  total: number | null,
  vims: Record<number, { in?: number; out?: number }> = {},
): SharedLimits => ({
  total,
  vims: Object.entries(vims).map(([number, given]) => ({
    vimUuid: vim(Number(number)),
    in: given.in ?? null,
    out: given.out ?? null,
  })),
});

/** A ledger, as the workflow uses it. */
class Desk {
  readonly ledger: PermitLedger;
  private nowMs = 0;

  constructor(given: SharedLimits) {
    this.ledger = new PermitLedger({ limits: given });
  }

  call(holder: PermitHolder, call: Partial<Omit<PermitExchange, 'holder'>>) {
    const exchange = { holder, wanted: [], unwanted: [], released: [], ...call };
    this.nowMs += 1;
    this.ledger.exchange(exchange, this.nowMs);
    this.grant();
    return this.ledger.answer(exchange);
  }

  grant(): Lease[] {
    return this.ledger.grantAll(this.nowMs);
  }

  get leased(): string[] {
    return [...this.ledger.leases].map(({ vnfUuid }) => vnfUuid).sort();
  }
}

describe('a request', () => {
  it('is granted at once where nothing limits it', () => {
    const desk = new Desk(limits(null));
    const answer = desk.call(campaign('x'), { wanted: [move(1), move(2)] });
    expect(answer).toEqual({ kind: 'held', granted: [vnf(1), vnf(2)], waiting: [] });
  });

  it.each([
    ['shared-total-limit', limits(1)],
    ['shared-source-limit', limits(9, { 1: { out: 1 } })],
    ['shared-target-limit', limits(9, { 2: { in: 1 } })],
  ])('waits for %s', (reason, given) => {
    const desk = new Desk(given);
    expect(desk.call(alone(1), { wanted: [move(1)] })).toMatchObject({ granted: [vnf(1)] });
    expect(desk.call(alone(2), { wanted: [move(2)] })).toEqual({
      kind: 'held',
      granted: [],
      waiting: [{ vnfUuid: vnf(2), reason }],
    });
    desk.call(alone(1), { released: [vnf(1)] });
    expect(desk.leased).toEqual([vnf(2)]);
  });

  it('does not wait behind one whose VIM is full', () => {
    const desk = new Desk(limits(9, { 2: { in: 1 } }));
    const answer = desk.call(campaign('x'), { wanted: [move(1), move(2), move(3, [1, 3])] });
    expect(answer).toMatchObject({ granted: [vnf(1), vnf(3)] });
  });

  it('counts for no source where it is not known', () => {
    const desk = new Desk(limits(9, { 1: { out: 0 } }));
    expect(desk.call(alone(1), { wanted: [move(1, [null, 2])] })).toMatchObject({ granted: [vnf(1)] });
  });

  it('waits where the limit is 0', () => {
    expect(new Desk(limits(0)).call(alone(1), { wanted: [move(1)] })).toMatchObject({ granted: [] });
  });

  it('for another target keeps its age', () => {
    const desk = new Desk(limits(9, { 2: { in: 0 }, 3: { in: 0 } }));
    desk.call(campaign('x'), { wanted: [move(1), move(2, [1, 3])] });
    desk.call(campaign('x'), { wanted: [move(1, [1, 3])] });
    desk.ledger.setLimits(limits(9, { 3: { in: 1 } }));
    expect(desk.grant()).toMatchObject([{ vnfUuid: vnf(1) }]);
  });

  it('for another target than what was granted is a new one', () => {
    const desk = new Desk(limits(9, { 3: { in: 0 } }));
    desk.call(campaign('x'), { wanted: [move(1)] });
    expect(desk.call(campaign('x'), { wanted: [move(1, [1, 3])] })).toMatchObject({ granted: [] });
    expect(desk.ledger.inFlightAt(vim(2)).in).toBe(0);
  });

  it('that is not wanted any more is given back, even if it was granted meanwhile', () => {
    const desk = new Desk(limits(1));
    desk.call(alone(1), { wanted: [move(1)] });
    desk.call(campaign('x'), { wanted: [move(2)] });
    desk.call(alone(1), { released: [vnf(1)] });
    expect(desk.leased).toEqual([vnf(2)]);
    desk.call(campaign('x'), { unwanted: [vnf(2)] });
    expect(desk.leased).toEqual([]);
  });
});

describe('what is in flight already', () => {
  it('is leased beyond the limit, and nothing is granted until it is below it', () => {
    const desk = new Desk(limits(1));
    desk.call(campaign('x'), { inUse: [move(1), move(2), move(3)], wanted: [move(4)] });
    expect(desk.leased).toEqual([vnf(1), vnf(2), vnf(3)]);
    desk.call(campaign('x'), { released: [vnf(1), vnf(2)] });
    expect(desk.leased).toEqual([vnf(3)]);
    desk.call(campaign('x'), { released: [vnf(3)] });
    expect(desk.leased).toEqual([vnf(4)]);
  });

  it('is counted once, by whoever owns it: adopted, then of its campaign, then of the campaign started again', () => {
    const desk = new Desk(limits(9));
    desk.ledger.adopt({ move: move(1), holder: alone(1) }, 1);
    desk.call(campaign('x'), { inUse: [move(1)] });
    const again = { ...campaign('x'), firstRunId: uuid('a', 2) };
    desk.call(again, { inUse: [move(1)] });
    expect([...desk.ledger.leases]).toMatchObject([{ vnfUuid: vnf(1), holder: again }]);
    expect(desk.ledger.inFlightAt(vim(2)).in).toBe(1);
    desk.ledger.adopt({ move: move(1), holder: alone(1) }, 2);
    expect(desk.ledger.leases.size).toBe(1);
  });

  it('does not become less by a lower limit', () => {
    const desk = new Desk(limits(3));
    desk.call(campaign('x'), { wanted: [move(1), move(2), move(3)] });
    desk.ledger.setLimits(limits(1));
    expect(desk.grant()).toEqual([]);
    expect(desk.leased).toHaveLength(3);
  });
});

describe('an answer', () => {
  it('tells of what was granted since the last one, and again of what is wanted again', () => {
    const desk = new Desk(limits(1));
    desk.call(alone(9), { wanted: [move(9)] });
    desk.call(campaign('x'), { wanted: [move(1)] });
    desk.call(alone(9), { released: [vnf(9)] });
    expect(desk.call(campaign('x'), { wanted: [move(2)] })).toMatchObject({ granted: [vnf(1)] });
    expect(desk.call(campaign('x'), {})).toMatchObject({ granted: [] });
    expect(desk.call(campaign('x'), { wanted: [move(1)] })).toMatchObject({
      granted: [vnf(1)],
      waiting: [{ vnfUuid: vnf(2), reason: 'shared-total-limit' }],
    });
  });

  it('to one that asks while too many wait is that it waits; it is not noted', () => {
    const desk = new Desk(limits(0));
    const wanted = Array.from({ length: MOST_WAITING }, (_, index) => move(index));
    desk.call(campaign('x'), { wanted });
    expect(desk.call(alone(20_000), { wanted: [move(20_000)] })).toMatchObject({
      waiting: [{ vnfUuid: vnf(20_000) }],
    });
    expect(desk.ledger.requests.size).toBe(MOST_WAITING);
  });

  it('is the same to a call that is repeated', () => {
    const desk = new Desk(limits(2));
    const call = { wanted: [move(1), move(2), move(3)], unwanted: [vnf(4)], released: [vnf(5)] };
    const answer = desk.call(campaign('x'), call);
    expect(desk.call(campaign('x'), call)).toEqual(answer);
  });
});

describe('between holders', () => {
  it('the group with the fewest leases comes next; lone migrations are one group', () => {
    const desk = new Desk(limits(0));
    for (const number of [1, 2, 3]) desk.call(alone(number), { wanted: [move(number)] });
    desk.call(campaign('x'), { wanted: [move(11), move(12), move(13)] });
    desk.call(campaign('y'), { wanted: [move(21), move(22), move(23)] });
    desk.ledger.setLimits(limits(6));
    expect(desk.grant().map(({ vnfUuid }) => vnfUuid)).toEqual([1, 11, 21, 2, 12, 22].map(vnf));
  });

  it('a campaign that came first leaves room to the next as its migrations end', () => {
    const desk = new Desk(limits(2));
    desk.call(campaign('x'), { wanted: Array.from({ length: 9 }, (_, index) => move(index + 1)) });
    desk.call(campaign('y'), { wanted: [move(21)] });
    desk.call(campaign('x'), { released: [vnf(1)] });
    expect(desk.leased).toEqual([vnf(2), vnf(21)]);
  });
});

describe('on its way to the next run', () => {
  it('it goes on in the same way', () => {
    const desk = new Desk(limits(2, { 2: { in: 2 }, 3: { out: 1 } }));
    desk.call(alone(1), { wanted: [move(1)] });
    desk.call({ ...alone(2), workflowId: 'by-its-own-name', firstRunId: 'no-uuid' }, { wanted: [move(2)] });
    desk.call(campaign('x'), { wanted: [move(3, [null, 3]), move(4)], inUse: [move(5)] });
    const errands = { looksLeft: 2, nextLookMs: 7, nextSweepMs: 8, isTellingDue: true };
    const standing = { stage: 'set', errands, audit: [] } as const;
    const carried = pack({ ledger: desk.ledger, ...standing });
    const { ledger, ...rest } = unpack(JSON.parse(JSON.stringify(carried)) as typeof carried);
    expect(rest).toEqual(standing);
    expect([...ledger.leases]).toEqual([...desk.ledger.leases]);
    expect([...ledger.requests]).toEqual([...desk.ledger.requests]);
    expect(ledger.limits).toEqual(desk.ledger.limits);
    const [first, second] = [...ledger.requests];
    expect(first!.holder).toBe(second!.holder);
  });

  it('ten thousand that wait alone are below 1.5 MiB', () => {
    const desk = new Desk(limits(0));
    const call = { unwanted: [], released: [] };
    for (let number = 0; number < MOST_WAITING; number += 1) {
      const holder = alone(number, uuid('c', number));
      desk.ledger.exchange({ ...call, holder, wanted: [move(number)] }, 1_700_000_000_000 + number);
    }
    const errands = { looksLeft: 0, nextLookMs: 0, nextSweepMs: 0, isTellingDue: false };
    const carried = pack({ ledger: desk.ledger, stage: 'set', errands, audit: [] });
    expect(JSON.stringify(carried).length).toBeLessThan(1.5 * 1024 * 1024);
  });
});

// --- random calls ------------------------------------------------------------------------------------------

const VIMS = [1, 2, 3, 4];
const HOLDERS = [campaign('x'), campaign('y'), campaign('z')];

type Step =
  | { kind: 'want' | 'use'; holder: number; vnf: number; source: number | null; target: number }
  | { kind: 'release'; pick: number }
  | { kind: 'unwant'; pick: number }
  | { kind: 'limit'; limits: SharedLimits };

const limit = fc.option(fc.integer({ min: 0, max: 4 }));
const someLimits: fc.Arbitrary<SharedLimits> = fc.record({
  total: fc.option(fc.integer({ min: 0, max: 8 })),
  vims: fc.tuple(
    ...VIMS.map((number) => fc.record({ vimUuid: fc.constant(vim(number)), in: limit, out: limit })),
  ),
});
const wish = {
  holder: fc.nat(HOLDERS.length),
  vnf: fc.integer({ min: 1, max: 60 }),
  source: fc.option(fc.constantFrom(...VIMS)),
  target: fc.constantFrom(...VIMS),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('want' as const), ...wish }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('use' as const), ...wish }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('release' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unwant' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('limit' as const), limits: someLimits }) },
);

interface Counts {
  total: number;
  in: Map<string, number>;
  out: Map<string, number>;
}

/** Counted anew, from the leases alone. */
function countsOf(leases: Iterable<Pick<Lease, 'sourceVimUuid' | 'targetVimUuid'>>): Counts {
  const counts: Counts = { total: 0, in: new Map(), out: new Map() };
  for (const { sourceVimUuid, targetVimUuid } of leases) {
    counts.total += 1;
    counts.in.set(targetVimUuid, (counts.in.get(targetVimUuid) ?? 0) + 1);
    if (sourceVimUuid !== null) counts.out.set(sourceVimUuid, (counts.out.get(sourceVimUuid) ?? 0) + 1);
  }
  return counts;
}

function fits(
  counts: Counts,
  { sourceVimUuid, targetVimUuid }: PermitMove,
  { total, vims }: SharedLimits,
): boolean {
  const of = (vimUuid: string | null) => vims.find((one) => one.vimUuid === vimUuid);
  const arriving = of(targetVimUuid)?.in ?? null;
  const leaving = of(sourceVimUuid)?.out ?? null;
  return (
    (total === null || counts.total < total) &&
    (arriving === null || (counts.in.get(targetVimUuid) ?? 0) < arriving) &&
    (leaving === null || (counts.out.get(sourceVimUuid ?? '') ?? 0) < leaving)
  );
}

class Random {
  readonly ledger = new PermitLedger();
  private nowMs = 0;

  take(next: Step): void {
    this.nowMs += 1;
    const { ledger } = this;
    switch (next.kind) {
      case 'limit':
        ledger.setLimits(next.limits);
        return;
      case 'release': {
        const lease = [...ledger.leases][next.pick % Math.max(ledger.leases.size, 1)];
        if (lease !== undefined) this.call(lease.holder, { released: [lease.vnfUuid] });
        return;
      }
      case 'unwant': {
        const request = [...ledger.requests][next.pick % Math.max(ledger.requests.size, 1)];
        if (request !== undefined) this.call(request.holder, { unwanted: [request.vnfUuid] });
        return;
      }
      case 'want':
      case 'use': {
        const moves = [move(next.vnf, [next.source, next.target])];
        const holder = HOLDERS[next.holder] ?? alone(next.vnf);
        this.call(holder, next.kind === 'want' ? { wanted: moves } : { inUse: moves });
        return;
      }
    }
  }

  /** One grant after the other, each checked against what was leased before it. */
  grant(): void {
    const before = new Set(this.ledger.leases);
    const waited = [...this.ledger.requests];
    const granted = this.ledger.grantAll(this.nowMs);
    const counts = countsOf(before);
    for (const lease of granted) {
      if (!fits(counts, lease, this.ledger.limits)) throw new Error('a grant exceeds a limit');
      if (!waited.some((request) => request.vnfUuid === lease.vnfUuid)) throw new Error('nobody asked');
      before.add(lease);
      Object.assign(counts, countsOf(before));
    }
    for (const request of this.ledger.requests) {
      if (fits(counts, request, this.ledger.limits)) throw new Error('it could be granted, and waits');
    }
    for (const { vimUuid } of this.ledger.limits.vims) {
      const told = this.ledger.inFlightAt(vimUuid);
      const counted = { in: counts.in.get(vimUuid) ?? 0, out: counts.out.get(vimUuid) ?? 0 };
      expect(told).toEqual(counted);
    }
  }

  private call(holder: PermitHolder, call: Partial<PermitExchange>): void {
    this.ledger.exchange({ wanted: [], unwanted: [], released: [], ...call, holder }, this.nowMs);
  }
}

const SEED = Number(process.env['LEDGER_SEED'] ?? 1);

describe('after every one of many random calls', () => {
  it('no grant has exceeded a limit, and nothing that could be granted waits', () => {
    fc.assert(
      fc.property(
        someLimits,
        fc.array(step, { minLength: 1, maxLength: 200, size: 'max' }),
        (given, steps) => {
          const random = new Random();
          random.ledger.setLimits(given);
          for (const next of steps) {
            random.take(next);
            random.grant();
          }
        },
      ),
      { numRuns: 300, seed: SEED, plugins: [fc.interruptAfterTimeLimit(15_000)] },
    );
  });

  it('everything that waits is granted in the end, if what runs ends', () => {
    fc.assert(
      fc.property(
        someLimits,
        fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }),
        (given, steps) => {
          const random = new Random();
          for (const next of steps) random.take(next);
          const atLeastOne = ({ total, vims }: SharedLimits): SharedLimits => ({
            total: total === null ? null : Math.max(total, 1),
            vims: vims.map((one) => ({
              ...one,
              in: one.in === null ? null : Math.max(one.in, 1),
              out: one.out === null ? null : Math.max(one.out, 1),
            })),
          });
          random.take({ kind: 'limit', limits: atLeastOne(given) });
          random.grant();
          const most = random.ledger.requests.size + random.ledger.leases.size;
          for (let round = 0; round <= most; round += 1) {
            random.take({ kind: 'release', pick: 0 });
            random.grant();
          }
          expect(random.ledger.requests.size).toBe(0);
        },
      ),
      { numRuns: 300, seed: SEED, plugins: [fc.interruptAfterTimeLimit(15_000)] },
    );
  });
});
