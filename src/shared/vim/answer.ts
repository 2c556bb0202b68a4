/** What a query for the list of VIMs came to. */
import type { NamedVim } from './lookup.js';
import type { Vim } from './vim.js';

export type VimListAnswer =
  | { kind: 'listed'; vims: Vim[] }
  /** Nobody answered, or what answered could not tell. */
  | { kind: 'unavailable'; reason: string };

/** What a workflow gets of the list: bounded, whatever the adaptor lists. */
export type VimListing =
  | {
      kind: 'listed';
      /** When the query began; ISO 8601. */
      listedAt: string;
      /** Those that were asked for and are listed. */
      vims: Vim[];
      /** How many VIMs are listed, and, for a message, some of them. */
      total: number;
      known: NamedVim[];
    }
  | { kind: 'unavailable'; reason: string };
