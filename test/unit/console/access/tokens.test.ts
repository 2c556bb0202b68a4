/** Tokens let in whom the file names, and a wrong file tells nothing of itself. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { holderOf, newToken, parseTokens, tokenNameProblem } from '../../../../src/console/access/tokens.js';

const hash = (token: string): string => createHash('sha256').update(token).digest('hex');

function holders(text: string) {
  const parsed = parseTokens(text);
  if (parsed.kind === 'wrong') throw new Error(parsed.problems.join('; '));
  return parsed.holders;
}

describe('a tokens file', () => {
  it('says whom a token stands for, and nobody else gets in', () => {
    const known = holders(`# people\nalice:operator:${hash('a')}\n\nnight shift:viewer:${hash('b')}\r\n`);
    expect(holderOf('a', known)).toMatchObject({ name: 'alice', role: 'operator' });
    expect(holderOf('b', known)).toMatchObject({ name: 'night shift', role: 'viewer' });
    expect(holderOf('c', known)).toBeNull();
    expect(holderOf(hash('a'), known)).toBeNull();
  });

  it('takes the line of a new token', () => {
    const { token, line } = newToken({ name: 'bob', role: 'viewer' });
    expect(line).not.toContain(token);
    expect(holderOf(token, holders(line))).toMatchObject({ name: 'bob', role: 'viewer' });
  });

  it.each([
    ['', /there is no token/],
    ['alice:operator', /line 1/],
    [`alice:root:${hash('a')}`, /line 1/],
    ['# a\nalice:viewer:vnfc_plain-token-by-mistake', /line 2/],
    [`a:viewer:${hash('a')}\na:operator:${hash('b')}`, /line 2: this name again/],
  ])('%j is refused, by its line, and is not repeated', (text, problem) => {
    const parsed = parseTokens(text);
    expect(parsed).toMatchObject({ kind: 'wrong', problems: [expect.stringMatching(problem)] });
    expect(JSON.stringify(parsed)).not.toMatch(/alice|vnfc_plain/);
  });

  it.each([
    ['alice', true],
    ['Ops, night shift', true],
    ['a:b', false],
    ['#a', false],
    ['', false],
    [' a', false],
    ['x'.repeat(201), false],
    ['two\nlines', false],
    ['a bell\u0007', false],
  ])('takes the name %j: %s', (name, isRight) => {
    expect(tokenNameProblem(name) === null).toBe(isRight);
  });
});
