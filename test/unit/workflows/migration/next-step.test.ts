/**
 * The reaction of a migration to each event, row by row, and the faults that the ledger decides. Every case plays
 * the workflow's loop with the default policy, in virtual time.
 */
import { describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../../../src/shared/migration/contract.js';
import { record } from '../../../../src/workflows/migration/attempt-ledger.js';
import type { Step } from '../../../../src/workflows/migration/next-step.js';
import { mayBeRunning } from '../../../../src/workflows/migration/next-step.js';
import {
  LOOK,
  ledgerOf,
  NEW_VNF,
  replyOf,
  type LookKind,
  type ProbeAnswerKind,
  type ReplyKind,
} from './facts.js';
import { play, settle, start, stepOf, type SentKind, type State } from './loop.js';

class Story {
  state: State;

  constructor({
    hasRepository = false,
    policy = {},
  }: { hasRepository?: boolean; policy?: PolicyInput } = {}) {
    this.state = start(ledgerOf({ hasRepository, policy }));
  }

  /** Takes steps until the loop waits, asks or ends; looks find `look`. */
  go(
    until: Step['kind'] = 'wait',
    { look = 'untouched', sent = 'confirmed' }: { look?: LookKind; sent?: SentKind } = {},
  ) {
    this.state = settle(this.state, { look, sent, until: ({ kind }) => kind === until });
    return this;
  }

  /** Until the request is published and the loop waits for an answer. */
  request(sent: SentKind = 'confirmed') {
    this.go('publish');
    this.state = play(this.state, { kind: 'go' });
    this.state = play(this.state, { kind: 'published', sent, tookMs: 0 });
    return this;
  }

  probe(answer?: ProbeAnswerKind) {
    this.go('probe');
    this.state = play(this.state, { kind: 'go' });
    this.state = play(this.state, { kind: 'published', sent: 'confirmed', tookMs: 0 });
    return answer === undefined ? this : this.answer(this.state.ledger.probes.length - 1, answer);
  }

  reply(to: number, ...replies: ReplyKind[]) {
    for (const reply of replies) this.state = play(this.state, { kind: 'reply', to, reply });
    return this;
  }

  answer(to: number, answer: ProbeAnswerKind) {
    this.state = play(this.state, { kind: 'answer', to, answer });
    return this;
  }

  stray(reply: ReplyKind) {
    this.state = play(this.state, { kind: 'stray', reply });
    return this;
  }

  pass(ms: number) {
    this.state = play(this.state, { kind: 'pass', ms });
    return this;
  }

  look(seen: LookKind) {
    expect(this.step.kind).toBe('look');
    this.state = play(play(this.state, { kind: 'go' }), { kind: 'looked', seen, tookMs: 0 });
    return this;
  }

  /** To the end, with everything found as `look` says and nobody answering. */
  end(look: LookKind = 'untouched') {
    this.state = settle(this.state, { look, until: () => false });
    return this.verdict;
  }

  get step(): Step {
    return stepOf(this.state);
  }

  get attempts(): number {
    return this.state.ledger.attempts.length;
  }

  get verdict() {
    const { step } = this;
    if (step.kind !== 'close') throw new Error(`no end, but ${JSON.stringify(step)}`);
    return step.verdict;
  }
}

const withRepository = (policy: PolicyInput = {}): Story => new Story({ hasRepository: true, policy });
const withoutRepository = (policy: PolicyInput = {}): Story => new Story({ policy });
const failure = (type: string, retryable: boolean) => ({ kind: 'failure', type, retryable });
const waiting = (phase: string) => ({ kind: 'wait', phase });
const publishing = (reason: string) => ({ kind: 'publish', reason });
const either = [
  ['with a repository', withRepository],
  ['without', withoutRepository],
] as const;

describe('READY', () => {
  it('is the end, with or without an ack before it', () => {
    expect(withoutRepository().request().reply(0, 'ready').verdict).toMatchObject({
      kind: 'migrated',
      evidence: 'reply',
    });
    expect(withoutRepository().request().reply(0, 'ack', 'ready').verdict.kind).toBe('migrated');
  });

  it('counts before its own publish has ended', () => {
    const story = withoutRepository().go('publish');
    story.state = play(story.state, { kind: 'go' });
    story.reply(0, 'ready');
    story.state = play(story.state, { kind: 'published', sent: 'perhaps', tookMs: 5 });
    expect(story.verdict.kind).toBe('migrated');
  });

  it('counts for an earlier request, as a late reply (M4)', () => {
    const story = withoutRepository().request().probe('free').request().reply(0, 'ready');
    expect(story.verdict).toMatchObject({ kind: 'migrated', evidence: 'late-reply' });
  });

  it.each([['final-error'], ['busy'], ['unknown-vnf'], ['removal-failed'], ['ack']] as const)(
    'wins over %s, in either order (M3, M8)',
    (other) => {
      expect(withoutRepository().request().reply(0, other, 'ready').verdict.kind).toBe('migrated');
      expect(withoutRepository().request().reply(0, 'ready', other).verdict.kind).toBe('migrated');
    },
  );

  it('is verified where there is a repository, which knows the new id', () => {
    const story = withRepository().request().reply(0, 'ack', 'ready').look('moved');
    expect(story.verdict).toMatchObject({ kind: 'migrated', evidence: 'reply', newVnfUuid: NEW_VNF });
  });

  it('is believed where the repository cannot be read', () => {
    expect(withRepository().request().reply(0, 'ready').look('unreadable').verdict.kind).toBe('migrated');
  });

  it('is set aside where the repository contradicts it, and stays so when it cannot be read (M11)', () => {
    const story = withRepository({ probe: 'off' }).request().reply(0, 'ack', 'ready').look('untouched');
    expect(story.step).toMatchObject(waiting('awaiting-final'));
    expect(mayBeRunning(story.state.ledger)).toBe(true);
    expect(story.pass(1_800_000).look('unreadable').step).toMatchObject(waiting('reconciling'));
    expect(story.end('unreadable')).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });

  it('set aside, is no reason to call a request harmless', () => {
    const story = withRepository({ deadline: '10m' }).request().reply(0, 'ready').look('untouched');
    expect(story.end('untouched')).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });

  it('is not judged by records that were read before it came', () => {
    const story = withRepository().request().reply(0, 'final-error');
    story.state = play(story.state, { kind: 'go' });
    story.reply(0, 'ready');
    story.state = play(story.state, { kind: 'looked', seen: 'untouched', tookMs: 1_000 });
    expect(story.look('moved').verdict.kind).toBe('migrated');
  });

  it('in hand at the deadline is verified all the same', () => {
    const story = withRepository({ deadline: '1m' }).request().pass(60_000).reply(0, 'ready');
    expect(story.look('moved').verdict.kind).toBe('migrated');
  });
});

describe('ERROR "already deployed on this vim"', () => {
  it('is already-there', () => {
    expect(withoutRepository().request().reply(0, 'already-there').verdict).toMatchObject({
      kind: 'already-there',
      evidence: 'reply',
    });
  });

  it('is believed by a repository only if it shows that VNF there', () => {
    const told = () => withRepository().request().reply(0, 'already-there');
    expect(told().look('on-target').verdict).toMatchObject({
      kind: 'already-there',
      evidence: 'repository',
    });
    // A dead id sent to its old VIM gets the same answer.
    expect(told().look('dead').verdict).toMatchObject(failure('MigrationRejected', false));
    expect(told().look('untouched').verdict).toMatchObject(failure('MigrationRejected', false));
    expect(told().look('no-such-service').verdict).toMatchObject(failure('MigrationRejected', false));
    expect(told().look('unreadable').step).toMatchObject(waiting('reconciling'));
  });

  it('is told without a request where the first look shows it', () => {
    const story = withRepository().look('on-target');
    expect(story.verdict).toMatchObject({ kind: 'already-there', evidence: 'repository' });
    expect(story.attempts).toBe(0);
  });
});

describe('ERROR "still going on"', () => {
  it.each(either)('waits for the final while the same request runs, %s (M5)', (_, open) => {
    expect(open().request().reply(0, 'busy', 'ack').step).toMatchObject(waiting('awaiting-final'));
    expect(open().request().reply(0, 'ack', 'busy').step).toMatchObject(waiting('awaiting-final'));
  });

  it('waits for the final of an earlier request of ours (M4)', () => {
    const story = withoutRepository().request().probe('free').request().reply(0, 'ack').reply(1, 'busy');
    expect(story.step).toMatchObject(waiting('awaiting-final'));
    expect(story.reply(0, 'final-error').verdict).toMatchObject(failure('MigrationFailed', false));
  });

  it.each(either)('otherwise asks again with backoff, and spends no attempt, %s', (_, open) => {
    const story = open({ maxAttempts: 1 }).request();
    const waits: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      story.reply(count, 'busy');
      waits.push(story.step.kind === 'wait' ? story.step.untilMs - story.state.nowMs : 0);
      story.go('publish');
      expect(story.step).toMatchObject(publishing('service-was-busy'));
      story.request();
    }
    expect(waits).toEqual([20_000, 40_000, 80_000, 160_000]);
  });

  it.each(either)('ends as ServiceBusy after busyTimeout in a row, %s (M6)', (_, open) => {
    const story = open().request();
    const firstMs = story.state.nowMs;
    for (let count = 0; story.step.kind !== 'close'; count += 1) {
      story.reply(count, 'busy').go('publish');
      if (story.step.kind === 'publish') story.request();
    }
    expect(story.verdict).toMatchObject(failure('ServiceBusy', true));
    expect(story.verdict.message).toContain('must be restarted');
    expect(story.state.nowMs - firstMs).toBe(1_800_000);
  });

  it('counts busyTimeout anew after something else happened', () => {
    const story = withoutRepository({ busyTimeout: '1m', maxAttempts: 3 })
      .request()
      .reply(0, 'busy')
      .request();
    story.probe('free').request().reply(2, 'busy');
    expect(story.state.nowMs).toBeGreaterThan(60_000);
    expect(story.step).toMatchObject(waiting('busy'));
  });

  it('does not call it retryable when an earlier request was given up in doubt', () => {
    const story = withoutRepository({ onUnknownOutcome: 'retry', busyTimeout: '1s' }).request();
    story.reply(0, 'ack', 'final-error').request().reply(1, 'busy');
    expect(story.end()).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });
});

