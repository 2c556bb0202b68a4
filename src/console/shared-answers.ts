/**
 * Answers that are given to all who ask the same within a while, so that what is asked of others does not grow with those
 * who ask.
 *
 * Invariants: nothing is asked twice at a time; a failure is not kept; whoever asked with others fails with them. An answer
 * goes when its time is over, and the oldest earlier where there are too many.
 */
import { forgetOldest } from '../shared/forget-oldest.js';

const MOST_KEPT = 50;

export class SharedAnswers<T> {
  private readonly kept = new Map<string, Promise<T>>();

  /** For so long an answer is given to others. */
  constructor(private readonly validMs: number) {}

  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const present = this.kept.get(key);
    if (present !== undefined) return await present;
    const answer = ask();
    this.keep(key, answer);
    try {
      const answered = await answer;
      setTimeout(() => this.drop(key, answer), this.validMs).unref();
      return answered;
    } catch (error) {
      this.drop(key, answer);
      throw error;
    }
  }

  /** What is asked next is asked anew. */
  forget(): void {
    this.kept.clear();
  }

  private keep(key: string, answer: Promise<T>): void {
    this.kept.set(key, answer);
    forgetOldest(this.kept, MOST_KEPT);
  }

  private drop(key: string, answer: Promise<T>): void {
    if (this.kept.get(key) === answer) this.kept.delete(key);
  }
}
