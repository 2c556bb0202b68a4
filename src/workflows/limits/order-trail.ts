/** Who ordered what of the limits, and what they did by themselves. The latest entries are kept. */
import type { SetLimitsInput } from '../../shared/limits/contract.js';

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
export function orderText({ total, vims = [] }: Pick<SetLimitsInput, 'total' | 'vims'>): string {
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
