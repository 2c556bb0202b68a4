/**
 * Every sequence of events up to a depth: from the start, and from states in the middle of a migration that only
 * many events reach. States that were visited before are not visited again.
 */
import { describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../../../src/shared/migration/contract.js';
import { LOOK_KINDS, ledgerOf, type LookKind, type ProbeAnswerKind, type ReplyKind } from './facts.js';
import { checkState, endsInSilence, gist } from './invariants.js';
import { isClosed, play, settle, start, type Move, type SentKind, type State } from './loop.js';

/** Short limits in the same proportions, so that every one of them is met within a few steps. */
const POLICY: PolicyInput = {
  publishTimeout: '10s',
  ackTimeout: '60s',
  finalTimeout: '5m',
  busyTimeout: '2m',
  deadline: '20m',
  maxAttempts: 2,
  initialInterval: '20s',
  maximumInterval: '60s',
  probeTimeout: '30s',
  maxProbes: 2,
};

interface Alphabet {
  sent: readonly SentKind[];
  replies: readonly ReplyKind[];
  answers: readonly ProbeAnswerKind[];
  looks: readonly LookKind[];
  strays: readonly ReplyKind[];
}

/** One of everything that the ledger tells apart. */
const WIDE: Alphabet = {
  sent: ['confirmed', 'perhaps', 'not-sent'],
  replies: [
    'ack',
    'ready',
    'busy',
    'transient',
    'unknown-vnf',
    'already-there',
    'final-error',
    'removal-failed',
  ],
  answers: ['busy', 'free', 'unrecognised'],
  looks: LOOK_KINDS,
  strays: ['ready'],
};

/** What keeps a migration going: fewer letters, longer words. */
const NARROW: Alphabet = {
  sent: ['confirmed', 'perhaps'],
  replies: ['ack', 'busy', 'final-error', 'removal-failed'],
  answers: ['busy', 'free'],
  looks: ['untouched', 'unreadable'],
  strays: [],
};

/** All that may happen next: the machinery's own moves, and whatever the world may send. */
function movesOf(state: State, alphabet: Alphabet): Move[] {
  return [...ownMoves(state, alphabet), ...replyMoves(state, alphabet)];
}

function ownMoves({ under, ledger }: State, { sent, looks }: Alphabet): Move[] {
  switch (under) {
    case null: {
      const isResolvable = ledger.request.policy.onUnknownOutcome === 'wait';
      const outcomes = isResolvable ? (['migrated', 'not-migrated'] as const) : [];
      return [{ kind: 'go' }, ...outcomes.map((outcome): Move => ({ kind: 'resolve', outcome }))];
    }
    case 'publish':
      return sent.map((kind) => ({ kind: 'published', sent: kind, tookMs: 0 }));
    case 'look':
      return looks.map((seen) => ({ kind: 'looked', seen, tookMs: 0 }));
    case 'permit':
      throw new Error('a ledger that needs no permit asks for none');
  }
}

/** To every request, and to the last two probes. */
function replyMoves({ ledger }: State, { replies, answers, strays }: Alphabet): Move[] {
  const probes = [...ledger.probes.keys()].slice(-2);
  return [
    ...ledger.attempts.flatMap((_, to) => replies.map((reply): Move => ({ kind: 'reply', to, reply }))),
    ...probes.flatMap((to) => answers.map((answer): Move => ({ kind: 'answer', to, answer }))),
    ...strays.map((reply): Move => ({ kind: 'stray', reply })),
  ];
}

/** The facts, without what no rule reads. */
function keyOf({ ledger, nowMs, under }: State): string {
  const { attempts, probes, looks, looking, strays, resolution } = ledger;
  const told = attempts.map(({ replies, ...rest }) => [
    rest,
    replies.map(({ status, error }) => status + (error ?? '')),
  ]);
  return JSON.stringify([nowMs, under, told, probes, looks, looking, strays.length, resolution], unreplied);
}

const unreplied = (key: string, value: unknown): unknown =>
  key === 'reply' || key === 'correlationId' ? undefined : value;

class Explorer {
  readonly seen = new Set<string>();
  closed = 0;
  private count = 0;

  constructor(private readonly alphabet: Alphabet) {}

  /** Breadth first, so that the first failure has the shortest story. */
  explore(root: State, depth: number): void {
    let level: { state: State; story: Move[] }[] = [{ state: root, story: [] }];
    for (let left = depth; level.length > 0; left -= 1) {
      level = level.flatMap(({ state, story }) => this.visit(state, { story, isLast: left === 0 }));
    }
  }

  private visit(state: State, { story, isLast }: { story: Move[]; isLast: boolean }) {
    this.count += 1;
    try {
      checkState(state);
      if (this.count % 60 === 20) endsInSilence(state, 'unreadable');
      if (this.count % 60 === 40) endsInSilence(state, 'untouched');
      if (isClosed(state)) {
        this.closed += 1;
        return [];
      }
      if (this.count % 60 === 0) this.checkOrder(state);
    } catch (error) {
      throw new Error(`${String(error)}\nafter ${JSON.stringify(story)}`, { cause: error });
    }
    return isLast ? [] : this.nextOf(state, story);
  }

  private nextOf(state: State, story: Move[]) {
    return movesOf(state, this.alphabet).flatMap((move) => {
      const next = play(state, move);
      if (next === state) return [];
      const key = keyOf(next);
      if (this.seen.has(key)) return [];
      this.seen.add(key);
      return [{ state: next, story: [...story, move] }];
    });
  }

  /** Replies that come together lead to the same step in either order. */
  private checkOrder(state: State): void {
    const moves = replyMoves(state, this.alphabet);
    for (const [index, left] of moves.entries()) {
      for (const right of moves.slice(index + 1)) {
        const one = gist(play(play(state, left), right));
        const other = gist(play(play(state, right), left));
        if (one !== other) {
          throw new Error(`${JSON.stringify([left, right])}: ${one}, but ${other} in the other order`);
        }
      }
    }
  }
}

/** States that many events lead to, each the start of an exploration of its own. */
function rootsOf(first: State): Record<string, State> {
  const sent = settle(first, { look: 'untouched', until: ({ kind }) => kind === 'wait' });
  const lost = settle(first, { look: 'untouched', sent: 'perhaps', until: ({ kind }) => kind === 'wait' });
  const acked = play(sent, { kind: 'reply', to: 0, reply: 'ack' });
  const probed = (state: State): State => {
    const asked = settle(state, { look: 'untouched', until: ({ kind }) => kind === 'probe' });
    return asked.under === null && isClosed(asked) ? asked : play(asked, { kind: 'go' });
  };
  const free = (state: State): State =>
    play(play(probed(state), { kind: 'published', sent: 'confirmed', tookMs: 0 }), {
      kind: 'answer',
      to: 0,
      answer: 'free',
    });
  const second = (state: State): State =>
    settle(state, { look: 'untouched', until: ({ kind }) => kind === 'publish' });
  const resent = (state: State): State => play(second(state), { kind: 'go' });
  return {
    'the start': first,
    'one request, silent': sent,
    'perhaps one request, a probe under way': probed(lost),
    'an acked request, a probe under way': probed(acked),
    'not taken, a second request': resent(free(sent)),
    'taken and lost, a second request if there may be one': resent(free(acked)),
    'failed, a second request if there may be one': resent(
      play(acked, { kind: 'reply', to: 0, reply: 'final-error' }),
    ),
    'refused as busy, a second request': resent(play(sent, { kind: 'reply', to: 0, reply: 'busy' })),
  };
}

/**
 * Of moves, from each of the eight roots, the last of which are ten moves and more from the start. Measured:
 * 204,764 states with the wide alphabet (all configurations), 111,224 with the narrow one (two of them, with
 * a repository one move less).
 */
const DEPTH = { wide: 3, narrow: 5 };

const CONFIGURATIONS = [true, false].flatMap((hasRepository) =>
  (['auto', 'off'] as const).flatMap((probe) =>
    (['fail', 'retry', 'wait'] as const).map((onUnknownOutcome) => ({
      hasRepository,
      probe,
      onUnknownOutcome,
    })),
  ),
);

describe('every sequence of events', () => {
  it.each(CONFIGURATIONS)(
    'with repository $hasRepository, probe $probe, onUnknownOutcome $onUnknownOutcome',
    ({ hasRepository, probe, onUnknownOutcome }) => {
      const first = start(ledgerOf({ hasRepository, policy: { ...POLICY, probe, onUnknownOutcome } }));
      // The policy that sends the most.
      const goesFar = probe === 'auto' && onUnknownOutcome === 'retry';
      const wide = new Explorer(WIDE);
      const narrow = new Explorer(NARROW);
      for (const root of Object.values(rootsOf(first))) {
        wide.explore(root, DEPTH.wide);
        if (goesFar) narrow.explore(root, hasRepository ? DEPTH.narrow - 1 : DEPTH.narrow);
      }
      console.log(`states: ${String(wide.seen.size)} wide, ${String(narrow.seen.size)} narrow`);
      expect(wide.closed).toBeGreaterThan(0);
    },
    120_000,
  );
});
