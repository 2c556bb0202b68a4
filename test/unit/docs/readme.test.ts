/** The README fits two screens, and no line or table is wider than one screen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../support/markdown.js';

const MAX_LINES = 150;
const MAX_LINE_LENGTH = 120;
const MAX_TABLE_WIDTH = 100;

describe('the README', () => {
  const lines = readFileSync(join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n');
  const inCode = insideFences(lines);
  const longer = (limit: number, isMeant: (line: string, index: number) => boolean): string[] =>
    lines.flatMap((line, index) =>
      line.length > limit && isMeant(line, index) ? [`README.md:${String(index + 1)}: ${line}`] : [],
    );

  it(`has at most ${String(MAX_LINES)} lines`, () => {
    expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
  });

  it(`has at most ${String(MAX_LINE_LENGTH)} characters a line outside code`, () => {
    expect(longer(MAX_LINE_LENGTH, (_, index) => !inCode.has(index))).toEqual([]);
  });

  it(`has no table wider than ${String(MAX_TABLE_WIDTH)} characters`, () => {
    expect(longer(MAX_TABLE_WIDTH, (line) => line.startsWith('|'))).toEqual([]);
  });
});

/** The indexes of the lines in fenced blocks, fences included. */
function insideFences(lines: readonly string[]): Set<number> {
  const inside = new Set<number>();
  let isOpen = false;
  lines.forEach((line, index) => {
    const isFence = line.trimStart().startsWith('```');
    if (isOpen || isFence) inside.add(index);
    if (isFence) isOpen = !isOpen;
  });
  return inside;
}
