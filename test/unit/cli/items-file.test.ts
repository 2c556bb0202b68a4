/** Items from files: a file is accepted as a whole, or refused as a whole with every wrong line named. */
import { describe, expect, it } from 'vitest';
import { readItems } from '../../../src/cli/input/items-file.js';

const SERVICE = '00000000-0000-4000-8000-000000000001';
const VIM = '00000000-0000-4000-8000-00000000000a';
const vnf = (number: number): string =>
  `00000000-0000-4000-8000-0000000001${String(number).padStart(2, '0')}`;
const HEADER = 'serviceInstanceUuid,vnfUuid,vimUuid,priority,wave';
const row = (number: number): string => `${SERVICE},${vnf(number)},,,`;

const read = (name: string, text: string) => readItems(name, Buffer.from(text));
const csv = (...lines: string[]) => read('items.csv', lines.join('\n'));
const taken = (...numbers: number[]) => ({
  kind: 'items',
  items: numbers.map((number) => ({ serviceInstanceUuid: SERVICE, vnfUuid: vnf(number) })),
});

describe('CSV', () => {
  it('takes every column, empty cells as not given', () => {
    expect(csv(HEADER, `${SERVICE},${vnf(1)},${VIM},-3,2`, row(2))).toEqual({
      kind: 'items',
      lines: [2, 3],
      items: [
        { serviceInstanceUuid: SERVICE, vnfUuid: vnf(1), vimUuid: VIM, priority: -3, wave: 2 },
        { serviceInstanceUuid: SERVICE, vnfUuid: vnf(2) },
      ],
    });
  });

  it.each<[string, string]>([
    ['columns in any order', `vnfUuid,serviceInstanceUuid\n${vnf(1)},${SERVICE}\n`],
    ['the line ends of Windows, a byte order mark', `\ufeff${HEADER}\r\n${row(1)}\r\n`],
    ['quotes, blanks around cells', `"serviceInstanceUuid" , vnfUuid\n"${SERVICE}", ${vnf(1)} \n`],
    ['empty lines and comments', `# of rack 4\n\n${HEADER}\n\n# the first\n${row(1)}\n\n`],
    ['no line end at the end', `${HEADER}\n${row(1)}`],
  ])('takes %s', (_, text) => {
    expect(read('items.CSV', text)).toMatchObject(taken(1));
  });

  it('names every wrong line of one file', () => {
    const lines = [HEADER, row(1), `x,${vnf(2)},,,`, '', `${SERVICE},,,,`, `${SERVICE},${vnf(3)}`, row(1)];
    const more = [`${SERVICE},${vnf(4)},,soon,`, `${SERVICE},${vnf(5)},,,0`, row(6)];
    expect(csv(...lines, ...more)).toEqual({
      kind: 'wrong',
      problems: [
        expect.stringMatching(/^items\.csv:3: serviceInstanceUuid: expected a UUID .* not "x"$/),
        expect.stringMatching(/^items\.csv:5: vnfUuid: expected a UUID .* not ""$/),
        'items.csv:6: 5 cells are needed, as in the header; these are 2',
        `items.csv:7: VNF ${vnf(1)} is on line 2 already`,
        expect.stringMatching(/^items\.csv:8: priority: .*expected number/),
        expect.stringMatching(/^items\.csv:9: wave: .*>=1/),
      ],
    });
  });

  it('takes upper case for the same VNF', () => {
    const upper = 'ABCDEF00-0000-4000-8000-000000000001';
    expect(csv(HEADER, `${SERVICE},${upper},,,`, `${SERVICE},${upper.toLowerCase()},,,`)).toMatchObject({
      problems: [`items.csv:3: VNF ${upper.toLowerCase()} is on line 2 already`],
    });
  });

  it.each<[string, string, string[]]>([
    [
      'a quote that stays open',
      `${HEADER}\n${SERVICE},"${vnf(1)}\n`,
      ['2: a quote is opened and not closed'],
    ],
    ['a quote inside', `${HEADER}\n${row(1)}\n${SERVICE},a"b,,,\n`, ['3: a quote inside a cell']],
    ['text after a quote', `${HEADER}\n${SERVICE},"${vnf(1)}"x,,,\n`, ['2: something follows the quote']],
    [
      'no header',
      row(1),
      ['1: no column is called', '1: no column', '1: the column serviceInstanceUuid is missing'],
    ],
    [
      'an unknown and a missing column',
      'vnf,serviceInstanceUuid,serviceInstanceUuid\n',
      [
        '1: no column is called "vnf"; there are serviceInstanceUuid, vnfUuid, vimUuid, priority, wave',
        '1: the column vnfUuid is missing',
        '1: the column serviceInstanceUuid is there twice',
      ],
    ],
    ['nothing', '', ['1: it is empty']],
    ['a header alone', `${HEADER}\n`, ['1: it holds no items']],
  ])('refuses %s', (_, text, problems) => {
    const reading = read('items.csv', text);
    if (reading.kind !== 'wrong') expect.fail('it was taken');
    for (const [index, problem] of problems.entries())
      expect(reading.problems[index]).toContain(`items.csv:${problem}`);
  });

  it('refuses what is no text', () => {
    const reading = readItems('items.csv', Buffer.from(HEADER, 'utf16le').subarray(1));
    const problem = 'items.csv:1: it is neither UTF-8, nor UTF-16 with a byte order mark';
    expect(readItems('items.csv', Buffer.from([0xc3, 0x28]))).toEqual({ kind: 'wrong', problems: [problem] });
    expect(reading.kind).toBe('wrong');
  });

  it('takes 10,000 items and says that 10,001 are too many', () => {
    const lines = Array.from({ length: 10_001 }, (_, index) => {
      const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      return `${SERVICE},${id},,,`;
    });
    expect(csv(HEADER, ...lines.slice(1))).toMatchObject({ kind: 'items' });
    expect(csv(HEADER, ...lines)).toMatchObject({
      problems: [expect.stringContaining('10001 items are more')],
    });
  });

  it('does not hand on what a terminal would obey, and stops at a hundred problems', () => {
    const reading = csv(HEADER, ...Array.from({ length: 150 }, () => `\u001b[2J,x,,,`));
    if (reading.kind !== 'wrong') expect.fail('it was taken');
    expect(reading.problems.join('')).not.toContain('\u001b');
    expect(reading.problems).toHaveLength(101);
    expect(reading.problems.at(-1)).toMatch(/^items\.csv: and \d+ more$/);
    const header = csv('\u001b[2J');
    if (header.kind !== 'wrong') expect.fail('it was taken');
    expect(header.problems[0]).toContain('no column is called');
    expect(header.problems.join('')).not.toContain('\u001b');
  });
});

