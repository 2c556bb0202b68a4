/** The effect of each ending and each order on a campaign. */
import { describe, expect, it } from 'vitest';
import { finalStateOf, campaignStateOf } from '../../../../src/workflows/campaign/state-name.js';
import { campaignOf, ENDINGS, Play, uuid, vim, type Given } from './play.js';

const MINUTE_MS = 60_000;

/** Items of services of their own, all of which may run at once. */
function game(count: number, more: Partial<Given> = {}): Play {
  return new Play(
    campaignOf({
      items: Array.from({ length: count }, (_, index) => ({ service: index, source: 1, target: 5 })),
      limits: { total: 500, perSourceVim: 500, perTargetVim: 500 },
      ...more,
    }),
  );
}

const end = (one: Play, index: number, how: string): void => one.end(one.item(index), ENDINGS[how]!);

describe('an ending', () => {
  it.each([
    ['migrated', 'MIGRATED'],
    ['already-there', 'ALREADY_THERE'],
    ['failed', 'FAILED'],
    ['rejected', 'FAILED'],
    ['unknown', 'UNKNOWN'],
    ['lost', 'UNKNOWN'],
    ['cancelled', 'CANCELLED'],
    ['silence', 'FAILED'],
    ['busy', 'WAITING'],
  ])('%s makes its item %s', (how, state) => {
    const one = game(2);
    end(one, 0, how);
    expect(one.states()[0]).toBe(state);
  });

  it('that is told twice counts once', () => {
    const one = game(20);
    end(one, 0, 'failed');
    end(one, 0, 'migrated');
    expect(one.states()[0]).toBe('FAILED');
    expect(one.state.counts).toMatchObject({ FAILED: 1, MIGRATED: 0 });
  });
});

describe('a busy service', () => {
  it('is waited for, later each time, and after five times it is a failure that spends no budget', () => {
    const one = game(1, { budget: { maxErrors: 0 } });
    const waits: number[] = [];
    while (one.states()[0] !== 'FAILED' && waits.length < 20) {
      end(one, 0, 'busy');
      const sinceMs = one.nowMs;
      expect(one.state.waitReasonOf(one.item(0))).toBe(one.states()[0] === 'FAILED' ? null : 'backoff');
      while (one.states()[0] === 'WAITING') one.pass(MINUTE_MS);
      waits.push((one.nowMs - sinceMs) / MINUTE_MS);
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 0]);
    expect(one.starts.get(0)).toBe(6);
    expect(one.state.errors).toBe(0);
    expect(one.state.facts.pauses).toEqual({});
  });
});

describe('the budget', () => {
  it('trips when more than the allowed have failed, not before', () => {
    const one = game(20, { budget: { maxErrors: '10%', maxConsecutive: 20 } });
    end(one, 0, 'failed');
    end(one, 1, 'unknown');
    expect(campaignStateOf(one.state)).toBe('RUNNING');
    end(one, 2, 'rejected');
    expect(one.state.pause?.cause).toBe('budget');
  });

  it('trips on failures in a row, which a success interrupts', () => {
    const one = game(20, { budget: { maxErrors: '100%', maxConsecutive: 3 } });
    for (const [index, how] of ['failed', 'failed', 'migrated', 'failed', 'busy', 'failed'].entries()) {
      end(one, index, how);
    }
    expect(one.state.pause).toBeNull();
    for (const index of [6, 7, 8]) end(one, index, 'failed');
    expect(one.state.pause?.cause).toBe('budget');
  });

  it('aborts where it says so: what has not begun is cancelled, what runs ends', () => {
    const one = game(20, {
      budget: { maxErrors: 0, action: 'abort' },
      limits: { total: 2, perSourceVim: 2, perTargetVim: 2 },
    });
    end(one, 0, 'failed');
    expect(campaignStateOf(one.state)).toBe('DRAINING');
    expect(one.state.counts).toMatchObject({ FAILED: 1, RUNNING: 1, CANCELLED: 18 });
    end(one, 1, 'migrated');
    expect(one.state.isDone).toBe(true);
  });

  it('is not spent by what is cancelled or already there', () => {
    const one = game(3, { budget: { maxErrors: 0 } });
    end(one, 0, 'cancelled');
    end(one, 1, 'already-there');
    expect(one.state.pause).toBeNull();
  });

  it('that is lowered below what has failed trips at once', () => {
    const one = game(20);
    end(one, 0, 'failed');
    one.order('setBudget', { budget: { maxErrors: 0 } });
    expect(one.state.pause?.cause).toBe('budget');
  });
});

