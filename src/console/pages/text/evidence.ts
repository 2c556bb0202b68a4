/** The evidence of a migration in the order of time. Pure. */
import type { AttemptView, MigrationState } from '../../../shared/migration/contract.js';
import { plainText, type Tone } from './words.js';

export interface EvidenceEntry {
  /** Null: a note without a time. */
  at: string | null;
  title: string;
  text: string | null;
  /** A correlation id, or a topic. */
  detail: string | null;
  tone: Tone;
}

export function evidenceOf(state: MigrationState): EvidenceEntry[] {
  const { startedAt, attempts, verdict, permit } = state;
  const begun: EvidenceEntry = { at: startedAt, title: 'Started', text: null, detail: null, tone: 'quiet' };
  const waited: EvidenceEntry[] =
    permit?.waitingSince == null
      ? []
      : [
          {
            at: permit.waitingSince,
            title: 'Waits for a permit',
            text: permit.reason,
            detail: null,
            tone: 'waiting',
          },
        ];
  const judged: EvidenceEntry[] =
    verdict === null
      ? []
      : [
          {
            at: null,
            title: `Verdict: ${plainText(verdict.outcome)}`,
            text: verdict.message,
            detail: verdict.evidence === null ? null : `evidence: ${plainText(verdict.evidence)}`,
            tone: toneOfOutcome(verdict.outcome),
          },
        ];
  return [begun, ...waited, ...attempts.flatMap(entriesOfAttempt), ...judged];
}

function toneOfOutcome(outcome: string): Tone {
  if (outcome === 'failed') return 'bad';
  return outcome === 'cancelled' ? 'doubt' : 'good';
}

function entriesOfAttempt(attempt: AttemptView): EvidenceEntry[] {
  const { number, reason, correlationId, startedAt, replies, notes } = attempt;
  const request: EvidenceEntry = {
    at: startedAt,
    title: `Request ${number}: ${plainText(reason)}`,
    text: sentText(attempt),
    detail: correlationId,
    tone: attempt.sent === 'perhaps' ? 'doubt' : 'going',
  };
  const answers = replies.map(({ status, error, isFinal, topic, at }): EvidenceEntry => ({
    at,
    title: `${isFinal ? 'Final reply' : 'First reply'}: ${status}`,
    text: error,
    detail: topic,
    tone: error === null ? 'good' : 'bad',
  }));
  const others = notes.map(noteEntry);
  const inOrder = [...answers, ...others].sort((left, right) => timeOf(left) - timeOf(right));
  return [request, ...inOrder];
}

/** Where it stands without a time, a note comes after what has one. */
function timeOf({ at }: EvidenceEntry): number {
  return at === null ? Number.POSITIVE_INFINITY : Date.parse(at);
}

/** A note begins with its time. */
function noteEntry(note: string): EvidenceEntry {
  const [, at = null, text = note] = /^(\d{4}-\d\d-\d\dT\S+) (.*)$/s.exec(note) ?? [];
  return { at, title: 'Note', text, detail: null, tone: 'quiet' };
}

function sentText({ sent }: AttemptView): string {
  switch (sent) {
    case 'confirmed':
      return 'published; the broker confirmed it';
    case 'perhaps':
      return 'perhaps published: the broker did not confirm it';
    case 'not-sent':
      return 'not sent';
    case 'publishing':
      return 'being published';
  }
}
