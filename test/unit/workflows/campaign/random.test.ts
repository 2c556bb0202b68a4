/**
 * Random campaigns with random endings, orders and pauses. The invariants hold after each step, and every campaign
 * ends.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { campaignOf, ENDINGS, Play, service, uuid, vim, type Given } from './play.js';

const given: fc.Arbitrary<Given> = fc.record({
  items: fc.array(
    fc.record({
      service: fc.nat(12),
      source: fc.option(fc.nat(3), { nil: null, freq: 8 }),
      target: fc.integer({ min: 4, max: 6 }),
      priority: fc.integer({ min: -1, max: 2 }),
      wave: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 40 },
  ),
  limits: fc.record({
    total: fc.integer({ min: 1, max: 8 }),
    perSourceVim: fc.integer({ min: 1, max: 4 }),
    perTargetVim: fc.integer({ min: 1, max: 4 }),
  }),
  order: fc.constantFrom('priority' as const, 'input' as const),
  waves: fc.record({ gate: fc.constantFrom('none' as const, 'manual' as const) }),
  budget: fc.record({
    maxErrors: fc.constantFrom('10%', '100%', 0, 3),
    maxConsecutive: fc.integer({ min: 1, max: 6 }),
    action: fc.constantFrom('pause' as const, 'pause' as const, 'abort' as const),
  }),
  hasRepository: fc.boolean(),
});

const window = (more: object): object => ({
  kind: 'allow',
  timeZone: 'Europe/Athens',
  duration: '6h',
  ...more,
});
const WINDOWS = [
  [window({ cron: '0 22 * * *' })],
  [window({ days: ['mon', 'wed', 'sat'], start: '01:30', duration: '3h' })],
  [
    window({ cron: '0 20 * * *', duration: '8h' }),
    window({ kind: 'deny', cron: '30 22 * * *', duration: '45m' }),
  ],
  [window({ kind: 'deny', cron: '0 6 * * *', duration: '12h' })],
] as NonNullable<Given['windows']>[];

/** Each of them in a third of the campaigns. */
const timed = fc.record(
  {
    windows: fc.constantFrom(...WINDOWS),
    cutoff: fc.constantFrom('auto' as const, '20m', 1),
    notBefore: fc.constant('2023-11-15T12:00:00+02:00'),
    rampUp: fc.record({ from: fc.integer({ min: 1, max: 3 }), factor: fc.constantFrom(1.5, 2, 3) }),
    soak: fc.constantFrom('1m', '10m', '3h'),
  },
  { requiredKeys: [] },
);

const withTime = fc.tuple(fc.boolean(), timed).map(([isTimed, { soak, ...times }]) => ({
  times: isTimed ? times : {},
  soak: isTimed ? soak : undefined,
}));

const withCanary = fc
  .tuple(
    given,
    fc.option(fc.record({ count: fc.integer({ min: 1, max: 10 }), pauseAfter: fc.boolean() })),
    withTime,
  )
  .map(([one, canary, { times, soak }]): Given => {
    const waves = { ...one.waves, ...(soak === undefined ? {} : { soak }) };
    return { ...one, ...times, waves, ...(canary === null ? {} : { canary }) };
  });

type Move =
  | { kind: 'end'; nth: number; how: string }
  | { kind: 'pass'; ms: number }
  | { kind: 'refused'; index: number }
  | { kind: 'order'; name: 'pause' | 'resume' | 'approve' | 'retryFailed' | 'abort' | 'startNow' }
  | { kind: 'skip'; index: number }
  | { kind: 'limits'; limits: object }
  | { kind: 'budget'; maxErrors: number }
  | { kind: 'windows'; change: object }
  | { kind: 'add'; wave: number; priority: number }
  | { kind: 'reprioritize'; index: number; priority: number }
  | {
      kind: 'owner';
      nth: number;
      standing: 'running' | 'migrated' | 'already-there' | 'failed' | 'gone';
      isOurTarget: boolean;
    }
  | { kind: 'look'; isListed: boolean; successors: number }
  | { kind: 'answer' }
  | { kind: 'carry' };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 70,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      nth: fc.nat(8),
      how: fc.oneof(
        { weight: 5, arbitrary: fc.constant('migrated') },
        { weight: 6, arbitrary: fc.constantFrom(...Object.keys(ENDINGS)) },
      ),
    }),
  },
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 1_000, 60_000, 3_600_000),
    }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('refused' as const), index: fc.nat(40) }) },
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      name: fc.constantFrom('pause', 'resume', 'resume', 'approve', 'approve', 'retryFailed', 'startNow'),
    }),
  },
  { weight: 3, arbitrary: fc.constant<Move>({ kind: 'order', name: 'abort' }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('skip' as const), index: fc.nat(40) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('limits' as const),
      limits: fc.constantFrom(
        { total: 1 },
        { total: 9 },
        { perSourceVim: 1 },
        { perTargetVim: 3, perSourceVim: 3 },
      ),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('budget' as const), maxErrors: fc.nat(5) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('windows' as const),
      change: fc.constantFrom(
        { windows: null },
        { windows: WINDOWS[0] },
        { cutoff: '1h' },
        { notBefore: null },
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      wave: fc.integer({ min: 1, max: 4 }),
      priority: fc.integer({ min: -1, max: 2 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('reprioritize' as const),
      index: fc.nat(40),
      priority: fc.integer({ min: -1, max: 3 }),
    }),
  },
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constant('owner' as const),
      nth: fc.nat(5),
      standing: fc.constantFrom('running', 'migrated', 'already-there', 'failed', 'gone'),
      isOurTarget: fc.boolean(),
    }),
  },
  {
    weight: 15,
    arbitrary: fc.record({
      kind: fc.constant('look' as const),
      isListed: fc.boolean(),
      successors: fc.nat(2),
    }),
  },
  { weight: 5, arbitrary: fc.constant<Move>({ kind: 'answer' }) },
  { weight: 5, arbitrary: fc.constant<Move>({ kind: 'carry' }) },
);

