/**
 * Who ordered what of a campaign, and what it did by itself.
 *
 * Invariant: bounded in number and in size; of too many the oldest are forgotten, and how many is known.
 */
import type { AuditEntry } from '../../shared/campaign/views.js';
import { isoTime } from '../runtime/clock.js';

export interface TrailEntry {
  atMs: number;
  actor: string | null;
  action: string;
  reason: string;
}

const MOST_ENTRIES = 1_000;
/** In characters, over all entries: part of what continue-as-new carries. */
const MOST_TEXT = 150_000;
const ENTRY_OVERHEAD = 60;

export class AuditTrail {
  private text = 0;

  constructor(
    private readonly entries: TrailEntry[] = [],
    private forgotten = 0,
  ) {
    for (const entry of entries) this.text += sizeOf(entry);
  }

  add(entry: TrailEntry): void {
    this.entries.push(entry);
    this.text += sizeOf(entry);
    while (this.entries.length > MOST_ENTRIES || this.text > MOST_TEXT) this.forget();
  }

  get carried(): { entries: readonly TrailEntry[]; forgotten: number } {
    return { entries: this.entries, forgotten: this.forgotten };
  }

  view(): AuditEntry[] {
    const known = this.entries.map(({ atMs, ...entry }) => ({ at: isoTime(atMs), ...entry }));
    const [first] = known;
    if (this.forgotten === 0 || first === undefined) return known;
    const reason = `${String(this.forgotten)} older entries were dropped for want of room`;
    return [{ at: first.at, actor: null, action: 'forgotten', reason }, ...known];
  }

  private forget(): void {
    const oldest = this.entries.shift();
    if (oldest === undefined) return;
    this.text -= sizeOf(oldest);
    this.forgotten += 1;
  }
}

function sizeOf({ actor, action, reason }: TrailEntry): number {
  return (actor?.length ?? 0) + action.length + reason.length + ENTRY_OVERHEAD;
}