describe('the count of attempts', () => {
  it('leaves out what was refused for a while, and not what was acked and refused', () => {
    const policy = { maxAttempts: 2 };
    const refused = withoutRepository(policy).request().reply(0, 'busy').request().probe('free');
    expect(refused.go('publish').step).toMatchObject(publishing('probe-says-not-taken'));
    const acked = withRepository(policy).request().reply(0, 'ack', 'busy', 'final-error').request();
    expect(acked.reply(1, 'final-error').look('untouched').verdict.kind).toBe('failure');
  });
});

describe('several requests that run', () => {
  it('are waited for from the latest sign on', () => {
    for (const [first, then] of [[0, 1] as const, [1, 0] as const]) {
      const story = withoutRepository().request().probe('free').request();
      const { nowMs } = story.reply(first, 'ack').pass(60_000).reply(then, 'ack').state;
      expect(story.step).toMatchObject({ phase: 'awaiting-final', untilMs: nowMs + 1_800_000 });
    }
  });
});

describe('transient refusals', () => {
  it.each([['transient'], ['repository-500']] as const)('%s: asks again, then MigrationRejected', (reply) => {
    const story = withoutRepository({ maxAttempts: 1 }).request().reply(0, reply).go('publish');
    expect(story.step).toMatchObject(publishing('mano-failed-to-read-its-repository'));
    story.request().reply(1, reply);
    expect(story.step).toMatchObject(waiting('busy'));
    story.pass(1_800_000);
    expect(story.verdict).toMatchObject(failure('MigrationRejected', true));
  });
});

