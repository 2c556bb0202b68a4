/**
 * The YAML that the MANO speaks: PyYAML's YAML 1.1, read as plain JSON data.
 *
 * Invariants: a value is null, a boolean, a finite number, a string, an array or a plain object, whatever
 * its tag says, and nothing is ever constructed; text that PyYAML leaves unquoted because it is a string to
 * PyYAML ('123e4567', '0o17', 'y') is a string here. test/unit/mano/pyyaml.test.ts holds this against PyYAML and
 * lists where the two differ.
 */
import {
  NOT_RESOLVED,
  Schema,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mergeTag,
  strTag,
} from 'js-yaml';

/** Python reads no longer ones either; beyond it the text stays as it is. */
const MAX_INT_CHARACTERS = 4300;

// The regular expressions of PyYAML's resolver, letter for letter; js-yaml's own differ (0:30, -.5, y).
const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const FLOAT =
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
/** What `!!float` may also stand before. */
const PLAIN_DECIMAL = /^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/;

const loadOnly = { identify: () => false };
const SIGNS_AND_DIGITS = Array.from('-+0123456789');

const nullTag = defineScalarTag<null>('tag:yaml.org,2002:null', {
  ...loadOnly,
  implicit: true,
  implicitFirstChars: ['', '~', 'n', 'N'],
  // PyYAML makes null of anything that is tagged so.
  resolve: (source, isExplicit) =>
    isExplicit || /^(?:~|null|Null|NULL|)$/.test(source) ? null : NOT_RESOLVED,
});

const boolTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  ...loadOnly,
  implicit: true,
  implicitFirstChars: Array.from('yYnNtTfFoO'),
  resolve: (source) => (BOOL.test(source) ? TRUE.test(source) : NOT_RESOLVED),
});

const floatTag = defineScalarTag<number | string>('tag:yaml.org,2002:float', {
  ...loadOnly,
  implicit: true,
  implicitFirstChars: ['.', ...SIGNS_AND_DIGITS],
  resolve: (source, isExplicit) =>
    FLOAT.test(source) || (isExplicit && PLAIN_DECIMAL.test(source)) ? floatOf(source) : NOT_RESOLVED,
});

const intTag = defineScalarTag<number | string>('tag:yaml.org,2002:int', {
  ...loadOnly,
  implicit: true,
  implicitFirstChars: SIGNS_AND_DIGITS,
  resolve: (source) => (INT.test(source) ? intOf(source) : NOT_RESOLVED),
});

/** Timestamps, `!!binary`, Python's tags and unknown ones: the source text. The empty prefix matches any tag. */
const anyScalarTag = defineScalarTag<string>('', {
  ...loadOnly,
  matchByTagPrefix: true,
  resolve: (source) => source,
});

// A `finalize` of its own makes js-yaml refuse an alias inside the collection that it names: no cycles.
const sequence = {
  ...loadOnly,
  create: (): unknown[] => [],
  addItem: (items: unknown[], item: unknown): void => void items.push(item),
  finalize: (items: unknown[]) => items,
};

const mapping = {
  ...loadOnly,
  create: (): Record<string, unknown> => ({}),
  addPair,
  has: (pairs: Record<string, unknown>, key: unknown) => Object.hasOwn(pairs, String(key)),
  keys: (pairs: Record<string, unknown>) => Object.keys(pairs),
  get: (pairs: Record<string, unknown>, key: unknown) => pairs[String(key)],
  finalize: (pairs: Record<string, unknown>) => pairs,
};

const repeated = new WeakMap<object, Set<string>>();

/** The keys that the mapping's text gives more than once; the last one's value is the mapping's, as in PyYAML. */
export function repeatedKeys(value: object): ReadonlySet<string> {
  return repeated.get(value) ?? new Set();
}

export const PYYAML_SCHEMA = new Schema([
  strTag,
  nullTag,
  boolTag,
  floatTag,
  intTag,
  mergeTag,
  defineSequenceTag('tag:yaml.org,2002:seq', sequence),
  defineMappingTag('tag:yaml.org,2002:map', mapping),
  anyScalarTag,
  defineSequenceTag('', { ...sequence, matchByTagPrefix: true }),
  defineMappingTag('', { ...mapping, matchByTagPrefix: true }),
]);

/** JSON has no keys but strings: `1` is "1", `yes` is "true", `~` is "null". PyYAML refuses collections, too. */
// eslint-disable-next-line max-params -- js-yaml calls it so
function addPair(pairs: Record<string, unknown>, key: unknown, value: unknown): string {
  if (typeof key === 'object' && key !== null) return 'a collection is the key of a mapping';
  const name = String(key);
  if (Object.hasOwn(pairs, name)) {
    repeated.set(pairs, (repeated.get(pairs) ?? new Set()).add(name));
  }
  // An assignment to __proto__ would change the object's prototype.
  if (name === '__proto__') {
    Object.defineProperty(pairs, name, { value, enumerable: true, configurable: true, writable: true });
  } else pairs[name] = value;
  return '';
}

/** A number where it is exact, else its decimal text: an id must not lose its last digits. */
function intOf(source: string): number | string | typeof NOT_RESOLVED {
  if (source.length > MAX_INT_CHARACTERS) return source;
  const { negative, magnitude } = signOf(source.replaceAll('_', ''));
  const value = magnitudeOf(magnitude);
  if (value === null) return NOT_RESOLVED;
  const signed = negative ? -value : value;
  const number = Number(signed);
  return Number.isSafeInteger(number) ? number : signed.toString();
}

function magnitudeOf(text: string): bigint | null {
  if (/^0[bx]$/.test(text)) return null;
  if (text.includes(':')) return text.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  if (/^0[0-7]/.test(text)) return BigInt(`0o${text}`);
  return BigInt(text);
}

function floatOf(source: string): number | string {
  const { negative, magnitude } = signOf(source.replaceAll('_', '').toLowerCase());
  const value = magnitude === '.nan' ? NaN : sexagesimal(magnitude);
  if (Number.isNaN(value)) return 'nan';
  if (value === Infinity) return negative ? '-inf' : 'inf';
  // JSON has no -0.
  return negative && value !== 0 ? -value : value;
}

/** Summed from the smallest part up, as PyYAML does, so that the last bit is the same. */
function sexagesimal(magnitude: string): number {
  if (magnitude === '.inf') return Infinity;
  let sum = 0;
  let unit = 1;
  for (const part of magnitude.split(':').reverse()) {
    sum += Number(part) * unit;
    unit *= 60;
  }
  return sum;
}

function signOf(text: string): { negative: boolean; magnitude: string } {
  return { negative: text.startsWith('-'), magnitude: text.replace(/^[-+]/, '') };
}
