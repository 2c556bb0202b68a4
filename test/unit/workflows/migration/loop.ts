/**
 * The loop of the workflow over the pure functions, in virtual time. The possible actions of the workflow and the
 * possible events from outside are moves from one state to the next.
 */
import {
  record,
  type Fact,
  type Ledger,
  type PermitReading,
} from '../../../../src/workflows/migration/attempt-ledger.js';
import { nextStep, type Step } from '../../../../src/workflows/migration/next-step.js';
import { answerOf, LOOK, replyOf, type LookKind, type ProbeAnswerKind, type ReplyKind } from './facts.js';

export interface State {
  ledger: Ledger;
  nowMs: number;
  /** What the loop waits for, other than time: it does not ask for the next step meanwhile. */
  under: 'publish' | 'look' | 'permit' | null;
  /** How many messages were sent: the next nonce. */
  sent: number;
}

export type SentKind = 'confirmed' | 'perhaps' | 'not-sent';

export type Move =
  | { kind: 'go' }
  | { kind: 'published'; sent: SentKind; tookMs: number }
  | { kind: 'looked'; seen: LookKind; tookMs: number }
  | { kind: 'permit'; says: PermitReading }
  | { kind: 'permit-news' }
  | { kind: 'reply'; to: number; reply: ReplyKind }
  | { kind: 'answer'; to: number; answer: ProbeAnswerKind }
  | { kind: 'stray'; reply: ReplyKind }
  | { kind: 'pass'; ms: number }
  | { kind: 'resolve'; outcome: 'migrated' | 'not-migrated' };

export function start(ledger: Ledger): State {
  return { ledger, nowMs: 0, under: null, sent: 0 };
}

export const stepOf = ({ ledger, nowMs }: State): Step => nextStep(ledger, nowMs);

export const isClosed = (state: State): boolean => state.under === null && stepOf(state).kind === 'close';

/** The state after a move; the same object where the move is not possible or tells nothing new. */
export function play(state: State, move: Move): State {
  switch (move.kind) {
    case 'go':
      return go(state);
    case 'published':
      return state.under === 'publish' ? endPublish(state, move) : state;
    case 'looked': {
      if (state.under !== 'look') return state;
      const later = { ...state, nowMs: state.nowMs + move.tookMs };
      return { ...noted(later, { kind: 'looked', seen: LOOK[move.seen] }), under: null };
    }
    case 'permit':
      if (state.under !== 'permit') return state;
      return { ...noted(state, { kind: 'permit-told', reading: move.says }), under: null };
    case 'permit-news':
      return noted(state, { kind: 'permit-news' });
    case 'reply': {
      const nonce = state.ledger.attempts[move.to]?.nonce;
      return nonce === undefined ? state : heard(state, { nonce, reply: replyOf(move.reply, nonce) });
    }
    case 'answer': {
      const nonce = state.ledger.probes[move.to]?.nonce;
      return nonce === undefined ? state : heard(state, { nonce, reply: answerOf(move.answer, nonce) });
    }
    case 'stray':
      return heard(state, { nonce: 'stray', reply: replyOf(move.reply, 'stray') });
    case 'pass':
      return { ...state, nowMs: state.nowMs + move.ms };
    case 'resolve':
      return resolved(state, move.outcome);
  }
}

/** The loop takes the step that the ledger asks for; waiting takes the time it says. */
function go(state: State): State {
  if (state.under !== null) return state;
  const step = stepOf(state);
  const nonce = `n${String(state.sent)}`;
  switch (step.kind) {
    case 'close':
      return state;
    case 'wait':
      return { ...state, nowMs: step.untilMs };
    case 'list-vims':
      throw new Error('a ledger that verifies no target asks for no list of VIMs');
    case 'ask-permit':
      return { ...noted(state, { kind: 'permit-asked' }), under: 'permit' };
    case 'look':
      return { ...noted(state, { kind: 'look-started' }), under: 'look' };
    case 'publish': {
      const fact: Fact = { kind: 'attempt-started', nonce, correlationId: nonce, reason: step.reason };
      return { ...noted(state, fact), under: 'publish', sent: state.sent + 1 };
    }
    case 'probe':
      return { ...noted(state, { kind: 'probe-started', nonce }), under: 'publish', sent: state.sent + 1 };
  }
}

function endPublish(state: State, { sent, tookMs }: { sent: SentKind; tookMs: number }): State {
  const later = { ...state, nowMs: state.nowMs + tookMs };
  const nonce = `n${String(state.sent - 1)}`;
  return { ...noted(later, { kind: 'published', nonce, sent }), under: null };
}

function heard(state: State, { nonce, reply }: { nonce: string; reply: ReturnType<typeof replyOf> }): State {
  return noted(state, { kind: 'reply', nonce, reply });
}

/** The workflow takes a resolution only while it waits for one. */
function resolved(state: State, outcome: 'migrated' | 'not-migrated'): State {
  const step = state.under === null ? stepOf(state) : null;
  if (step?.kind !== 'wait' || step.phase !== 'awaiting-operator') return state;
  return noted(state, { kind: 'resolved', outcome, newVnfUuid: null, actor: 'an operator', reason: 'seen' });
}

function noted(state: State, fact: Fact): State {
  const ledger = record(state.ledger, { fact, atMs: state.nowMs });
  return ledger === state.ledger ? state : { ...state, ledger };
}

// --- a shorter way to write a story ------------------------------------------------------------------------

/** Takes steps, with outcomes of one kind, until the ledger asks for something else or `limit` is over. */
export function settle(
  state: State,
  { look, sent = 'confirmed', until }: { look: LookKind; sent?: SentKind; until: (step: Step) => boolean },
): State {
  let now = state;
  for (let count = 0; count < 1_000; count += 1) {
    if (now.under === 'publish') now = play(now, { kind: 'published', sent, tookMs: 0 });
    else if (now.under === 'look') now = play(now, { kind: 'looked', seen: look, tookMs: 0 });
    else if (until(stepOf(now)) || stepOf(now).kind === 'close') return now;
    else now = play(now, { kind: 'go' });
  }
  throw new Error('it never settles');
}