describe('permanent refusals', () => {
  it.each(either)('an int 404 is MigrationRejected at once, %s', (_, open) => {
    const story = open({ onUnknownOutcome: 'retry' }).request().reply(0, 'unknown-vnf');
    expect(story.verdict).toMatchObject(failure('MigrationRejected', false));
    expect(story.attempts).toBe(1);
  });

  it('stand against a milder one of the same request, in either order', () => {
    for (const replies of [['unknown-vnf', 'transient'] as const, ['transient', 'unknown-vnf'] as const]) {
      const story = withoutRepository()
        .request()
        .reply(0, ...replies);
      expect(story.verdict).toMatchObject(failure('MigrationRejected', false));
    }
  });

  it('of the last request forbid another, whatever an earlier one left', () => {
    const story = withRepository().request().probe('free').request();
    story.reply(1, 'unknown-vnf').reply(0, 'final-error');
    expect(story.look('untouched').pass(600_000).verdict).toMatchObject(failure('MigrationRejected', false));
  });
});

describe('a final ERROR', () => {
  it.each([['final-error'], ['final-error-elsewhere']] as const)('%s without a repository', (reply) => {
    const told = (policy: PolicyInput) => withoutRepository(policy).request().reply(0, 'ack', reply);
    expect(told({}).verdict).toMatchObject(failure('MigrationFailed', false));
    expect(told({ onUnknownOutcome: 'wait' }).step).toMatchObject(waiting('awaiting-operator'));
    expect(told({ onUnknownOutcome: 'retry' }).go('publish').step).toMatchObject(
      publishing('policy-says-retry'),
    );
  });

  it.each([['final-error'], ['final-error-elsewhere']] as const)('%s with a repository', (reply) => {
    const told = (policy: PolicyInput = {}) => withRepository(policy).request().reply(0, 'ack', reply);
    expect(told().look('moved').verdict).toMatchObject({ kind: 'migrated', evidence: 'repository' });
    expect(told().look('copy').verdict).toMatchObject(failure('MigrationFailed', false));
    expect(told().look('copy').verdict.message).toContain(NEW_VNF);
    expect(told().look('unreadable').step).toMatchObject(waiting('reconciling'));
    expect(told({ onUnknownOutcome: 'wait' }).look('copy').step).toMatchObject(waiting('awaiting-operator'));
    const untouched = told().look('untouched');
    expect(untouched.step).toMatchObject(waiting('publishing'));
    expect(untouched.go('publish').step).toMatchObject(publishing('repository-says-untouched'));
  });

  it('spends attempts, and is retryable when they are over and the VNF is untouched', () => {
    const story = withRepository({ maxAttempts: 2 }).request().reply(0, 'final-error').request();
    const verdict = story.reply(1, 'final-error').look('untouched').verdict;
    expect(verdict).toMatchObject(failure('MigrationFailed', true));
    expect(verdict.message).toContain('2 of 2 attempts');
    expect(mayBeRunning(story.state.ledger)).toBe(false);
  });

  it('of an earlier request is judged before anything more is sent', () => {
    const story = withoutRepository().request().probe('free').request().reply(0, 'final-error');
    expect(story.probe('free').pass(3_000).verdict).toMatchObject(failure('MigrationFailed', false));
    expect(story.attempts).toBe(2);
  });

  it('after the look calls for another look', () => {
    const story = withRepository({ maxAttempts: 2 }).request().probe('free').request();
    story.reply(1, 'final-error').look('untouched');
    expect(story.verdict).toMatchObject(failure('MigrationFailed', true));
    expect(story.reply(0, 'final-error').step.kind).toBe('look');
  });
});