describe('a deaf MANO', () => {
  const deaf = (more: Partial<Given> = {}): Play => {
    const one = game(10, { budget: { maxErrors: 0 }, ...more });
    for (const index of [0, 1, 2]) end(one, index, 'silence');
    return one;
  };

  it('is three migrations in a row without an ack: it pauses, and they wait again', () => {
    const one = deaf();
    expect(one.state.pause?.cause).toBe('mano-deaf');
    expect(one.states().slice(0, 3)).toEqual(['WAITING', 'WAITING', 'WAITING']);
    expect(one.state.errors).toBe(0);
    end(one, 3, 'no broker');
    expect(one.states()[3]).toBe('WAITING');
  });

  it('is not two of them and another end', () => {
    const one = game(10, { budget: { maxErrors: 10, maxConsecutive: 10 } });
    for (const [index, how] of ['silence', 'silence', 'failed', 'silence'].entries()) end(one, index, how);
    expect(one.state.pause).toBeNull();
    expect(one.states().slice(0, 4)).toEqual(['FAILED', 'FAILED', 'FAILED', 'FAILED']);
    expect(one.state.facts.consecutive).toBe(3);
  });

  it('has not spent the budget while it may turn out to be deaf', () => {
    const one = game(10);
    for (const index of [0, 1]) end(one, index, 'silence');
    one.order('setBudget', { budget: { maxErrors: 1 } });
    expect(one.state.pause).toBeNull();
    end(one, 2, 'migrated');
    expect(one.state.pause?.cause).toBe('budget');
  });

  it('goes on when it answers anything; what was sent is looked up first', () => {
    const one = deaf();
    one.state.manoSpoke('a probe', one.nowMs);
    one.startDue();
    expect(one.state.pause).toBeNull();
    expect(one.state.lookUps.size).toBe(3);
    one.lookUp(one.item(0), { isListed: true });
    expect(one.states()[0]).toBe('RUNNING');
  });

  it('that goes on again and again costs each item three times, then it has failed', () => {
    const one = deaf({ hasRepository: false, budget: { maxErrors: '100%', maxConsecutive: 100 } });
    for (let step = 0; step < 200 && !one.state.isDone; step += 1) {
      one.state.manoSpoke('a probe', one.nowMs);
      one.startDue();
      const [item] = one.inFlight();
      if (item !== undefined) one.end(item, ENDINGS['silence']!);
    }
    expect(one.state.counts.FAILED).toBe(10);
    expect(Math.max(...one.starts.values())).toBe(4);
  });

  it('leaves an order to pause alone when it answers', () => {
    const one = deaf();
    one.order('pause');
    one.state.manoSpoke('a probe', one.nowMs);
    expect(one.state.pause?.cause).toBe('operator');
  });
});

