/**
 * VIMs as people name them, in options, files and requests.
 *
 * Invariants: a uuid stays as it is written, and needs no list: the migration itself checks it. The list is queried once,
 * and only where a name is to be found on it. Every name that cannot be resolved is a problem at its place.
 */
import { excerpt } from '../mano/safe-text.js';
import { isUuid } from '../shared/compact-uuid.js';
import type { VimListAnswer } from '../shared/vim/answer.js';
import { findVim, knownVimsText } from '../shared/vim/lookup.js';
import { vimLabel, type Vim } from '../shared/vim/vim.js';

/** In characters: of what was given, and of what that becomes where it is unprintable. */
const MOST_QUOTED = 100;
const MOST_SHOWN = 500;

/** Resolves a text to a VIM's uuid, in lower case, or says why it cannot. */
export type ResolveVim = (text: string) => Promise<ResolvedVim>;
export type ResolvedVim = { kind: 'vim'; uuid: string } | { kind: 'problem'; message: string };

/** For one command or request: what the list was, it stays. */
export function vimResolver(query: () => Promise<VimListAnswer>): ResolveVim {
  let answer: Promise<VimListAnswer> | null = null;
  return async (text) => {
    const uuid = text.trim().toLowerCase();
    if (isUuid(uuid)) return { kind: 'vim', uuid };
    const list = await (answer ??= query());
    if (list.kind === 'listed') return resolved(text, list.vims);
    const message = `${quoted(text)} is no uuid, and no list of VIMs has its name: ${list.reason}; give the uuid`;
    return { kind: 'problem', message };
  };
}

function resolved(text: string, vims: readonly Vim[]): ResolvedVim {
  const lookup = findVim(text, vims);
  switch (lookup.kind) {
    case 'found':
      return { kind: 'vim', uuid: lookup.vim.uuid };
    case 'ambiguous': {
      const all = lookup.vims.map(vimLabel).join(', ');
      return { kind: 'problem', message: `several VIMs are named ${quoted(text)}: ${all}; give the uuid` };
    }
    case 'unknown': {
      const known = knownVimsText(vims, { wanted: text });
      return { kind: 'problem', message: `no VIM is named ${quoted(text)}; known are ${known}` };
    }
  }
}

function quoted(text: string): string {
  return `"${excerpt(text.slice(0, MOST_QUOTED), MOST_SHOWN)}"`;
}

export interface NameProblem {
  path: PropertyKey[];
  message: string;
}

/** Stands for a name that was not resolved, so that nothing else is found wrong with it. */
const UNRESOLVED = '00000000-0000-0000-0000-000000000000';

/** A specification with every VIM by its uuid: `items[].vimUuid`, `evacuate.vims`, `target.vimUuid`, `target.vims`. */
export async function withVimUuids(
  input: Record<string, unknown>,
  resolve: ResolveVim,
): Promise<{ input: Record<string, unknown>; problems: NameProblem[] }> {
  const problems: NameProblem[] = [];
  const one = async (value: unknown, path: PropertyKey[]): Promise<unknown> => {
    if (typeof value !== 'string' || value.trim() === '') return value;
    const vim = await resolve(value.trim());
    if (vim.kind === 'vim') return vim.uuid;
    problems.push({ path, message: vim.message });
    return UNRESOLVED;
  };
  const many = async (value: unknown, path: PropertyKey[]): Promise<unknown> => {
    if (!Array.isArray(value)) return value;
    const uuids: unknown[] = [];
    for (const [index, text] of value.entries()) uuids.push(await one(text, [...path, index]));
    return [...new Set(uuids)];
  };
  const fields = async (value: unknown, path: PropertyKey[]): Promise<unknown> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const named: Record<string, unknown> = { ...value };
    if ('vimUuid' in named) named['vimUuid'] = await one(named['vimUuid'], [...path, 'vimUuid']);
    if ('vims' in named) named['vims'] = await many(named['vims'], [...path, 'vims']);
    return named;
  };
  const named: Record<string, unknown> = { ...input };
  for (const field of ['evacuate', 'target']) {
    if (field in named) named[field] = await fields(named[field], [field]);
  }
  const { items } = input;
  if (Array.isArray(items)) {
    const list: unknown[] = [];
    for (const [index, item] of items.entries()) list.push(await fields(item, ['items', index]));
    named['items'] = list;
  }
  return { input: named, problems };
}
