/** Lists of items as people paste them. */
import { describe, expect, it } from 'vitest';
import { readItems } from '../../../../src/console/pages/text/items-text.js';

describe('CSV', () => {
  it('of the columns that are needed', () => {
    expect(readItems('serviceInstanceUuid,vnfUuid\ns1,v1\ns2,v2\n')).toEqual({
      kind: 'items',
      items: [
        { serviceInstanceUuid: 's1', vnfUuid: 'v1' },
        { serviceInstanceUuid: 's2', vnfUuid: 'v2' },
      ],
      lines: [2, 3],
    });
  });

  it("takes the MANO's names, quotes, blank lines, other separators and a byte order mark", () => {
    const text =
      '\ufeffservice_instance_uuid;vnf_uuid;vim_uuid;priority\r\n\r\n"s ""1""";v1;"at;hens";-3\r\n';
    expect(readItems(text)).toEqual({
      kind: 'items',
      items: [{ serviceInstanceUuid: 's "1"', vnfUuid: 'v1', vimUuid: 'at;hens', priority: -3 }],
      lines: [3],
    });
  });

  it('an empty cell is left out, unless it is needed', () => {
    expect(readItems('instance_uuid,vnf_uuid,vim_uuid,wave\n,v1,,2')).toMatchObject({
      items: [{ serviceInstanceUuid: '', vnfUuid: 'v1', wave: 2 }],
    });
  });

  it.each([
    ['', 'there are no items'],
    ['serviceInstanceUuid,vnfUuid', 'there are no items below the header'],
    ['vnfUuid\nv1', 'the column serviceInstanceUuid is missing'],
    ['serviceInstanceUuid,vnfUuid,colour\ns,v,red', 'no column is called "colour"'],
    ['serviceInstanceUuid,vnfUuid\ns1', 'line 2: 2 cells are needed; these are 1'],
    ['serviceInstanceUuid,vnfUuid\ns1,v1\n"s2,v2', 'line 3: a quote is not closed'],
    ['serviceInstanceUuid,vnfUuid\ns1,"v1"x', 'line 2: a quote is not closed'],
  ])('%j is refused: %s', (text, problem) => {
    const reading = readItems(text);
    expect(reading.kind === 'wrong' ? reading.problems.join('\n') : reading).toContain(problem);
  });
});

describe('JSON', () => {
  it('is sent as it is', () => {
    expect(readItems('[{"serviceInstanceUuid":"s","vnfUuid":"v"}]')).toEqual({
      kind: 'items',
      items: [{ serviceInstanceUuid: 's', vnfUuid: 'v' }],
      lines: [1],
    });
  });

  it('that is none is refused', () => {
    expect(readItems('[{]')).toMatchObject({ kind: 'wrong' });
    expect(readItems('[]')).toMatchObject({ kind: 'wrong' });
  });
});
