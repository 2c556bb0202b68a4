/**
 * One YAML document of the MANO's, from hostile bytes to plain JSON data.
 *
 * Invariants: what `parseYaml` returns has no cycles, is at most MAX_DEPTH deep, and written out in full
 * (every alias expanded) it is no larger than a fixed multiple of the body; it throws YamlRefused otherwise,
 * in time that grows with the body alone.
 */
import { YAMLException, load } from 'js-yaml';
import { excerpt } from './safe-text.js';
import { PYYAML_SCHEMA } from './yaml-schema.js';

export const MAX_DEPTH = 64;
export const MAX_ALIASES = 10_000;
/** What a document may grow to when its aliases are expanded, in nodes and characters: so many, whatever its size … */
const EXPANSION_FLOOR = 65_536;
/** … and so many for each byte. Without an alias no document comes near two. */
const EXPANSION_FACTOR = 4;

/** Says why a document was refused, in a readable line of at most 180 characters. */
export class YamlRefused extends Error {
  constructor(reason: string) {
    super(excerpt(reason, 180));
    this.name = 'YamlRefused';
  }
}

export function parseYaml(body: Uint8Array): unknown {
  const value = loadDocument(textOf(body));
  requireBounded(value, EXPANSION_FLOOR + EXPANSION_FACTOR * body.byteLength);
  return value;
}

function textOf(body: Uint8Array): string {
  const text = decodeUtf8(body);
  if (text.startsWith('\ufeff')) throw new YamlRefused('starts with a byte order mark');
  if (text.includes('\0')) throw new YamlRefused('contains a NUL character');
  return text;
}

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new YamlRefused('is not UTF-8');
  }
}

function loadDocument(text: string): unknown {
  try {
    // json: PyYAML lets the last of two equal keys win.
    return load(text, { schema: PYYAML_SCHEMA, json: true, maxDepth: MAX_DEPTH, maxAliases: MAX_ALIASES });
  } catch (error) {
    throw new YamlRefused(`is not readable as YAML: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof YAMLException)) return 'the reader failed';
  const { mark } = error;
  const where = mark === undefined ? '' : ` (line ${mark.line + 1}, column ${mark.column + 1})`;
  return `${excerpt(error.reason, 100)}${where}`;
}

/** Counts along paths: what several aliases name counts once for each. */
function requireBounded(root: unknown, limit: number): void {
  let left = limit;
  const charge = (size: number): void => {
    left -= size;
    if (left < 0) throw new YamlRefused('grows too large when its aliases are expanded');
  };
  const visit = (value: unknown, depth: number): void => {
    charge(typeof value === 'string' ? 1 + value.length : 1);
    if (typeof value !== 'object' || value === null) return;
    if (depth === MAX_DEPTH) throw new YamlRefused(`is nested deeper than ${MAX_DEPTH}`);
    if (Array.isArray(value)) {
      for (const item of value) visit(item, depth + 1);
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      charge(key.length);
      visit(item, depth + 1);
    }
  };
  visit(root, 0);
}
