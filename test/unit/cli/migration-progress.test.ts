import { describe, expect, it } from 'vitest';
import { newsOf } from '../../../src/cli/output/migration-progress.js';
import type {
  AttemptView,
  MigrationState,
  Phase,
  ReplyView,
} from '../../../src/shared/migration/contract.js';

const START = Date.parse('2026-01-01T00:00:00.000Z');
const at = (ms: number): string => new Date(START + ms).toISOString();

function attempt(changes: Partial<AttemptView> = {}): AttemptView {
  return {
    number: 1,
    correlationId: 'vnfm:d:w:1',
    reason: 'first',
    sent: 'confirmed',
    startedAt: at(0),
    ackedAt: null,
    finalAt: null,
    replies: [],
    notes: [],
    ...changes,
  };
}

function reply(changes: Partial<ReplyView> = {}): ReplyView {
  return { status: 'MIGRATING', error: null, isFinal: false, topic: 't', at: at(1_400), ...changes };
}

function state(phase: Phase, attempts: AttemptView[] = [], nextStepAt: string | null = null): MigrationState {
  return {
    request: null,
    phase,
    attempts,
    verdict: null,
    trouble: null,
    mayBeRunning: true,
    startedAt: at(0),
    deadlineAt: null,
    nextStepAt,
  };
}

/** What is told at each step. */
function told(...states: MigrationState[]): string[][] {
  return states.map((now, index) => newsOf({ before: states[index - 1] ?? null, now }));
}

describe('the progress of a migration', () => {
  it('is told step by step, each step once', () => {
    const acked = attempt({ ackedAt: at(1_400), replies: [reply()] });
    const ready = {
      ...acked,
      replies: [reply(), reply({ status: 'READY', isFinal: true, at: at(125_000) })],
    };
    expect(
      told(
        state('publishing', [attempt({ sent: 'publishing' })]),
        state('awaiting-ack', [attempt()]),
        state('awaiting-ack', [attempt()]),
        state('awaiting-final', [acked], at(9_000)),
        state('closed', [ready]),
        state('closed', [ready]),
      ),
    ).toEqual([
      [],
      ['request published as vnfm:d:w:1'],
      [],
      ['acked after 1.4 s', `running at the MANO (until ${at(9_000)} at most)`],
      ['the MANO answered READY after 2 min 5 s'],
      [],
    ]);
  });

  it('tells it all at once to who looks late', () => {
    const failed = attempt({
      ackedAt: at(500),
      replies: [
        reply(),
        reply({ status: 'ERROR', error: 'mano.function.deploy', isFinal: true, at: at(2_000) }),
      ],
    });
    const again = attempt({ number: 2, reason: 'repository-says-untouched', correlationId: 'vnfm:d:w:2' });
    expect(told(state('awaiting-ack', [failed, again]))).toEqual([
      [
        'request published as vnfm:d:w:1',
        'acked after 500 ms',
        'the MANO answered ERROR after 2.0 s: mano.function.deploy',
        'request 2 (repository says untouched) published as vnfm:d:w:2',
      ],
    ]);
  });

  it('tells the truth about a request that was not confirmed', () => {
    expect(told(state('awaiting-ack', [attempt({ sent: 'perhaps' })]))[0]).toEqual([
      'request perhaps published as vnfm:d:w:1: the broker did not confirm it',
    ]);
    expect(told(state('publishing', [attempt({ sent: 'not-sent' })]))[0]).toEqual(['request not sent']);
  });

  it('tells why it waits', () => {
    const phases: Phase[] = ['busy', 'probing', 'reconciling', 'awaiting-operator'];
    for (const phase of phases) expect(told(state('validating'), state(phase))[1]).toHaveLength(1);
    expect(told(state('validating'), state('busy', [], at(1)))[1]).toEqual([
      `the service is busy: asking again later (until ${at(1)} at most)`,
    ]);
  });

  it('tells each note once, without its time', () => {
    const one = attempt({ notes: [`${at(5)} probe answered: busy`] });
    const two = { ...one, notes: [...one.notes, `${at(9)} probe answered: free`] };
    expect(told(state('probing', [attempt()]), state('probing', [one]), state('probing', [two]))).toEqual([
      ['request published as vnfm:d:w:1', 'no reply: asking the MANO whether it is at work'],
      ['probe answered: busy'],
      ['probe answered: free'],
    ]);
  });
});
