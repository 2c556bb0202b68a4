/** Campaigns under the limits of their deployment, with the ledger of permits that the limits decide by. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PermitExchange, SharedLimits } from '../../../../src/shared/limits/contract.js';
import type { Exchange } from '../../../../src/workflows/campaign/permitted-items.js';
import { PermitLedger } from '../../../../src/workflows/limits/permit-ledger.js';
import { campaignOf, ENDINGS, Play, STARTED_AT_MS, uuid, vim, type Given } from './play.js';

/** Several campaigns of one deployment, without Temporal. */
class Deployment {
  readonly ledger: PermitLedger;
  readonly games: Play[];
  exchanges = 0;

  constructor(
    readonly limits: SharedLimits,
    campaigns: readonly Given[],
    { limitedFrom = 'start' }: { limitedFrom?: 'start' | 'later' } = {},
  ) {
    this.ledger = new PermitLedger({ limits });
    this.games = campaigns.map((given) => {
      const state = campaignOf(given);
      if (limitedFrom === 'start') state.limitsChanged();
      return new Play(state);
    });
    if (limitedFrom === 'start') this.settle();
  }

  /** Everybody asks as long as there is something to ask for. */
  settle(): void {
    for (let isDue = true; isDue;) {
      isDue = false;
      this.games.forEach((game, index) => {
        if ((game.state.exchangeDueMs(game.nowMs) ?? Infinity) > game.nowMs) return;
        isDue = true;
        this.exchange(index);
      });
    }
    this.check();
  }

  /** `isLost`: it was carried out, and its answer was lost. `meanwhile`: before the answer comes. */
  exchange(index: number, { isLost = false, meanwhile = (): void => undefined } = {}): void {
    const game = this.games[index]!;
    const exchange = game.state.beginExchange();
    this.exchanges += 1;
    const call = callOf(index, exchange);
    this.ledger.exchange(call, game.nowMs);
    const granted = this.ledger.grantAll(game.nowMs);
    const answer = this.ledger.answer(call);
    meanwhile();
    if (isLost) game.state.notExchanged();
    else game.state.exchanged(exchange, { answer, atMs: game.nowMs });
    game.startDue();
    this.games.forEach((other, nth) => {
      const news = granted
        .filter(({ holder }) => holder.workflowId === idOf(nth))
        .map(({ vnfUuid }) => vnfUuid);
      if ((nth === index && !isLost) || news.length === 0) return;
      other.state.permitsGranted(news, other.nowMs);
      other.startDue();
    });
  }

  private check(): void {
    const running = this.games.flatMap((game) => game.inFlight());
    const { total, vims } = this.limits;
    expect(running.length).toBeLessThanOrEqual(total ?? Infinity);
    for (const { vimUuid, in: into, out } of vims) {
      expect(running.filter(({ target }) => target === vimUuid).length).toBeLessThanOrEqual(into ?? Infinity);
      expect(running.filter(({ source }) => source === vimUuid).length).toBeLessThanOrEqual(out ?? Infinity);
    }
    for (const one of this.games) one.checkWaiting();
    // Whatever the campaigns believe to have, they have.
    const leased = new Set([...this.ledger.leases].map(({ vnfUuid }) => vnfUuid));
    for (const { present, hasPermit } of running) expect(hasPermit && leased.has(present)).toBe(true);
  }
}

const idOf = (index: number): string => `campaign-${String(index)}`;
const callOf = (index: number, exchange: Exchange): PermitExchange => ({
  holder: { kind: 'campaign', workflowId: idOf(index), firstRunId: 'run' },
  ...exchange,
});

/** Each campaign's VNFs have ids of their own. */
const itemsOf = (index: number, count: number, target: (nth: number) => number): Given['items'] =>
  Array.from({ length: count }, (_, nth) => ({
    service: 1_000 * index + nth,
    source: nth % 2,
    target: target(nth),
  }));

const WIDE = { total: 20, perSourceVim: 20, perTargetVim: 20 };
const reasons = ({ state }: Play): string[] =>
  state.items.map((item) => state.waitReasonOf(item) ?? item.state);
const ATHENS = { vimUuid: vim(5), in: 2, out: null };

