/** What a query for the list of VIMs came to. */
import type { Vim } from './vim.js';

export type VimListAnswer =
  | { kind: 'listed'; vims: Vim[] }
  /** Nobody answered, or what answered could not tell. */
  | { kind: 'unavailable'; reason: string };