describe('YAML and JSON', () => {
  const item = (number: number): string => `- serviceInstanceUuid: ${SERVICE}\n  vnfUuid: ${vnf(number)}\n`;

  it.each<[string, string]>([
    ['items.yaml', `# of rack 4\n${item(1)}${item(2)}`],
    [
      'items.yml',
      `[{serviceInstanceUuid: ${SERVICE}, vnfUuid: ${vnf(1)}},\n {serviceInstanceUuid: ${SERVICE}, vnfUuid: ${vnf(2)}}]`,
    ],
    ['items.json', JSON.stringify(taken(1, 2).items, null, 2)],
  ])('%s is taken', (name, text) => {
    expect(read(name, text)).toMatchObject(taken(1, 2));
  });

  it('names the line of each wrong value', () => {
    const text = `${item(1)}  wave: 0\n- 7\n- vnfUuid: ${vnf(1)}\n  colour: red\n${item(3)}`;
    expect(read('items.yaml', text)).toEqual({
      kind: 'wrong',
      problems: [
        expect.stringMatching(/^items\.yaml:3: wave: .*>=1/),
        expect.stringMatching(/^items\.yaml:4: .*expected object/),
        expect.stringMatching(/^items\.yaml:5: serviceInstanceUuid: expected a UUID/),
        expect.stringMatching(/^items\.yaml:5: Unrecognized key: "colour"/),
        `items.yaml:5: VNF ${vnf(1)} is on line 2 already`,
      ],
    });
    // A value may stand below its key; people look for the key.
    const below = read('items.yaml', `- serviceInstanceUuid: ${SERVICE}\n  vnfUuid:\n\n    x\n`);
    expect(below).toMatchObject({ problems: [expect.stringMatching(/^items\.yaml:2: vnfUuid: /)] });
  });

  it.each<[string, string, string]>([
    ['a campaign', `items:\n${item(1)}`, '1: a list of items is needed; a whole campaign goes to --spec'],
    ['what is no YAML', `- a\n- [b\n`, '3: '],
    ['an alias', `- &a 1\n- *a\n`, '2: '],
    ['a key twice', `- vnfUuid: ${vnf(1)}\n  vnfUuid: ${vnf(2)}\n`, '2: '],
    ['two documents', `${item(1)}---\n${item(2)}`, '1: it holds more than one document'],
    ['nothing', '', '1: it is empty'],
    ['an empty list', '[]', '1: it holds no items'],
  ])('refuses %s', (_, text, problem) => {
    const reading = read('items.yaml', text);
    if (reading.kind !== 'wrong') expect.fail('it was taken');
    expect(reading.problems[0]).toContain(`items.yaml:${problem}`);
  });
});

it('refuses a file whose name does not tell what it is', () => {
  expect(read('items.txt', HEADER)).toMatchObject({
    problems: [expect.stringContaining('items.txt:1: its name')],
  });
});
