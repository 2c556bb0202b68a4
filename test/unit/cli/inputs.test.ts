/** Lists as spreadsheets and scripts write them: `inputs/` has one of each, and each says the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readItems } from '../../../src/cli/input/items-file.js';

const SERVICES = ['d627a30e-50bc-5cde-8bd1-33571735118e', 'f52add7a-04b6-5a90-817c-2de6d65bc287'] as const;
const VIMS = ['709c66fd-61eb-5a84-904f-7dc57e4ef85f', 'ed1375b6-504c-5ca6-a880-d6b1b6359dbf'] as const;
const VNFS = [
  'f3c9680a-25a4-5d58-90b2-24c8eaa4f40b',
  'f67e2b9c-f1c4-5665-869a-1ae71d9881b8',
  'd4b32563-0a0f-5f2c-a74f-7ca814ce3016',
  'b6091641-f68c-594c-b422-01d02032f36b',
] as const;

const itemsTo = (vimOf: (index: number) => string) =>
  VNFS.map((vnfUuid, index) => ({
    serviceInstanceUuid: SERVICES[index < 2 ? 0 : 1],
    vnfUuid,
    vimUuid: vimOf(index),
  }));

const read = (name: string) => readItems(name, readFileSync(new URL(`inputs/${name}`, import.meta.url)));

describe('a list', () => {
  it.each([
    'semicolon.csv',
    'sep-line.csv',
    'tab.tsv',
    'utf16-bom-tab.csv',
    'trailing-empty-column.csv',
    'mano-field-names.csv',
  ])('as %s has it', (name) => {
    expect(read(name)).toMatchObject({
      kind: 'items',
      items: itemsTo((index) => VIMS[index % 2 === 0 ? 0 : 1]),
    });
  });

  it('with VIMs by name keeps the names', () => {
    expect(read('vim-by-name.csv')).toMatchObject({ kind: 'items', items: itemsTo(() => 'athens-200') });
  });

  const wrong = (name: string, text: string | Buffer): string[] => {
    const reading = readItems(name, Buffer.from(text));
    return reading.kind === 'wrong' ? reading.problems : expect.fail('it was taken');
  };
  const row = (vnf: string, delimiter: string): string => [SERVICES[0], vnf, VIMS[0]].join(delimiter);

  it.each<[string, string, string]>([
    [
      'semicolons',
      `serviceInstanceUuid;vnfUuid;vimUuid\r\n${row(VNFS[0], ';')}\r\n${row('x', ';')}\r\n`,
      'l.csv:3: ',
    ],
    ['a sep= line', `sep=;\r\nserviceInstanceUuid;vnfUuid;vimUuid\r\n${row('x', ';')}\r\n`, 'l.csv:3: '],
    [
      'rows of empty cells',
      `service_instance_uuid,vnf_uuid,vim_uuid,,\n,,,,\n${row('x', ',')},,\n`,
      'l.csv:3: ',
    ],
    [
      'a cell beyond the header',
      `serviceInstanceUuid,vnfUuid,vimUuid,\n${row(VNFS[0], ',')},what\n`,
      'l.csv:2: 3 cells',
    ],
  ])('with %s is refused by the line that is wrong', (_, text, problem) => {
    expect(wrong('l.csv', text)).toEqual([expect.stringContaining(problem)]);
  });

  it("in YAML may use the MANO's names; a problem has the line of its field", () => {
    const item = `- service_instance_uuid: ${SERVICES[0]}\n  vnf_uuid: ${VNFS[0]}\n`;
    expect(readItems('l.yaml', Buffer.from(item))).toMatchObject({ kind: 'items', lines: [1] });
    expect(wrong('l.yaml', item.replace(VNFS[0], 'x'))).toEqual([
      expect.stringMatching(/^l\.yaml:2: vnfUuid: /),
    ]);
  });
});