describe('a VNF that another caller moves', () => {
  const owned = (more: Partial<Given> = {}): Play => {
    const one = game(1, more);
    one.state.startRefused(one.item(0), one.nowMs);
    expect(one.state.waitReasonOf(one.item(0))).toBe('owned-by');
    return one;
  };

  it('is asked about later each time, and occupies nothing', () => {
    const one = owned();
    expect(one.state.counts.RUNNING).toBe(0);
    expect(one.state.running.size).toBe(0);
    expect(one.state.toDescribe(one.nowMs, 10)).toEqual([]);
    one.pass(1_000);
    expect(one.state.toDescribe(one.nowMs, 10)).toEqual([one.item(0)]);
    one.describe(one.item(0), { standing: 'running' });
    one.pass(1_000);
    expect(one.state.toDescribe(one.nowMs, 10)).toEqual([]);
    one.pass(1_000);
    expect(one.state.toDescribe(one.nowMs, 10)).toHaveLength(1);
  });

  it('is already there when it ends on the same target', () => {
    const one = owned();
    one.describe(one.item(0), { standing: 'migrated', vimUuid: vim(5), newVnfUuid: uuid(99) });
    expect(one.item(0)).toMatchObject({ state: 'ALREADY_THERE', newVnf: uuid(99) });
  });

  it('goes on under its new id when it ends elsewhere', () => {
    const one = owned();
    one.describe(one.item(0), { standing: 'migrated', vimUuid: vim(7), newVnfUuid: uuid(99) });
    expect(one.item(0)).toMatchObject({ state: 'RUNNING', present: uuid(99), source: vim(7) });
  });

  it('is looked up when nobody told its new id', () => {
    const one = owned();
    one.describe(one.item(0), { standing: 'migrated', vimUuid: vim(7) });
    one.lookUp(one.item(0), { isListed: false, candidates: [{ vnfUuid: uuid(99), vimUuids: [vim(7)] }] });
    expect(one.item(0)).toMatchObject({ state: 'RUNNING', present: uuid(99), source: vim(7) });
  });

  it('has failed where its new id is among several, or nobody can be asked', () => {
    const one = owned();
    one.describe(one.item(0), { standing: 'migrated', vimUuid: vim(7) });
    const candidates = [98, 99].map((id) => ({ vnfUuid: uuid(id), vimUuids: [vim(7)] }));
    one.lookUp(one.item(0), { isListed: false, candidates });
    expect(one.states()).toEqual(['FAILED']);
    const blind = owned({ hasRepository: false });
    blind.describe(blind.item(0), { standing: 'migrated', vimUuid: vim(7) });
    expect(blind.states()).toEqual(['FAILED']);
  });

  it('is not sent again where nobody knows what the other has done', () => {
    const one = owned({ hasRepository: false });
    one.describe(one.item(0), { standing: 'failed', failureType: 'MigrationOutcomeUnknown', inDoubt: true });
    expect(one.states()).toEqual(['UNKNOWN']);
  });

  it('may use its id again where the other found it elsewhere already', () => {
    const one = owned();
    one.describe(one.item(0), { standing: 'already-there', vimUuid: vim(1) });
    expect(one.item(0)).toMatchObject({ state: 'RUNNING' });
  });

  it('is given up when its id is taken again and again', () => {
    const one = owned();
    for (let round = 0; round < 30 && one.states()[0] !== 'FAILED'; round += 1) {
      one.describe(one.item(0), { standing: 'cancelled' });
      if (one.states()[0] === 'WAITING' && one.item(0).mustLookUp)
        one.lookUp(one.item(0), { isListed: true });
      one.state.startRefused(one.item(0), one.nowMs);
    }
    expect(one.states()).toEqual(['FAILED']);
  });
});

