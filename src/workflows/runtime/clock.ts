/** The workflow's own time: the sandbox replaces `Date`, so that a replay sees the same. */
export function nowMs(): number {
  return Date.now();
}

/** ISO 8601, as results and queries show times. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Epoch milliseconds of a time as activities report it, ISO 8601. */
export function epochMs(iso: string): number {
  return Date.parse(iso);
}
