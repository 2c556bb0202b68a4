/** A VIM by its uuid or name: never a guess. */
import { describe, expect, it } from 'vitest';
import { findVim, knownVimsText, nearestVims } from '../../../../src/shared/vim/lookup.js';

const vim = (digit: number, name: string | null) => ({
  uuid: `00000000-0000-4000-8000-00000000000${String(digit)}`,
  name,
});
const ATHENS = vim(1, 'Athens-200');
const AVEIRO = vim(2, 'Aveiro-10');
const NAMELESS = vim(3, null);
const VIMS = [ATHENS, AVEIRO, NAMELESS];

describe('a VIM is found', () => {
  it.each([
    ['its uuid', ATHENS.uuid],
    ['its uuid in capitals', ATHENS.uuid.toUpperCase()],
    ['its name', 'Athens-200'],
    ['its name in another case', 'athens-200'],
    ['its name between spaces', '  Athens-200 '],
  ])('by %s', (_, text) => {
    expect(findVim(text, VIMS)).toEqual({ kind: 'found', vim: ATHENS });
  });

  it('by the exact name before a name in another case', () => {
    const lower = vim(4, 'athens-200');
    expect(findVim('athens-200', [ATHENS, lower])).toEqual({ kind: 'found', vim: lower });
  });
});

describe('a VIM is not found', () => {
  it.each(['athens', '', 'null', '00000000-0000-4000-8000-000000000009'])('by "%s"', (text) => {
    expect(findVim(text, VIMS)).toEqual({ kind: 'unknown' });
  });

  it('by a name that two bear', () => {
    const twin = vim(5, 'Athens-200');
    expect(findVim('Athens-200', [ATHENS, twin])).toEqual({ kind: 'ambiguous', vims: [ATHENS, twin] });
  });

  it('by a name that two bear in different case', () => {
    const lower = vim(5, 'athens-200');
    expect(findVim('ATHENS-200', [ATHENS, lower])).toEqual({ kind: 'ambiguous', vims: [ATHENS, lower] });
  });
});

describe('the known VIMs in a message', () => {
  it('are named, with their uuids', () => {
    expect(knownVimsText([AVEIRO, ATHENS])).toBe(`Athens-200 (${ATHENS.uuid}), Aveiro-10 (${AVEIRO.uuid})`);
    expect(knownVimsText([NAMELESS])).toBe(NAMELESS.uuid);
    expect(knownVimsText([])).toBe('none');
  });

  it('begin with those like the wanted name, and are bounded', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => ({
      uuid: `u${String(at)}`,
      name: `vim-${String(at)}`,
    }));
    const text = knownVimsText([...many, ATHENS], { wanted: 'athens' });
    expect(text).toMatch(/^Athens-200 \(/);
    expect(text).toMatch(/ and 4993 more$/);
    expect(text.length).toBeLessThan(400);
    expect(nearestVims([...many, ATHENS], { wanted: 'ATHENS', limit: 1 })).toEqual([ATHENS]);
  });
});