/** How whatever is left ends, again and again: even the most patient waiting must have an end. */
const lastEnds = fc.constantFrom('busy', 'silence', 'no broker', 'failed');

/** Ids that the repository names, each once. */
let invented = 0;

function play(game: Play, step: Move): void {
  const { state } = game;
  switch (step.kind) {
    case 'end': {
      const running = game.inFlight();
      const item = running[step.nth % Math.max(running.length, 1)];
      if (item !== undefined) game.end(item, ENDINGS[step.how]!);
      return;
    }
    case 'pass':
      game.pass(step.ms);
      return;
    case 'refused': {
      const item = state.items[step.index % state.items.length]!;
      if (item.state === 'RUNNING') state.startRefused(item, game.nowMs);
      game.startDue();
      return;
    }
    case 'order':
      game.order(step.name);
      return;
    case 'skip':
      game.order('skip', { vnfUuids: [uuid((step.index % state.items.length) + 1)] });
      return;
    case 'limits':
      game.order('setLimits', { limits: step.limits });
      return;
    case 'budget':
      game.order('setBudget', { budget: { maxErrors: step.maxErrors } });
      return;
    case 'windows':
      game.order('setWindows', step.change);
      return;
    case 'add': {
      const { wave, priority } = step;
      const ids = { serviceInstanceUuid: service(wave), vnfUuid: uuid(0xe0_0000 + (invented += 1)) };
      game.order('addItems', { items: [{ ...ids, vimUuid: vim(5), wave, priority }] });
      return;
    }
    case 'reprioritize': {
      const { vnf } = state.items[step.index % state.items.length]!;
      game.order('reprioritize', { vnfUuids: [vnf], priority: step.priority });
      return;
    }
    case 'owner': {
      const due = state.toDescribe(game.nowMs, 100);
      due.forEach((item, nth) => {
        const { standing, isOurTarget } = step;
        const vimUuid = isOurTarget ? item.target : vim(9);
        const newVnfUuid = standing === 'migrated' ? uuid(0xc0_0000 + (invented += 1)) : null;
        if (item.state === 'RUNNING') state.undescribed(item, game.nowMs);
        else if (nth === step.nth) game.describe(item, { standing, vimUuid, newVnfUuid });
        else state.undescribed(item, game.nowMs);
      });
      return;
    }
    case 'look': {
      const [item] = state.lookUps;
      const candidates = Array.from({ length: step.successors }, () => ({
        vnfUuid: uuid(0xd0_0000 + (invented += 1)),
        vimUuids: [vim(1)],
      }));
      if (item !== undefined)
        game.lookUp(item, { isListed: step.isListed, candidates: step.isListed ? [] : candidates });
      return;
    }
    case 'answer':
      state.manoSpoke('a probe', game.nowMs);
      game.startDue();
      return;
    case 'carry':
      game.carry();
  }
}

/** Nobody pauses any more, and everything that is asked is answered: how many steps it takes. */
function toTheEnd(game: Play, how: string): number {
  let steps = 0;
  for (; !game.state.isDone && steps < 5_000; steps += 1) {
    const { state } = game;
    if (state.pause !== null) game.order('resume');
    if (state.facts.gateSinceMs !== null) game.order('approve');
    const [looked] = state.lookUps;
    const [running] = game.inFlight();
    if (looked !== undefined) game.lookUp(looked, { isListed: true });
    else if (running !== undefined) game.end(running, ENDINGS[how]!);
    else {
      game.pass(3_600_000);
      for (const item of state.toDescribe(game.nowMs, 100)) game.describe(item, { standing: 'failed' });
    }
  }
  return steps;
}

describe('a campaign, whatever happens', () => {
  it('holds its limits, lets nothing wait without a reason, and ends', () => {
    fc.assert(
      fc.property(withCanary, fc.array(move, { maxLength: 120 }), lastEnds, (one, moves, lastEnd) => {
        const game = new Play(campaignOf(one));
        const ended = new Map<number, string>();
        for (const step of moves) {
          play(game, step);
          const { state } = game;
          for (const { index, state: now } of state.items) {
            if (ended.has(index) && ended.get(index) !== now) throw new Error(`${now} after its end`);
            if (['MIGRATED', 'ALREADY_THERE', 'SKIPPED'].includes(now)) ended.set(index, now);
          }
        }
        toTheEnd(game, lastEnd);
        expect(game.state.isDone).toBe(true);
      }),
      { numRuns: 200, seed: 20_260, endOnFailure: true },
    );
  });
});
