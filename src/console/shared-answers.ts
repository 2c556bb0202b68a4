/**
 * Answers that are given to all who ask the same within a while, so that what is asked of others does not grow with those
 * who ask.
 *
 * Invariants: a failure is not kept; whoever asked with others fails with them. The number of answers is bounded: the oldest
 * goes first.
 */
interface Kept<T> {
  atMs: number;
  answer: Promise<T>;
}

const MOST_KEPT = 50;

export class SharedAnswers<T> {
  private readonly kept = new Map<string, Kept<T>>();

  constructor(private readonly validMs: number) {}

  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const present = this.kept.get(key);
    if (present !== undefined && Date.now() - present.atMs <= this.validMs) return await present.answer;
    const asked = { atMs: Date.now(), answer: ask() };
    this.keep(key, asked);
    try {
      return await asked.answer;
    } catch (error) {
      if (this.kept.get(key) === asked) this.kept.delete(key);
      throw error;
    }
  }

  /** What is asked next is asked anew. */
  forget(): void {
    this.kept.clear();
  }

  private keep(key: string, asked: Kept<T>): void {
    this.kept.delete(key);
    this.kept.set(key, asked);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}
