/**
 * What a page knows of one campaign, and how an event changes it. Pure.
 *
 * Invariants:
 * - An item that an event told is never set back by a page of items that was read at the same time: the event is newer, or
 *   another event follows.
 * - A state is never changed in place: who kept one may compare.
 */
import type { AuditEntry, CampaignItemView, CampaignProgress } from '../../../shared/campaign/views.js';
import type { ProblemCode } from '../api/problem.js';
import type { CampaignView } from '../api/types.js';

/** By their index; undefined: not read yet. */
export type Items = readonly (CampaignItemView | undefined)[];

export interface CampaignLive {
  view: CampaignView | null;
  progress: CampaignProgress | null;
  items: Items;
  /** Of the reading of all items: null before the first page. */
  total: number | null;
  /** All items were read once. */
  isComplete: boolean;
  /** Told by events since the last snapshot: pages of items do not set them back. */
  touched: ReadonlySet<number>;
  audit: readonly AuditEntry[] | null;
  link: LinkState;
  /** Null: what is shown is read from the campaign. */
  trouble: Trouble | null;
}

/** The stream of events: `lost` since when, `refused` where asking again is of no use, `over` when there is nothing to come. */
export type LinkState =
  | { kind: 'opening' }
  | { kind: 'live' }
  | { kind: 'lost'; sinceMs: number; reason: string | null }
  | { kind: 'refused'; sinceMs: number; reason: string }
  | { kind: 'over' };

/** What the console says of what it cannot read. */
export interface Trouble {
  since: string;
  what: 'temporal' | 'worker' | 'unknown';
  message: string;
}

export const NOTHING_KNOWN: CampaignLive = {
  view: null,
  progress: null,
  items: [],
  total: null,
  isComplete: false,
  touched: new Set<number>(),
  audit: null,
  link: { kind: 'opening' },
  trouble: null,
};

/** What arrives between two frames is put together, and shown at once. */
export interface Batch {
  progress: CampaignProgress | null;
  items: ReadonlyMap<number, CampaignItemView>;
}

/** A new reading begins. What is shown stays until it is replaced. */
export function withSnapshot(before: CampaignLive, view: CampaignView): CampaignLive {
  return {
    ...before,
    view,
    progress: view.progress ?? before.progress,
    touched: new Set<number>(),
    isComplete: false,
    link: { kind: 'live' },
    trouble: null,
  };
}

/** The same object again, without a new reading of items. */
export function withView(before: CampaignLive, view: CampaignView): CampaignLive {
  return { ...before, view, progress: view.progress ?? before.progress };
}

export function withBatch(before: CampaignLive, { progress, items }: Batch): CampaignLive {
  if (items.size === 0) return progress === null ? before : { ...before, progress };
  const changed = [...before.items];
  const touched = new Set(before.touched);
  for (const [index, item] of items) {
    changed[index] = item;
    touched.add(index);
  }
  const total = before.total === null ? null : Math.max(before.total, changed.length);
  return { ...before, progress: progress ?? before.progress, items: changed, touched, total };
}

interface ItemsPage {
  items: readonly CampaignItemView[];
  total: number;
  isLast: boolean;
}

export function withPage(before: CampaignLive, { items, total, isLast }: ItemsPage): CampaignLive {
  const changed = [...before.items];
  for (const item of items) if (!before.touched.has(item.index)) changed[item.index] = item;
  // A campaign that was started anew under its name may have fewer.
  if (isLast)
    changed.length = Math.min(
      changed.length,
      Math.max(total, ...[...before.touched].map((index) => index + 1)),
    );
  return { ...before, items: changed, total: Math.max(total, changed.length), isComplete: isLast };
}

export function knownItems({ items }: Pick<CampaignLive, 'items'>): CampaignItemView[] {
  return items.filter((item) => item !== undefined);
}

/** Since when, and why, the page may be behind; null: it is live, or there is nothing more to come. */
export function notLive({ link, trouble }: Pick<CampaignLive, 'link' | 'trouble'>): {
  sinceMs: number;
  reason: string;
} | null {
  if (link.kind === 'over') return null;
  if (link.kind === 'refused') return link;
  if (link.kind === 'lost') {
    return { sinceMs: link.sinceMs, reason: link.reason ?? 'the connection to the console is lost' };
  }
  return trouble === null ? null : { sinceMs: Date.parse(trouble.since), reason: trouble.message };
}

const FINAL_PROBLEMS: readonly ProblemCode[] = ['not-found', 'unauthenticated', 'forbidden'];

/** After a read that failed. A live stream is not lost by that. */
export function linkAfter(
  link: LinkState,
  { code, message }: { code: ProblemCode; message: string },
): LinkState {
  const sinceMs = link.kind === 'lost' ? link.sinceMs : Date.now();
  if (FINAL_PROBLEMS.includes(code)) return { kind: 'refused', sinceMs, reason: message };
  return link.kind === 'live' ? link : { kind: 'lost', sinceMs, reason: message };
}
