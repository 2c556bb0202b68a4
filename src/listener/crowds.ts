/**
 * Tells apart, for a workflow that is named by very many correlation ids, those of its own requests.
 *
 * Whoever knows a workflow id can make correlation ids that name it. Each would be a signal, of which Temporal takes
 * 10,000 in a run. The workflow knows its requests before they are sent, so it is asked.
 *
 * Invariants:
 * C1 An answer counts for what was received before the question was asked, alone.
 * C2 One question to a workflow at a time, whatever the number of replies that wait for its answer.
 * C3 No reply waits for longer than one question: replies of other workflows come behind it. Of a workflow that does not
 *    answer (no worker, a build without the query, a campaign) a bounded number is let through unproven.
 * C4 Bounded: the workflow that was silent longest is forgotten.
 */
import { forgetOldest } from '../shared/forget-oldest.js';

export type Membership = 'own' | 'strange';

/** The nonces of a workflow's requests; null: it does not say. Rejects if no answer came. */
export type AskNonces = (workflowId: string) => Promise<readonly string[] | null>;

/** Distinct correlation ids that are let through unasked: more than a migration has in an hour with its default policy. */
const BUDGET = 64;
const REFILL_EVERY_MS = 10_000;
/** Several listeners together must stay below the signals that a run takes. */
const MOST_UNPROVEN = 1_000;
/** A question without an answer takes seconds, in which replies wait. */
const ASK_AGAIN_AFTER_MS = 10_000;
const MOST_WORKFLOWS = 2_000;
const MOST_ADMITTED = 200;

interface Crowd {
  tokens: number;
  refilledAtMs: number;
  unproven: number;
  askAgainAtMs: number;
  /** Let through; not counted again. */
  admitted: Set<string>;
  asking: Promise<readonly string[] | null> | null;
  /** The question that those ask who came after `asking` was asked. */
  next: Promise<readonly string[] | null> | null;
}

export class Crowds {
  private readonly crowds = new Map<string, Crowd>();

  constructor(private readonly options: { ask: AskNonces; now?: () => number }) {}

  /** Whether a reply that has just been received may be for a request of that workflow. Never throws. */
  async membership({ workflowId, nonce }: { workflowId: string; nonce: string }): Promise<Membership> {
    const crowd = this.crowdOf(workflowId);
    if (crowd.admitted.has(nonce) || this.takeToken(crowd)) return admit(crowd, nonce);
    const nonces = await this.answerOf(workflowId, crowd);
    if (nonces !== null) return nonces.includes(nonce) ? admit(crowd, nonce) : 'strange';
    if (crowd.unproven >= MOST_UNPROVEN) return 'strange';
    crowd.unproven += 1;
    return admit(crowd, nonce);
  }

  private crowdOf(workflowId: string): Crowd {
    const crowd = this.crowds.get(workflowId) ?? newCrowd(this.nowMs());
    this.crowds.delete(workflowId);
    this.crowds.set(workflowId, crowd);
    forgetOldest(this.crowds, MOST_WORKFLOWS);
    return crowd;
  }

  private takeToken(crowd: Crowd): boolean {
    const nowMs = this.nowMs();
    const refilled = Math.floor((nowMs - crowd.refilledAtMs) / REFILL_EVERY_MS);
    if (refilled > 0) {
      crowd.tokens = Math.min(BUDGET, crowd.tokens + refilled);
      crowd.refilledAtMs += refilled * REFILL_EVERY_MS;
    }
    if (crowd.tokens === 0) return false;
    crowd.tokens -= 1;
    return true;
  }

  /** Null where there is none, or was none a moment ago. */
  private async answerOf(workflowId: string, crowd: Crowd): Promise<readonly string[] | null> {
    if (this.nowMs() < crowd.askAgainAtMs) return null;
    const nonces = await this.askFrom(workflowId, crowd).catch(() => null);
    if (nonces === null) crowd.askAgainAtMs = this.nowMs() + ASK_AGAIN_AFTER_MS;
    return nonces;
  }

  /** The answer to a question that is asked from now on. */
  private async askFrom(workflowId: string, crowd: Crowd): Promise<readonly string[] | null> {
    if (crowd.asking === null) {
      crowd.asking = this.options.ask(workflowId).finally(() => (crowd.asking = null));
      return await crowd.asking;
    }
    crowd.next ??= crowd.asking
      .catch(() => undefined)
      .then(async () => {
        crowd.next = null;
        return await this.askFrom(workflowId, crowd);
      });
    return await crowd.next;
  }

  private nowMs(): number {
    return (this.options.now ?? Date.now)();
  }
}

function newCrowd(nowMs: number): Crowd {
  const admitted = new Set<string>();
  return {
    ...{ tokens: BUDGET, refilledAtMs: nowMs, unproven: 0, askAgainAtMs: nowMs },
    ...{ admitted, asking: null, next: null },
  };
}

function admit({ admitted }: Crowd, nonce: string): Membership {
  admitted.add(nonce);
  forgetOldest(admitted, MOST_ADMITTED);
  return 'own';
}