describe('orders', () => {
  const small = { limits: { total: 2, perSourceVim: 2, perTargetVim: 2 } };

  it('pause lets what runs end, and nothing start', () => {
    const one = game(5, small);
    one.order('pause');
    end(one, 0, 'migrated');
    expect(one.states()).toEqual(['MIGRATED', 'RUNNING', 'WAITING', 'WAITING', 'WAITING']);
    expect(one.state.waitReasonOf(one.item(2))).toBe('paused');
    one.order('resume');
    expect(one.states()[2]).toBe('RUNNING');
  });

  it('that make no sense are refused', () => {
    const one = game(5, small);
    expect(one.order('resume')).toBe(false);
    expect(one.order('approve')).toBe(false);
    expect(one.order('retryFailed')).toBe(false);
    expect(one.order('skip', { vnfUuids: [uuid(1)] })).toBe(false);
    expect(one.order('skip', { vnfUuids: [uuid(77)] })).toBe(false);
    expect(one.order('setLimits', { limits: {} })).toBe(false);
    expect(one.order('setLimits', { limits: { total: 0 } })).toBe(false);
    one.order('pause');
    expect(one.order('pause')).toBe(false);
    one.order('abort');
    expect(one.order('abort')).toBe(false);
    expect(one.order('pause')).toBe(false);
    expect(one.state.audit.view().map(({ action }) => action)).toEqual(['pause', 'abort']);
  });

  it('lower a limit without cancelling anything, and raise it with effect at once', () => {
    const one = game(5, small);
    one.order('setLimits', { limits: { total: 1 } });
    expect(one.inFlight()).toHaveLength(2);
    end(one, 0, 'migrated');
    expect(one.inFlight()).toHaveLength(1);
    one.order('setLimits', { limits: { total: 3, perSourceVim: 3, perTargetVim: 3 } });
    expect(one.inFlight()).toHaveLength(3);
  });

  it('a migration that is cancelled while the MANO may be at it leaves an UNKNOWN item', () => {
    const one = game(2, small);
    one.end(one.item(0), { ...ENDINGS['cancelled']!, inDoubt: true });
    one.end(one.item(1), ENDINGS['cancelled']!);
    expect(one.states()).toEqual(['UNKNOWN', 'CANCELLED']);
  });

  it('what an evacuation left on purpose does not hide what it could not move', () => {
    const one = game(1, small);
    end(one, 0, 'migrated');
    const left = (kind: 'excluded' | 'several-vims', nth: number) => {
      return { kind, serviceInstanceUuid: null, vnfUuid: uuid(nth), vimUuids: [], message: '' };
    };
    const onPurpose = Array.from({ length: 400 }, (_, nth) => left('excluded', nth));
    one.state.leave([...onPurpose, left('several-vims', 999)]);
    expect(one.state.facts.residual[0]?.kind).toBe('several-vims');
    expect(finalStateOf(one.state)).toBe('COMPLETED_WITH_ERRORS');
  });

  it('retryFailed does not take a sibling, which nobody has moved, for the VNF', () => {
    const one = game(2, small);
    end(one, 0, 'unknown');
    end(one, 1, 'migrated');
    one.order('retryFailed');
    const sibling = { vnfUuid: uuid(99), vimUuids: [one.item(0).source ?? ''] };
    one.lookUp(one.item(0), { isListed: false, candidates: [sibling] });
    expect(one.item(0)).toMatchObject({ state: 'FAILED', present: one.item(0).vnf });
    expect(one.item(0).message).toContain(uuid(99));
  });

  it('what waits again has no start, so that a report draws no bar for it', () => {
    const one = game(1, small);
    end(one, 0, 'failed');
    one.order('pause');
    one.order('retryFailed');
    expect(one.item(0)).toMatchObject({ state: 'WAITING', startedAtMs: null, finishedAtMs: null });
  });

  it('retryFailed begins a new generation, which is looked up first, also while an abort drains', () => {
    const one = game(5, { ...small, budget: { maxErrors: 5 } });
    end(one, 0, 'failed');
    one.order('abort');
    expect(one.state.counts).toMatchObject({ FAILED: 1, RUNNING: 2, CANCELLED: 2 });
    one.order('retryFailed');
    expect(campaignStateOf(one.state)).toBe('RUNNING');
    expect(one.item(0)).toMatchObject({ state: 'WAITING', generation: 2, mustLookUp: true });
    expect(one.item(3)).toMatchObject({ state: 'WAITING', generation: 2, mustLookUp: false });
    const moved = { vnfUuid: uuid(99), vimUuids: [one.item(0).target ?? ''] };
    one.lookUp(one.item(0), { isListed: false, candidates: [moved] });
    end(one, 1, 'migrated');
    expect(one.item(0)).toMatchObject({ state: 'RUNNING', present: uuid(99) });
  });
});
