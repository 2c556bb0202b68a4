/**
 * Parses YAML, and so JSON, and keeps the line of every value, so that a problem can name its line.
 *
 * Invariants: the input is one document of plain data without aliases, so that the data is no larger than its text.
 * `lineOf` returns a line for every path. For a missing value it returns the line of the parent.
 */
import {
  constructFromEvents,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  YAMLException,
  type Event,
} from 'js-yaml';

export interface Located {
  value: unknown;
  /** Counted from 1. */
  lineOf: (path: readonly PropertyKey[]) => number;
}

export type LocatedReading =
  { kind: 'read'; located: Located } | { kind: 'unreadable'; line: number; message: string };

export function readLocated(text: string): LocatedReading {
  try {
    const events = parseEvents(text, { maxDepth: 20 });
    const documents = constructFromEvents(events, { source: text, maxAliases: 0 });
    if (documents.length !== 1) {
      const message = documents.length === 0 ? 'it is empty' : 'it holds more than one document';
      return { kind: 'unreadable', line: 1, message };
    }
    const lines = linesOf(events, text);
    const lineOf = (path: readonly PropertyKey[]): number => {
      for (let length = path.length; length > 0; length -= 1) {
        const line = lines.get(keyOf(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return lines.get(keyOf([])) ?? 1;
    };
    return { kind: 'read', located: { value: documents[0], lineOf } };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return { kind: 'unreadable', line: (error.mark?.line ?? 0) + 1, message: error.reason };
  }
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

/** An open collection. In a mapping, `key` is the last key read, as long as it has no value. */
interface Open {
  path: string[];
  kind: 'sequence' | 'mapping' | 'document';
  size: number;
  key: { name: string; start: number } | null;
}

function linesOf(events: readonly Event[], text: string): Map<string, number> {
  const lineAt = lineCounter(text);
  const lines = new Map<string, number>();
  const open: Open[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    const start = startOf(event);
    if (event.type === EVENT_ID.SCALAR && parent?.kind === 'mapping' && parent.key === null) {
      parent.key = { name: getScalarValue(text, event), start };
      continue;
    }
    const path = parent === undefined ? [] : placeIn(parent);
    // Use the line of the key, where readers look. The value may begin on a later line.
    const from = parent?.key?.start ?? start;
    if (event.type !== EVENT_ID.DOCUMENT) lines.set(keyOf(path), lineAt(from));
    if (parent !== undefined) parent.key = null;
    if (event.type === EVENT_ID.DOCUMENT) open.push({ path, kind: 'document', size: 0, key: null });
    if (event.type === EVENT_ID.SEQUENCE) open.push({ path, kind: 'sequence', size: 0, key: null });
    if (event.type === EVENT_ID.MAPPING) open.push({ path, kind: 'mapping', size: 0, key: null });
  }
  return lines;
}

function placeIn(parent: Open): string[] {
  if (parent.kind === 'document') return parent.path;
  if (parent.kind === 'mapping') return [...parent.path, parent.key?.name ?? ''];
  parent.size += 1;
  return [...parent.path, String(parent.size - 1)];
}

function startOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return event.start;
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    case EVENT_ID.DOCUMENT:
    case EVENT_ID.POP:
      return 0;
  }
}

/** Returns the line of an offset. */
function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
