/** How long migrations took: in ascending order, so that a percentile costs no search. Pure. */
const LEAST_KNOWN = 5;

export class Durations {
  private readonly ascendingMs: number[] = [];
  private totalMs = 0;

  /** Null of none. */
  get meanMs(): number | null {
    const { length } = this.ascendingMs;
    return length === 0 ? null : this.totalMs / length;
  }

  add(ms: number): void {
    this.totalMs += ms;
    this.ascendingMs.splice(this.placeOf(ms), 0, ms);
  }

  remove(ms: number): void {
    const place = this.placeOf(ms);
    if (this.ascendingMs[place] !== ms) return;
    this.totalMs -= ms;
    this.ascendingMs.splice(place, 1);
  }

  /** The duration that 95 of 100 do not exceed; null of fewer than five. */
  get p95Ms(): number | null {
    const { length } = this.ascendingMs;
    return length < LEAST_KNOWN ? null : (this.ascendingMs[Math.ceil(0.95 * length) - 1] ?? null);
  }

  /** The first place whose duration is not shorter. */
  private placeOf(ms: number): number {
    let [low, high] = [0, this.ascendingMs.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.ascendingMs[middle] ?? 0) < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
