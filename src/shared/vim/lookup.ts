/**
 * Finds a VIM by its uuid or its name.
 *
 * Invariant: a name that several VIMs bear is never resolved to one of them.
 */
import { vimLabel, type Vim } from './vim.js';

export type VimLookup<V extends NamedVim = Vim> =
  | { kind: 'found'; vim: V }
  /** Several VIMs bear the name. */
  | { kind: 'ambiguous'; vims: V[] }
  | { kind: 'unknown' };

export type NamedVim = Pick<Vim, 'uuid' | 'name'>;

/** By uuid, else by the exact name, else by the name in any case. */
export function findVim<V extends NamedVim>(text: string, vims: readonly V[]): VimLookup<V> {
  const wanted = text.trim();
  const folded = wanted.toLowerCase();
  const byUuid = vims.find(({ uuid }) => uuid === folded);
  if (byUuid !== undefined) return { kind: 'found', vim: byUuid };
  const exact = vims.filter(({ name }) => name === wanted);
  const named = exact.length > 0 ? exact : vims.filter(({ name }) => name?.toLowerCase() === folded);
  const [first, ...others] = named;
  if (first === undefined) return { kind: 'unknown' };
  return others.length === 0 ? { kind: 'found', vim: first } : { kind: 'ambiguous', vims: named };
}

/** A list of thousands would hide the message that names it. */
export const NAMED_AT_MOST = 8;

/**
 * The VIMs for an error message: those most like the wanted text first, "and 12 more" for the rest. `total`: how many
 * there are, where not all of them are given.
 */
export function knownVimsText(
  vims: readonly NamedVim[],
  { wanted = '', total = vims.length }: { wanted?: string; total?: number } = {},
): string {
  if (vims.length === 0) return 'none';
  const named = nearestVims(vims, { wanted, limit: NAMED_AT_MOST });
  const others = total - named.length;
  const text = named.map(vimLabel).join(', ');
  return others > 0 ? `${text} and ${String(others)} more` : text;
}

/** At most `limit` VIMs, those most like the wanted text first, then by name. */
export function nearestVims<V extends NamedVim>(
  vims: readonly V[],
  { wanted, limit }: { wanted: string; limit: number },
): V[] {
  const folded = wanted.trim().toLowerCase();
  const isNear = ({ uuid, name }: NamedVim): boolean =>
    folded !== '' && (uuid.includes(folded) || (name?.toLowerCase().includes(folded) ?? false));
  const near = vims.filter(isNear);
  const nearest = firstByName(near, limit);
  if (nearest.length === limit) return nearest;
  const others = vims.filter((vim) => !near.includes(vim));
  return [...nearest, ...firstByName(others, limit - nearest.length)];
}

/** Without sorting them all: a list of thousands of wrong names asks for each of them. */
function firstByName<V extends NamedVim>(vims: readonly V[], limit: number): V[] {
  const sortKey = ({ uuid, name }: NamedVim): string => name ?? uuid;
  const first: V[] = [];
  for (const vim of vims) {
    const at = first.findLastIndex((other) => sortKey(other) <= sortKey(vim)) + 1;
    if (at < limit) first.splice(at, 0, vim);
    if (first.length > limit) first.pop();
  }
  return first;
}
