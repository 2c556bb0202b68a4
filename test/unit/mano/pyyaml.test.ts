/**
 * Compares the decoder's YAML with PyYAML, which the MANO uses to write. The decoder reads the output of PyYAML as
 * the same data. A document that both accept gives the same data in both. DEVIATIONS lists every difference, row by
 * row.
 *
 * The test needs Python with PyYAML, and is skipped if they are missing. PyYAML is restricted to plain data too:
 * see test/support/pyyaml-server.py.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { YamlRefused, parseYaml } from '../../../src/mano/yaml.js';
import { type PyYaml, hasPyYaml, startPyYaml } from '../../support/pyyaml.js';

const available = hasPyYaml();
if (!available) console.warn('python3 has no PyYAML here: the comparison with it is skipped');

const REFUSED = Symbol('refused');

/** name, document, what PyYAML reads, what we read. None of it is ever written by PyYAML, but for the first. */
const DEVIATIONS: [name: string, text: string, theirs: unknown, ours: unknown][] = [
  // allow_unicode only: by default PyYAML escapes them. YAML 1.1 takes them for line breaks, 1.2 does not.
  ['next line, line and paragraph separator', "'a\u0085b \u2028 c'", 'a b\u2028c', 'a\u0085b \u2028 c'],
  // Refused here on purpose.
  ['nothing', '', null, REFUSED],
  ['a comment alone', '# a\n', null, REFUSED],
  ['a byte order mark', '\ufeffa: 1\n', { a: 1 }, REFUSED],
  ['deep nesting', '['.repeat(70) + ']'.repeat(70), nested(70), REFUSED],
  // Tags nobody needs.
  ['the non-specific tag', '[! 12, ! "12"]', [12, 12], ['12', '12']],
  ['bool in mixed case', '!!bool tRue', true, REFUSED],
  ['int in the notation of YAML 1.2', '!!int 0o17', 15, REFUSED],
  ['float of base 60 without a point', '!!float 1:30', 90, REFUSED],
  ['merge for another key', '!!merge a', 'a', REFUSED],
  ['a tag of another kind of node, on a scalar', '!!map a', REFUSED, 'a'],
  ['a tag of another kind of node, on a list', '!!str [a]', REFUSED, ['a']],
  // Numbers without digits, or with too many.
  ['no binary digits', '[0b_]', REFUSED, ['0b_']],
  ['no hexadecimal digits', '[0x_]', REFUSED, ['0x_']],
  ['5,000 digits', `[${'1'.repeat(5000)}]`, REFUSED, ['1'.repeat(5000)]],
  ['a code point beyond Unicode', '"\\U00110000"', REFUSED, '\udc00\udc00'],
  // Keys.
  ['keys that are equal to Python', '{1: a, yes: b}', { 1: 'b' }, { 1: 'a', true: 'b' }],
  ['two merges in one mapping', '{<<: {x: 1}, <<: {x: 2}}', { x: 2 }, { x: 1 }],
  // Anchors.
  ['an anchor twice', '[&a 1, &a 2, *a]', REFUSED, [1, 2, 2]],
  // The edges of the syntax, where js-yaml follows YAML 1.2.
  ['a block scalar at the very end', 'a: |\n  b', { a: 'b' }, { a: 'b\n' }],
  ['a comment in a block scalar', '|+\n# c\n\n', '', '# c\n\n'],
  ['an indented document start', ' ---\n', '---', null],
  ['no space before a comment', "'a'# c\n", 'a', REFUSED],
  ['a quoted text indented too little', '\n  - "a\\\n  b"\n', ['ab'], REFUSED],
  ['a tab at the end of a line', 'a\t\n', REFUSED, 'a'],
  ['a colon before a flow scalar', '[:a]', REFUSED, [':a']],
  ['a dash in a flow list', '[-]', ['-'], REFUSED],
  ['an empty key', '- :\n', REFUSED, [{ null: null }]],
];

function nested(depth: number): unknown {
  return depth === 1 ? [] : [nested(depth - 1)];
}