describe('a final ERROR that is forged, or of another MANO', () => {
  /** The records are untouched then, and the next request is refused: the MANO still works on the first. */
  const stillAtWork = () =>
    withRepository()
      .request()
      .reply(0, 'ack', 'final-error')
      .look('untouched')
      .request()
      .reply(1, 'busy')
      .go('look');

  it('does not make a half-done move a rejection: the records are read until they say what became of it', () => {
    const story = stillAtWork().look('dead');
    expect(story.step).toMatchObject(waiting('reconciling'));
    expect(mayBeRunning(story.state.ledger)).toBe(true);
    expect(story.go('look').look('moved').verdict).toMatchObject({
      kind: 'migrated',
      evidence: 'repository',
    });
  });

  it('leaves the outcome unknown if the service is busy for the whole of busyTimeout', () => {
    expect(stillAtWork().look('dead').end('dead')).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });

  it('changes nothing for a VNF that others moved before a request of ours was taken', () => {
    const story = withRepository().request().reply(0, 'busy').go('look').look('dead');
    expect(story.verdict).toMatchObject(failure('MigrationRejected', false));
  });
});

describe('a failed removal is never retried (M7c)', () => {
  const policies = (['fail', 'retry'] as const).map((onUnknownOutcome) => ({ onUnknownOutcome }));

  it.each(policies)('under %o', (policy) => {
    const told = 'a copy of it runs on the target VIM';
    const alone = withoutRepository(policy).request().reply(0, 'ack', 'removal-failed');
    expect(alone.verdict).toMatchObject(failure('MigrationFailed', false));
    expect(alone.verdict.message).toContain(told);
    for (const look of ['untouched', 'copy', 'dead'] as const) {
      const story = withRepository(policy).request().reply(0, 'removal-failed').look(look);
      expect(story.verdict).toMatchObject(failure('MigrationFailed', false));
      expect(story.verdict.message).toContain(told);
    }
  });

  it('but may be left to an operator', () => {
    const story = withRepository({ onUnknownOutcome: 'wait' }).request().reply(0, 'removal-failed');
    expect(story.look('untouched').step).toMatchObject(waiting('awaiting-operator'));
  });

  it('and is not forgotten over a later request, or another final', () => {
    const retry = { onUnknownOutcome: 'retry', maxAttempts: 9 } as const;
    const late = withoutRepository(retry).request().probe('free').request().reply(0, 'removal-failed');
    expect(late.reply(1, 'final-error').verdict).toMatchObject(failure('MigrationFailed', false));
    const both = withoutRepository(retry).request().reply(0, 'final-error', 'removal-failed');
    expect(both.verdict).toMatchObject(failure('MigrationFailed', false));
    const silent = withoutRepository(retry).request().probe('free').request().reply(0, 'removal-failed');
    expect(silent.probe('free').end()).toMatchObject(failure('MigrationFailed', false));
  });
});

