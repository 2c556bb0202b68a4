/**
 * The list of VIMs as the infrastructure adaptor answers it. Hostile until decoded.
 *
 * Invariants: `decodeVimList` never throws, whatever the bytes; every VIM that it returns has a uuid in lower case, bounded
 * and printable texts, and whole non-negative numbers; a uuid stands once; a reason is one readable line of at most 200
 * characters.
 */
import { isUuid } from '../shared/compact-uuid.js';
import { isRecord } from '../shared/mano/records.js';
import { VIM_TYPES, type Usage, type Vim, type VimType } from '../shared/vim/vim.js';
import { excerpt } from './safe-text.js';
import { MAX_BODY_BYTES } from './reply.js';
import { parseYaml, YamlRefused } from './yaml.js';

/** Beyond it a list is refused: what is kept in memory stays bounded. */
export const MAX_VIMS = 10_000;

export type DecodedVimList =
  | { kind: 'list'; vims: Vim[] }
  /** The adaptor answers that it has none to tell. */
  | { kind: 'error'; reason: string }
  /** Neither: a request of somebody else's, or nothing that can be read. */
  | { kind: 'refused'; reason: string };

const MAX_TEXT = 100;
const MAX_REASON = 200;

/** The request for the list. Not empty: the Gatekeeper listens to the topic, too, and fails on an empty body. */
export function encodeVimListRequest(): Buffer {
  return Buffer.from('{}\n');
}

export function decodeVimList(body: Uint8Array): DecodedVimList {
  if (body.byteLength > MAX_BODY_BYTES) {
    return refused(`the body has ${body.byteLength} bytes, more than ${MAX_BODY_BYTES}`);
  }
  try {
    return readVimList(parseYaml(body));
  } catch (error) {
    return refused(
      error instanceof YamlRefused ? `the body ${error.message}` : 'the body could not be decoded',
    );
  }
}

/** The same of plain data, as the Gatekeeper serves it. */
export function readVimList(content: unknown): DecodedVimList {
  if (!isRecord(content)) return refused('the body is not a mapping');
  const list = own(content, 'vim_list');
  if (Array.isArray(list)) {
    if (list.length > MAX_VIMS) return refused(`it lists ${list.length} VIMs, more than ${MAX_VIMS}`);
    return { kind: 'list', vims: vimsOf(list) };
  }
  const status = own(content, 'request_status') ?? own(content, 'status');
  if (status === undefined) return refused('the body has no vim_list');
  const message = textOf(own(content, 'message')) ?? 'no message';
  return {
    kind: 'error',
    reason: excerpt(`the adaptor answered ${String(textOf(status))}: ${message}`, MAX_REASON),
  };
}

/** An entry without a usable uuid names no VIM, and is left out. Of equal uuids the first counts. */
function vimsOf(list: readonly unknown[]): Vim[] {
  const vims = new Map<string, Vim>();
  for (const entry of list) {
    const vim = vimOf(entry);
    if (vim !== null && !vims.has(vim.uuid)) vims.set(vim.uuid, vim);
  }
  return [...vims.values()];
}

function vimOf(entry: unknown): Vim | null {
  if (!isRecord(entry)) return null;
  const uuid = own(entry, 'vim_uuid');
  if (typeof uuid !== 'string' || !isUuid(uuid.toLowerCase())) return null;
  return {
    uuid: uuid.toLowerCase(),
    name: textOf(own(entry, 'vim_name')),
    city: textOf(own(entry, 'vim_city')),
    type: typeOf(own(entry, 'type')),
    cores: usageOf(own(entry, 'core_used'), own(entry, 'core_total')),
    memoryMb: usageOf(own(entry, 'memory_used'), own(entry, 'memory_total')),
  };
}

function typeOf(value: unknown): VimType | null {
  return VIM_TYPES.find((type) => type === value) ?? null;
}

/** The adaptor sends 0 for a total that it does not know. */
function usageOf(used: unknown, total: unknown): Usage | null {
  return isCount(used) && isCount(total) && total > 0 ? { used, total } : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** YAML reads an unquoted name of digits as a number. */
function textOf(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = excerpt(String(value).trim(), MAX_TEXT);
  return text === '' ? null : text;
}

function own(content: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(content, key) ? content[key] : undefined;
}

function refused(reason: string): DecodedVimList {
  return { kind: 'refused', reason: excerpt(reason, MAX_REASON) };
}