describe.skipIf(!available)('PyYAML and the decoder', () => {
  let pyyaml: PyYaml;
  beforeAll(() => {
    pyyaml = startPyYaml();
  });
  afterAll(() => pyyaml.close());

  async function theirs(text: string): Promise<unknown> {
    const loaded = await pyyaml.load(text);
    return 'refused' in loaded ? REFUSED : loaded.value;
  }

  /** Both refuse it, or both read the same. */
  async function expectSame(text: string): Promise<void> {
    expect(ours(text), JSON.stringify(text)).toEqual(await theirs(text));
  }

  it.each(DEVIATIONS)('differ in %s', async (_name, text, pythonic, own) => {
    expect(await theirs(text)).toEqual(pythonic);
    expect(ours(text)).toEqual(own);
  });

  it('read the same scalars, as items and as keys', async () => {
    await fc.assert(
      fc.asyncProperty(scalars, async (scalar) => {
        await expectSame(`- ${scalar}\n`);
        await expectSame(`${scalar}: ${scalar}\n`);
        await expectSame(`{k: ${scalar}, ? ${scalar} : 1}`);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '!!int',
    '!!float',
    '!!str',
    '!!null',
    '!!timestamp',
    '!!binary',
    '!!python/none',
    '!a',
    '!<x:y>',
  ])('read the same scalars tagged %s', async (tag) => {
    const tagged = scalars.filter((text) => !/^[-+]?0o|_|nan$|:/i.test(text));
    await fc.assert(
      fc.asyncProperty(tagged, fc.constantFrom('', '"', "'"), (scalar, quote) =>
        expectSame(`- ${tag} ${quote}${scalar}${quote}\n`),
      ),
      { numRuns: 100 },
    );
  });

  it('read the same collections with tags', async () => {
    const documents = [
      '!!set {a, b}',
      '!!omap [a: 1, b: 2]',
      '!!pairs [a: 1, a: 2]',
      '!!python/tuple [1, 2]',
      '!x {a: !y [1]}',
    ];
    for (const text of [...documents, '!!python/object/apply:os.system [id]', '!!python/object:x.Y {a: 1}']) {
      expect(ours(text)).not.toBe(REFUSED);
      await expectSame(text);
    }
  });

  it('agree on what PyYAML writes', async () => {
    const options = fc.record({ flow: fc.boolean(), unicode: fc.boolean(), twice: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(values, options, async (value, how) => {
        const text = await pyyaml.dump(value, how);
        expect(ours(text), text).toEqual(how.twice ? [value, value] : value);
      }),
      { numRuns: 500 },
    );
  });

  it('read the same wherever both read anything', async () => {
    let both = 0;
    await fc.assert(
      fc.asyncProperty(documents, async (text) => {
        const [pythonic, own] = [await theirs(text), ours(text)];
        if (pythonic === REFUSED || own === REFUSED) return;
        both += 1;
        expect(own, JSON.stringify(text)).toEqual(pythonic);
      }),
      { numRuns: 3000 },
    );
    expect(both).toBeGreaterThan(300);
  });
});

function ours(text: string): unknown {
  try {
    return parseYaml(Buffer.from(text));
  } catch (error) {
    if (error instanceof YamlRefused) return REFUSED;
    throw error;
  }
}

/** One of the characters. */
function anyOf(characters: string): fc.Arbitrary<string> {
  return fc.constantFrom(...Array.from(characters));
}

/** Plain scalars that look like numbers, booleans, dates and ids. */
const scalars = fc
  .oneof(
    fc.string({ unit: anyOf('0123456789+-._:eExXobaAfF'), minLength: 1, maxLength: 9 }),
    fc.uuid(),
    // An id such as 1234e567-… or 12345678-….
    fc.stringMatching(/^[0-9]{1,6}[eE][-+]?[0-9]{1,6}(-[0-9a-f]{4}){0,2}$/),
    fc.stringMatching(/^[-+]?[0-9_]{1,20}(\.[0-9_]{0,5})?([eE][-+][0-9]{1,3})?$/),
    fc.stringMatching(/^[-+]?[0-9]{1,3}(:[0-9]{1,2}){1,3}(\.[0-9]{0,3})?$/),
    fc.stringMatching(
      /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?(Z|[-+][0-9]{1,2})?)?$/,
    ),
    fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
    fc.constantFrom(
      ...['y', 'n', 'Y', 'N', 'yes', 'No', 'on', 'OFF', 'yEs', 'true', 'TRUE', 'tRue', 'False'],
    ),
    fc.constantFrom(
      ...['null', 'Null', 'nUll', '~', '.inf', '-.INF', '+.inf', '.nan', '.NaN', '-.nan', '=', '1.0e+400'],
    ),
  )
  // Rows of DEVIATIONS, and marks of YAML's.
  .filter((text) => !/^[-:]|:$|^[-+]?0[bx]_*$|^-$/.test(text));

const texts = fc
  .oneof(
    scalars,
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => !/\p{Surrogate}/u.test(text)),
    fc.string({
      unit: anyOf('-?:,[]{}#&*!|>\'"%@` \n\t~=<.0e\ufeffé\r\0\u0007'),
      maxLength: 30,
    }),
    fc.string({ unit: anyOf('ab \n\té"\'#:\\'), minLength: 60, maxLength: 250 }),
    fc.array(fc.lorem(), { minLength: 1, maxLength: 6 }).map((words) => words.join('  ')),
  )
  .filter((text) => !/[\u0085\u2028\u2029]/.test(text));

/** Whole numbers beyond 2^53 come back as their text; everything else of JSON's as it is. */
const numbers = fc
  .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((number) => (Object.is(number, -0) ? 0 : number))
  .filter((number) => !Number.isInteger(number) || Number.isSafeInteger(number));

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(texts, numbers, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

/** Well and less well formed: collections of both styles, quoted texts, anchors, aliases, merges, comments. */
const documents = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        '1',
        'é',
        'a b',
        '"x"',
        "'y'",
        '"\\x41"',
        '"a\\\n  b"',
        '{a: 1}',
        'k: ',
        '"k": ',
        'v\n',
        'x: 2\n',
      ],
      ...[
        '- ',
        ': ',
        ', ',
        ',',
        '? ',
        '[',
        ']',
        '{',
        '}',
        '\n',
        '\n- ',
        '\n  - ',
        '\n  ',
        '\n    ',
        ' ',
        ' # c\n',
      ],
      ...[
        '&a ',
        '&b ',
        '*a ',
        '*b',
        '*a : ',
        '!t ',
        '!!str ',
        '<<: ',
        '<<: *a\n',
        '<<: [*a, *b]\n',
        '<<: {x: 1}\n',
      ],
      ...['|\n  t\n', '>-\n    t\n    u\n\n    v\n', '...\n'],
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((parts) => `${parts.join('')}\n`)
  // A mapping with two merges is a row of DEVIATIONS.
  .filter((text) => text.split('<<').length <= 2);
