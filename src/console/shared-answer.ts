/**
 * An answer that is given to all who ask within a while, so that what is asked of others does not grow with those who ask.
 *
 * Invariant: a failure is not kept; whoever asked with others fails with them.
 */
export class SharedAnswer<T> {
  private present: { atMs: number; answer: Promise<T> } | null = null;

  constructor(
    private readonly ask: () => Promise<T>,
    private readonly validMs: number,
  ) {}

  async get(): Promise<T> {
    const { present } = this;
    if (present !== null && Date.now() - present.atMs <= this.validMs) return await present.answer;
    const asked = { atMs: Date.now(), answer: this.ask() };
    this.present = asked;
    try {
      return await asked.answer;
    } catch (error) {
      if (this.present === asked) this.present = null;
      throw error;
    }
  }
}
