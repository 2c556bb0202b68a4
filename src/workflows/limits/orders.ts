/** Orders to the limits: what they change, and the trail of the latest. */
import type { SetLimitsInput, SharedLimits } from '../../shared/limits/contract.js';

type Change = Pick<SetLimitsInput, 'total' | 'vims'>;

export interface OrderEntry {
  atMs: number;
  /** Null: the limits themselves. */
  actor: string | null;
  action: string;
  reason: string;
}

const MOST_ENTRIES = 100;
/** Of what an order changes. */
const MOST_TEXT = 500;

export function withEntry(trail: readonly OrderEntry[], entry: OrderEntry): OrderEntry[] {
  return [...trail, { ...entry, action: entry.action.slice(0, MOST_TEXT) }].slice(-MOST_ENTRIES);
}

/** `set total 20, VIM … in 2 out none`. */
export function orderText({ total, vims = [] }: Change): string {
  const parts = [
    ...(total === undefined ? [] : [`total ${limitText(total)}`]),
    ...vims.map((vim) => {
      const arriving = vim.in === undefined ? '' : ` in ${limitText(vim.in)}`;
      const leaving = vim.out === undefined ? '' : ` out ${limitText(vim.out)}`;
      return `VIM ${vim.vimUuid}${arriving}${leaving}`;
    }),
  ];
  return `set ${parts.join(', ')}`;
}

function limitText(limit: number | null): string {
  return limit === null ? 'none' : String(limit);
}

/** What is not named stays as it is. */
export function merged(limits: SharedLimits, change: Change): SharedLimits {
  const vims = new Map(limits.vims.map((vim) => [vim.vimUuid, vim]));
  for (const { vimUuid, in: arriving, out: leaving } of change.vims ?? []) {
    const before = vims.get(vimUuid) ?? { vimUuid, in: null, out: null };
    vims.set(vimUuid, {
      vimUuid,
      in: arriving === undefined ? before.in : arriving,
      out: leaving === undefined ? before.out : leaving,
    });
  }
  return { total: change.total === undefined ? limits.total : change.total, vims: [...vims.values()] };
}