describe('a campaign under the limits of its deployment', () => {
  it('starts as much as they let it, and what goes elsewhere does not wait', () => {
    const items = itemsOf(0, 6, (nth) => (nth < 4 ? 5 : 6));
    const { games } = new Deployment({ total: null, vims: [ATHENS] }, [{ items, limits: WIDE }]);
    expect(reasons(games[0]!)).toEqual([
      ...['RUNNING', 'RUNNING', 'shared-target-limit', 'shared-target-limit', 'RUNNING', 'RUNNING'],
    ]);
  });

  it('asks once for each end, and starts the next with the answer', () => {
    const deployment = new Deployment({ total: 2, vims: [] }, [
      { items: itemsOf(0, 20, () => 5), limits: WIDE },
    ]);
    const [game] = deployment.games as [Play];
    deployment.exchanges = 0;
    for (let nth = 0; nth < 20; nth += 1) {
      game.end(game.inFlight()[0]!, ENDINGS['migrated']!);
      deployment.settle();
    }
    expect(game.state.isDone).toBe(true);
    expect(deployment.exchanges).toBeLessThanOrEqual(21);
    expect(deployment.ledger.leases.size).toBe(0);
  });

  it('tells of what ran before the limits came', () => {
    const limits = { total: 1, vims: [] };
    const deployment = new Deployment(limits, [{ items: itemsOf(0, 3, () => 5), limits: { total: 2 } }], {
      limitedFrom: 'later',
    });
    const [game] = deployment.games as [Play];
    expect(game.inFlight()).toHaveLength(2);
    game.state.limitsChanged();
    deployment.exchange(0);
    expect(deployment.ledger.leases.size).toBe(2);
    game.end(game.inFlight()[0]!, ENDINGS['migrated']!);
    deployment.settle();
    expect(reasons(game)).toEqual(['MIGRATED', 'RUNNING', 'shared-total-limit']);
  });

  it('gives back what it cannot use, and asks for nothing while it is paused', () => {
    const deployment = new Deployment({ total: 1, vims: [] }, [
      { items: itemsOf(0, 2, () => 5), limits: WIDE },
      { items: itemsOf(1, 2, () => 5), limits: WIDE, firstVnf: 100 },
    ]);
    const [first, second] = deployment.games as [Play, Play];
    second.order('pause');
    deployment.settle();
    expect([...deployment.ledger.requests].map(({ holder }) => holder.workflowId)).toEqual([idOf(0)]);
    first.end(first.item(0), ENDINGS['migrated']!);
    deployment.settle();
    expect(reasons(first)).toEqual(['MIGRATED', 'RUNNING']);
    expect(reasons(second)).toEqual(['paused', 'paused']);
    first.end(first.item(1), ENDINGS['migrated']!);
    deployment.settle();
    expect(deployment.ledger.leases.size).toBe(0);
    second.order('resume');
    deployment.settle();
    expect(second.inFlight()).toHaveLength(1);
  });

  it('is free again when they are cleared', () => {
    const deployment = new Deployment({ total: 1, vims: [] }, [
      { items: itemsOf(0, 5, () => 5), limits: WIDE },
    ]);
    const [game] = deployment.games as [Play];
    const exchange = game.state.beginExchange();
    game.state.exchanged(exchange, { answer: { kind: 'none' }, atMs: game.nowMs });
    game.startDue();
    expect(game.inFlight()).toHaveLength(5);
    expect(game.state.exchangeDueMs(game.nowMs)).toBeNull();
  });
});

describe('an exchange that meets other news', () => {
  const alone = (more: object = {}): Play => {
    const state = campaignOf({ items: itemsOf(0, 2, () => 5), limits: { ...WIDE, ...more } });
    state.limitsChanged();
    return new Play(state);
  };
  const waiting = (game: Play, ...indexes: number[]) =>
    indexes.map((index) => ({ vnfUuid: game.item(index).present, reason: 'shared-total-limit' as const }));

  it('with a grant that came before its answer: the item starts', () => {
    const game = alone();
    const exchange = game.state.beginExchange();
    game.state.permitsGranted([game.item(0).present], game.nowMs);
    const answer = { kind: 'held' as const, granted: [], waiting: waiting(game, 0, 1) };
    game.state.exchanged(exchange, { answer, atMs: game.nowMs });
    game.startDue();
    expect(reasons(game)).toEqual(['RUNNING', 'shared-total-limit']);
  });

  it('with what waits there and not here: it is not wanted', () => {
    const game = alone();
    const exchange = game.state.beginExchange();
    const foreign = { vnfUuid: uuid(777), reason: 'shared-total-limit' as const };
    const answer = { kind: 'held' as const, granted: [], waiting: [...waiting(game, 0, 1), foreign] };
    game.state.exchanged(exchange, { answer, atMs: game.nowMs });
    expect(game.state.exchangeDueMs(game.nowMs)).toBe(game.nowMs);
    expect(game.state.beginExchange().unwanted).toEqual([uuid(777)]);
  });

  it('and is lost: what ran before the limits came is told again', () => {
    const state = campaignOf({ items: itemsOf(0, 2, () => 5), limits: WIDE });
    const game = new Play(state);
    game.state.limitsChanged();
    expect(game.state.beginExchange().inUse).toHaveLength(2);
    game.state.notExchanged();
    expect(game.state.beginExchange().inUse).toHaveLength(2);
  });
});