describe('no ack within ackTimeout', () => {
  it.each(either)('probes after ackTimeout, not before, %s', (_, open) => {
    const story = open().request();
    expect(story.step).toMatchObject({ ...waiting('awaiting-ack'), untilMs: 120_000 });
    expect(story.pass(120_000).step).toEqual({ kind: 'probe', timeoutMs: 90_000 });
  });

  it.each(either)('busy: it was taken, wait for the final, %s (M1)', (_, open) => {
    const story = open().request().probe('busy');
    expect(story.step).toMatchObject(waiting('awaiting-final'));
    expect(story.attempts).toBe(1);
  });

  it('free, without a repository: it was not taken, one more attempt', () => {
    const story = withoutRepository().request().probe('free');
    expect(story.step).toEqual({ kind: 'wait', phase: 'probing', untilMs: 123_000 });
    expect(story.go('publish').step).toMatchObject(publishing('probe-says-not-taken'));
  });

  it('free in the end, without a repository: not acknowledged, and not retryable', () => {
    const story = withoutRepository({ maxAttempts: 1 }).request().probe('free');
    expect(story.end()).toMatchObject(failure('MigrationNotAcknowledged', false));
  });

  it.each([
    ['moved', { kind: 'migrated', evidence: 'repository' }],
    ['copy', failure('MigrationOutcomeUnknown', false)],
    ['no-such-service', failure('MigrationOutcomeUnknown', false)],
    ['unreadable', failure('MigrationOutcomeUnknown', false)],
    ['untouched', failure('MigrationNotAcknowledged', true)],
  ] as const)('free, and the repository says %s', (look, end) => {
    const story = withRepository({ maxAttempts: 1 }).request().probe('free').pass(3_000).look(look);
    expect(story.end(look)).toMatchObject(end);
    expect(story.attempts).toBe(1);
  });

  it('free, and untouched: one more attempt, after a look right before it', () => {
    const story = withRepository().request().probe('free').pass(3_000).look('untouched');
    expect(story.step).toMatchObject(waiting('publishing'));
    story.pass(20_000);
    expect(story.step).toEqual({ kind: 'look', phase: 'pre-flight' });
    expect(story.look('untouched').step).toMatchObject(publishing('repository-says-untouched'));
  });

  it.each([['dead'], ['copy'], ['no-such-service']] as const)(
    'sends nothing when that look says %s',
    (look) => {
      const story = withRepository().request().probe('free').pass(3_000).look('untouched').pass(20_000);
      expect(story.look(look).verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
    },
  );

  it.each([
    [withoutRepository, 'untouched'],
    [withRepository, 'untouched'],
    [withRepository, 'copy'],
    [withRepository, 'unreadable'],
  ] as const)('no answer: probes again, maxProbes times, then MigrationNotAcknowledged', (open, look) => {
    const story = open().request();
    expect(story.end(look)).toMatchObject(failure('MigrationNotAcknowledged', false));
    expect(story.state.ledger.probes.map(({ started }) => started.atMs)).toEqual([
      120_000, 230_000, 360_000, 530_000, 780_000,
    ]);
    expect(story.attempts).toBe(1);
  });

  it('no answer: the repository has the last word', () => {
    expect(withRepository().request().go('look').end('moved')).toMatchObject({ kind: 'migrated' });
  });

  it('an answer that says nothing is none', () => {
    const story = withoutRepository({ maxProbes: 1 }).request().probe('unrecognised');
    expect(story.end()).toMatchObject(failure('MigrationNotAcknowledged', false));
  });

  it('a probe that was not sent asked nobody: it is repeated, and does not count', () => {
    const story = withoutRepository({ deadline: '1h' }).request().go('probe');
    story.go('close', { sent: 'not-sent' });
    expect(story.state.ledger.probes.length).toBeGreaterThan(5);
    expect(story.verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });

  it('late answers count (M7b, M9)', () => {
    const blocked = () => withoutRepository().request().probe().probe();
    expect(blocked().reply(0, 'ack').step).toMatchObject(waiting('awaiting-final'));
    expect(blocked().answer(0, 'busy').step).toMatchObject(waiting('awaiting-final'));
    expect(blocked().answer(0, 'free').go('publish').step).toMatchObject(publishing('probe-says-not-taken'));
    expect(blocked().reply(0, 'ack', 'ready').verdict.kind).toBe('migrated');
    expect(blocked().reply(0, 'ack').answer(0, 'free').step).toMatchObject(waiting('awaiting-final'));
  });

  it('a late ack stops the next request, and even a sent one is waited for no more (M4)', () => {
    const story = withoutRepository().request().probe('free').pass(3_000).reply(0, 'ack');
    expect(story.step).toMatchObject(waiting('awaiting-final'));
    const sent = withoutRepository().request().probe('free').request().reply(0, 'ack').pass(120_000);
    expect(sent.step).toMatchObject(waiting('awaiting-final'));
  });

  it('a late busy of a probe before "free" is old news', () => {
    const story = withoutRepository().request().probe().probe('free').request().answer(0, 'busy');
    expect(story.step).toMatchObject(waiting('awaiting-ack'));
  });

  it('with the probe off: the repository, then MigrationNotAcknowledged', () => {
    for (const story of [withoutRepository({ probe: 'off' }), withRepository({ probe: 'off' })]) {
      expect(story.request().end()).toMatchObject(failure('MigrationNotAcknowledged', false));
      expect(story.state.nowMs).toBe(120_000);
    }
  });

  it('a request that was perhaps sent: probed only three heartbeats after (W1)', () => {
    const story = withoutRepository({ ackTimeout: '1s' }).request('perhaps').pass(1_000);
    expect(story.step).toEqual({ kind: 'wait', phase: 'probing', untilMs: 30_000 });
    expect(story.probe('free').go('publish').step).toMatchObject(publishing('probe-says-not-taken'));
    const confirmed = withoutRepository({ ackTimeout: '1s' }).request().pass(1_000);
    expect(confirmed.step.kind).toBe('probe');
  });

  it('"free" from a probe asked before that tells nothing', () => {
    const story = withoutRepository({ ackTimeout: '1s' }).request('perhaps').pass(10_000);
    const ledger = record(story.state.ledger, { fact: { kind: 'probe-started', nonce: 'p' }, atMs: 10_000 });
    story.state = { ...story.state, ledger };
    expect(story.answer(0, 'free').pass(10_000).step).toEqual({
      kind: 'wait',
      phase: 'probing',
      untilMs: 30_000,
    });
  });

  it('"free" tells of no request that was perhaps sent after it was asked', () => {
    const story = withoutRepository({ ackTimeout: '1s', finalTimeout: '1s' }).request().probe('free');
    story.request('perhaps').reply(0, 'ack').pass(1_000);
    expect(story.step).toMatchObject(waiting('probing'));
  });
});

describe('through the Gatekeeper', () => {
  const policy: PolicyInput = { transport: 'gatekeeper' };

  it('its 201 is no word of the broker: probed only three heartbeats after', () => {
    const story = new Story({ policy: { ...policy, ackTimeout: 1_000 } }).request();
    const sentMs = story.state.nowMs;
    story.go('probe');
    expect(story.state.nowMs - sentMs).toBeGreaterThanOrEqual(30_000);
  });

  it('free, and no ack: nobody knows, for it may have kept the replies to itself', () => {
    const story = new Story({ policy }).request().probe('free');
    const freeMs = story.state.nowMs;
    expect(story.end()).toMatchObject({ type: 'MigrationOutcomeUnknown' });
    expect(story.state.nowMs - freeMs).toBeGreaterThanOrEqual(40_000);
    expect(story.state.ledger.attempts).toHaveLength(1);
  });

  it('free, then READY, which was asked for a moment later: migrated', () => {
    const story = new Story({ policy }).request().reply(0, 'ack').probe('free').pass(35_000);
    expect(story.reply(0, 'ready').end()).toMatchObject({ kind: 'migrated', evidence: 'reply' });
  });

  it('free, and untouched: one more attempt', () => {
    const story = new Story({ hasRepository: true, policy }).request().probe('free').go('publish');
    expect(story.step).toMatchObject({ kind: 'publish', reason: 'repository-says-untouched' });
  });
});

describe('no final within finalTimeout of the ack', () => {
  const acked = (open: typeof withRepository, policy: PolicyInput = {}) =>
    open(policy).request().reply(0, 'ack');

  it.each(either)('waits for it, then probes, %s', (_, open) => {
    const story = acked(open);
    expect(story.step).toEqual({ kind: 'wait', phase: 'awaiting-final', untilMs: 1_800_000 });
    expect(story.pass(1_800_000).step.kind).toBe('probe');
  });

  it.each(either)('busy: goes on waiting and probes now and then, %s', (_, open) => {
    const story = acked(open).probe('busy');
    expect(story.step).toEqual({ kind: 'wait', phase: 'awaiting-final', untilMs: 2_400_000 });
    expect(story.probe('busy').step).toMatchObject({ phase: 'awaiting-final', untilMs: 3_000_000 });
  });

  it.each(either)('no answer: probes again, until the deadline, %s', (_, open) => {
    const story = acked(open);
    expect(story.end()).toMatchObject(failure('MigrationOutcomeUnknown', false));
    expect(story.state.nowMs).toBe(14_400_000);
    expect(story.state.ledger.probes.length).toBeGreaterThan(10);
  });

  it('free, without a repository: as onUnknownOutcome says', () => {
    const told = (policy: PolicyInput) => acked(withoutRepository, policy).probe('free').pass(3_000);
    expect(told({}).verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
    expect(told({ onUnknownOutcome: 'wait' }).step).toMatchObject(waiting('awaiting-operator'));
    expect(told({ onUnknownOutcome: 'retry' }).go('publish').step).toMatchObject(
      publishing('policy-says-retry'),
    );
  });

  it('free, with a repository: reconciles (M2, M7)', () => {
    const told = (policy: PolicyInput = {}) => acked(withRepository, policy).probe('free').pass(3_000);
    expect(told().look('moved').verdict).toMatchObject({ kind: 'migrated', evidence: 'repository' });
    expect(told().look('copy').verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
    expect(told({ onUnknownOutcome: 'wait' }).look('copy').step).toMatchObject(waiting('awaiting-operator'));
    expect(told().look('unreadable').step).toMatchObject(waiting('reconciling'));
    expect(told().look('unreadable').pass(20_000).look('moved').verdict.kind).toBe('migrated');
    expect(told().look('untouched').go('publish').step).toMatchObject(
      publishing('repository-says-untouched'),
    );
    expect(told({ maxAttempts: 1 }).look('untouched').verdict).toMatchObject(
      failure('MigrationFailed', true),
    );
  });

  it('free can overtake the final: three seconds of grace', () => {
    const story = acked(withoutRepository).probe('free');
    expect(story.step).toMatchObject({ kind: 'wait', untilMs: 1_803_000 });
    expect(story.pass(2_999).reply(0, 'ready').verdict.kind).toBe('migrated');
  });

  it('with the probe off, untouched is no evidence: as onUnknownOutcome says', () => {
    const told = (policy: PolicyInput) => acked(withRepository, { probe: 'off', ...policy }).pass(1_800_000);
    expect(told({}).look('untouched').verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
    expect(told({}).look('moved').verdict.kind).toBe('migrated');
    expect(told({ onUnknownOutcome: 'retry' }).look('untouched').go('publish').step).toMatchObject(
      publishing('policy-says-retry'),
    );
  });

  it('a retry in doubt still sends nothing to a VNF that is not listed', () => {
    const story = acked(withRepository, { onUnknownOutcome: 'retry' }).probe('free').pass(3_000);
    expect(story.look('dead').end('dead')).toMatchObject(failure('MigrationOutcomeUnknown', false));
    expect(story.attempts).toBe(1);
  });

  it('one probe at a time, also when an ack changes what is waited for', () => {
    const story = withoutRepository({ finalTimeout: '1s' }).request().probe().reply(0, 'ack').pass(2_000);
    expect(story.step).toMatchObject(waiting('probing'));
  });
});

describe('the deadline', () => {
  it.each(either)('is unknown if anything may have been sent, %s', (_, open) => {
    const story = open({ deadline: '1m' }).request();
    expect(story.step).toEqual({ kind: 'wait', phase: 'awaiting-ack', untilMs: 60_000 });
    expect(story.pass(60_000).verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });

  it('says so when the service is busy for hours', () => {
    const story = withoutRepository({ maximumInterval: '4h', initialInterval: '1s' }).request();
    expect(story.reply(0, 'ack').probe('busy').end().message).toContain('must be restarted');
  });

  it('is ServiceBusy or MigrationRejected if everything was refused', () => {
    const told = (reply: ReplyKind) =>
      withoutRepository({ deadline: '15s' }).request().reply(0, reply).pass(15_000).verdict;
    expect(told('busy')).toMatchObject(failure('ServiceBusy', true));
    expect(told('transient')).toMatchObject(failure('MigrationRejected', true));
  });

  it('is unknown if an earlier request failed late, however busy the service is now', () => {
    const story = withRepository({ deadline: '10m' }).request().probe('free').request().reply(1, 'busy');
    expect(story.reply(0, 'final-error').end('unreadable')).toMatchObject(
      failure('MigrationOutcomeUnknown', false),
    );
  });

  it('caps a publish and a probe', () => {
    expect(withoutRepository({ deadline: '1m' }).step).toMatchObject({ kind: 'publish', timeoutMs: 60_000 });
    expect(withoutRepository({ deadline: '150s' }).request().pass(120_000).step).toEqual({
      kind: 'probe',
      timeoutMs: 30_000,
    });
  });

  it('with nothing sent: the repository or the broker', () => {
    const unreadable = withRepository({ deadline: '1m', busyTimeout: '1h' }).end('unreadable');
    expect(unreadable).toMatchObject(failure('MigrationRejected', true));
    const late = withoutRepository({ deadline: '1m' }).pass(60_000).verdict;
    expect(late).toMatchObject(failure('BrokerUnavailable', true));
  });
});

describe('not sent', () => {
  it.each(either)('is BrokerUnavailable, once publishTimeout is over, %s', (_, open) => {
    const story = open({ publishTimeout: '1s' }).request('not-sent');
    expect(story.verdict).toMatchObject(failure('BrokerUnavailable', true));
  });

  it('by a publisher that stopped early: the rest of publishTimeout is used, and no attempt spent', () => {
    const story = withoutRepository({ publishTimeout: '1m', maxAttempts: 1 }).request('not-sent');
    expect(story.step).toMatchObject({ kind: 'wait', phase: 'publishing' });
    expect(story.pass(20_000).step).toEqual({ kind: 'publish', reason: 'first', timeoutMs: 40_000 });
    expect(story.request().reply(0, 'ready').verdict.kind).toBe('migrated');
    const never = withoutRepository({ publishTimeout: '1m' })
      .request('not-sent')
      .pass(20_000)
      .request('not-sent');
    expect(never.verdict).toMatchObject(failure('BrokerUnavailable', true));
  });

  it('but a reply proves that it was', () => {
    const story = withoutRepository().request('not-sent').reply(0, 'ack');
    expect(story.step).toMatchObject(waiting('awaiting-final'));
    expect(mayBeRunning(story.state.ledger)).toBe(true);
    const failed = withRepository({ maxAttempts: 1 }).request('not-sent').reply(0, 'final-error');
    expect(failed.look('untouched').verdict).toMatchObject(failure('MigrationFailed', true));
  });

  it('is unknown after a request that was given up in doubt', () => {
    const policy = { onUnknownOutcome: 'retry', publishTimeout: '1s' } as const;
    const story = withoutRepository(policy).request().reply(0, 'final-error');
    expect(story.request('not-sent').verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });
});

describe('the look before a request', () => {
  it.each([
    ['dead', failure('MigrationRejected', false)],
    ['moved', failure('MigrationRejected', false)],
    ['no-such-service', failure('MigrationRejected', false)],
    ['unreadable', failure('MigrationRejected', true)],
  ] as const)('%s: nothing is sent', (look, end) => {
    const story = withRepository();
    expect(story.end(look)).toMatchObject(end);
    expect(story.attempts).toBe(0);
  });

  it('gives up after busyTimeout without a readable one', () => {
    const story = withRepository();
    story.end('unreadable');
    expect(story.state.nowMs).toBeGreaterThanOrEqual(1_800_000);
    expect(story.state.nowMs).toBeLessThan(1_800_000 + 600_000);
  });

  it('lets the first request go although no record names the descriptor', () => {
    const story = withRepository().look('no-descriptor');
    expect(story.step).toMatchObject(publishing('first'));
    story.request().reply(0, 'busy').pass(20_000);
    expect(story.look('no-descriptor').verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });

  it('is repeated with backoff while the repository cannot be read', () => {
    const story = withRepository().look('unreadable');
    expect(story.step).toEqual({ kind: 'wait', phase: 'reconciling', untilMs: 20_000 });
    expect(story.pass(20_000).look('unreadable').step).toMatchObject({ untilMs: 60_000 });
    expect(story.pass(40_000).look('untouched').step).toMatchObject(publishing('first'));
  });

  it.each([
    ['copy', failure('MigrationOutcomeUnknown', false)],
    ['dead', failure('MigrationRejected', false)],
    ['moved', { kind: 'migrated', evidence: 'repository' }],
  ] as const)('comes again before a busy service is asked again: %s', (look, end) => {
    const story = withRepository().request().reply(0, 'busy').pass(20_000).look(look);
    expect(story.verdict).toMatchObject(end);
  });

  it('a copy that was there before does no harm, one that came since does', () => {
    expect(withRepository().look('copy').step).toMatchObject(publishing('first'));
    const story = withRepository().look('untouched').stray('final-error').look('copy');
    expect(story.verdict).toMatchObject(failure('MigrationOutcomeUnknown', false));
  });
});

describe('replies to requests of an earlier run', () => {
  it('are reason to look, and no verdict', () => {
    const story = withRepository().request().stray('ready');
    expect(story.look('untouched').step).toMatchObject(waiting('awaiting-ack'));
    expect(withRepository().request().stray('ready').look('moved').verdict.kind).toBe('migrated');
    expect(withoutRepository().request().stray('ready').step).toMatchObject(waiting('awaiting-ack'));
  });

  it('cost one look each, and what is no final costs none', () => {
    const story = withRepository().request().stray('ready').look('untouched');
    const { seq } = story.state.ledger;
    story.stray('ready').stray('ack').stray('busy');
    expect(story.state.ledger.seq).toBe(seq);
  });
});

describe('an operator', () => {
  it.each([
    ['migrated', { kind: 'migrated', evidence: 'operator' }],
    ['not-migrated', failure('MigrationFailed', false)],
  ] as const)('resolves it as %s', (outcome, end) => {
    const story = withoutRepository({ onUnknownOutcome: 'wait' }).request().reply(0, 'final-error');
    story.state = play(story.state, { kind: 'resolve', outcome });
    expect(story.verdict).toMatchObject(end);
  });

  it('who never comes leaves it unknown at the deadline', () => {
    const story = withoutRepository({ onUnknownOutcome: 'wait' }).request().reply(0, 'final-error');
    expect(story.end()).toMatchObject(failure('MigrationOutcomeUnknown', false));
    expect(story.state.nowMs).toBe(14_400_000);
  });
});

describe('onUnknownOutcome retry', () => {
  it('spends attempts, with backoff', () => {
    const story = withoutRepository({ onUnknownOutcome: 'retry', maxAttempts: 2 }).request();
    story.reply(0, 'final-error').request();
    expect(story.state.nowMs).toBe(20_000);
    expect(story.reply(1, 'final-error').verdict).toMatchObject(failure('MigrationFailed', false));
    expect(story.attempts).toBe(2);
  });
});

describe('the ledger', () => {
  it('knows a repetition when it sees one (M3)', () => {
    const story = withoutRepository().request().reply(0, 'ack', 'busy');
    const { ledger } = story.state;
    for (const kind of ['ack', 'busy'] as const) {
      const reply = { ...replyOf(kind, 'n0'), receivedAt: '2024-01-02T00:00:00.000Z' };
      expect(record(ledger, { fact: { kind: 'reply', nonce: 'n0', reply }, atMs: 9 })).toBe(ledger);
    }
  });

  it('takes the graver of two answers to one probe, in either order', () => {
    const probed = () => withoutRepository().request().probe();
    expect(probed().answer(0, 'free').answer(0, 'busy').step).toMatchObject(waiting('awaiting-final'));
    expect(probed().answer(0, 'busy').answer(0, 'free').step).toMatchObject(waiting('awaiting-final'));
  });

  it('stays bounded, and keeps what decides', () => {
    let { ledger } = withoutRepository().request().state;
    for (let count = 0; count < 100; count += 1) {
      const reply = { ...replyOf('busy', 'n0'), topic: `t${String(count)}` };
      ledger = record(ledger, { fact: { kind: 'reply', nonce: 'n0', reply }, atMs: count });
    }
    expect(ledger.attempts[0]?.replies).toHaveLength(20);
    const { seq } = ledger;
    const more = { ...replyOf('busy', 'n0'), topic: 'one more' };
    ledger = record(ledger, { fact: { kind: 'reply', nonce: 'n0', reply: more }, atMs: 101 });
    expect(ledger.seq).toBe(seq);
    const reply = replyOf('ready', 'n0');
    ledger = record(ledger, { fact: { kind: 'reply', nonce: 'n0', reply }, atMs: 101 });
    expect(ledger.attempts[0]?.ready).not.toBeNull();
  });

  it('asks no more than a run of the workflow can hold', () => {
    const tiny = { initialInterval: 1, maximumInterval: 1, probeTimeout: 1, deadline: '4h' } as const;
    const silent = withoutRepository(tiny).request().reply(0, 'ack');
    silent.state = settleLong(silent.state, () => 'unreadable');
    expect(silent.state.ledger.probes.length).toBeLessThan(2_200);
    const busy = withoutRepository(tiny).request().reply(0, 'ack');
    busy.state = settleLong(busy.state, () => 'busy');
    expect(busy.state.ledger.probes.length).toBeLessThan(2_200);
  });
});

/** To the end, whatever it takes; `answer` is what each probe gets, 'unreadable' for nothing. */
function settleLong(state: State, answer: () => 'busy' | 'unreadable'): State {
  let now = state;
  for (let count = 0; count < 20_000; count += 1) {
    if (now.under === 'publish') {
      now = play(now, { kind: 'published', sent: 'confirmed', tookMs: 0 });
      if (answer() === 'busy') {
        now = play(now, { kind: 'answer', to: now.ledger.probes.length - 1, answer: 'busy' });
      }
    } else if (stepOf(now).kind === 'close') return now;
    else now = play(now, { kind: 'go' });
  }
  throw new Error('too many steps');
}

describe('what the repository shows', () => {
  it('is compared with the first look, whoever changed it since', () => {
    const story = withRepository().look('untouched');
    expect(story.state.ledger.looks[0]?.seen).toBe(LOOK.untouched);
    expect(story.request().reply(0, 'busy').pass(20_000).look('moved').verdict).toMatchObject({
      kind: 'migrated',
      newVnfUuid: NEW_VNF,
    });
  });
});