type Move =
  | { kind: 'end'; game: number; nth: number; how: string }
  | { kind: 'order'; game: number; name: 'pause' | 'resume' | 'retryFailed' | 'abort' }
  | { kind: 'skip'; game: number; nth: number }
  | { kind: 'carry'; game: number }
  | { kind: 'lost'; game: number }
  | { kind: 'slow'; game: number; other: number }
  | { kind: 'pass'; ms: number };

const GAMES = 3;
const game = fc.nat(GAMES - 1);
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      game,
      nth: fc.nat(8),
      how: fc.constantFrom('migrated', 'migrated', 'migrated', ...Object.keys(ENDINGS)),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      game,
      name: fc.constantFrom('pause', 'resume', 'resume', 'retryFailed'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('order' as const), game, name: fc.constant('abort') }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('skip' as const), game, nth: fc.nat(15) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('carry' as const), game }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('lost' as const), game }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('slow' as const), game, other: game }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1_000, 600_000) }),
  },
);

const campaigns = fc.array(
  fc.record({
    targets: fc.array(fc.integer({ min: 5, max: 7 }), { minLength: 1, maxLength: 15 }),
    total: fc.integer({ min: 1, max: 6 }),
    perTargetVim: fc.integer({ min: 1, max: 6 }),
    services: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: GAMES, maxLength: GAMES },
);

const sharedLimits = fc.record({
  total: fc.option(fc.integer({ min: 1, max: 5 })),
  vims: fc.constant<SharedLimits['vims']>([
    { vimUuid: vim(5), in: 1, out: null },
    { vimUuid: vim(6), in: 3, out: null },
    { vimUuid: vim(0), in: null, out: 2 },
  ]),
});

function playMove(deployment: Deployment, step: Move): void {
  if (step.kind === 'pass') {
    for (const one of deployment.games) one.pass(step.ms);
    return;
  }
  const one = deployment.games[step.game]!;
  switch (step.kind) {
    case 'end': {
      const running = one.inFlight();
      const item = running[step.nth % Math.max(1, running.length)];
      if (item !== undefined) one.end(item, ENDINGS[step.how]!);
      return;
    }
    case 'order':
      one.order(step.name);
      return;
    case 'skip':
      one.order('skip', { vnfUuids: [one.state.items[step.nth % one.state.items.length]!.present] });
      return;
    case 'carry':
      one.state.withdraw();
      one.carry();
      return;
    case 'lost':
      if (one.state.exchangeDueMs(one.nowMs) !== null) deployment.exchange(step.game, { isLost: true });
      return;
    case 'slow': {
      const other = deployment.games[step.other]!;
      const [running] = other.inFlight();
      if (step.other === step.game || running === undefined || one.state.facts.shared === undefined) return;
      // What another campaign gives back is granted before the answer has come.
      const meanwhile = (): void => {
        other.end(running, ENDINGS['migrated']!);
        deployment.exchange(step.other);
      };
      deployment.exchange(step.game, { meanwhile });
    }
  }
}

function toTheEnd(deployment: Deployment): void {
  for (let steps = 0; steps < 2_000; steps += 1) {
    const open = deployment.games.filter(({ state }) => !state.isDone);
    if (open.length === 0) break;
    for (const one of open) {
      one.order('resume');
      for (const item of one.state.lookUps) one.lookUp(item, { isListed: true });
      const [running] = one.inFlight();
      if (running !== undefined) one.end(running, ENDINGS['migrated']!);
    }
    deployment.settle();
    for (const one of deployment.games) one.pass(900_000);
    deployment.settle();
  }
}

describe('campaigns of one deployment, whatever happens', () => {
  it('exceed no limit of it together, end, and leave no permit behind', () => {
    fc.assert(
      fc.property(campaigns, sharedLimits, fc.array(move, { maxLength: 60 }), (all, limits, moves) => {
        const given = all.map(({ targets, total, perTargetVim, services }, index): Given => ({
          items: targets.map((target, nth) => ({
            service: 100 * index + (nth % services),
            source: nth % 2,
            target,
          })),
          limits: { total, perTargetVim, perSourceVim: 6 },
          firstVnf: 1_000 * (index + 1),
        }));
        const deployment = new Deployment(limits, given);
        for (const step of moves) {
          playMove(deployment, step);
          deployment.settle();
        }
        toTheEnd(deployment);
        for (const { state } of deployment.games) expect(state.isDone && state.isEvenWithLimits).toBe(true);
        expect(deployment.ledger.leases.size).toBe(0);
        expect(deployment.ledger.requests.size).toBe(0);
      }),
      { numRuns: 300, seed: STARTED_AT_MS % 1_000, endOnFailure: true },
    );
  });
});
