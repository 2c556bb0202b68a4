/** The tokens file on the disk: what changes in it, and what is wrong with it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TokensFile } from '../../../../src/console/access/tokens-file.js';
import { newToken } from '../../../../src/console/access/tokens.js';
import { ConfigError } from '../../../../src/settings/config.js';
import { logSink } from '../../../support/log-sink.js';

let folder: string;
let path: string;
const sink = logSink();
const lineOf = (name: string): string => newToken({ name, role: 'viewer' }).line;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  path = join(folder, 'tokens');
  vi.useFakeTimers({ toFake: ['Date'] });
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function namesAfterASecond(file: TokensFile): string[] {
  vi.setSystemTime(Date.now() + 1_001);
  return file.holders().map(({ name }) => name);
}

it('takes away a token within a second', () => {
  writeFileSync(path, [lineOf('olga'), lineOf('victor')].join('\n'));
  const file = new TokensFile(path, sink.log);
  expect(namesAfterASecond(file)).toEqual(['olga', 'victor']);
  writeFileSync(path, lineOf('olga'));
  expect(namesAfterASecond(file)).toEqual(['olga']);
});

it('keeps the tokens while the file is wrong, away, or cannot be looked at', () => {
  writeFileSync(path, lineOf('olga'));
  const file = new TokensFile(path, sink.log);
  writeFileSync(path, 'vnfc_canary');
  expect(namesAfterASecond(file)).toEqual(['olga']);
  rmSync(path);
  expect(namesAfterASecond(file)).toEqual(['olga']);
  // The disk refuses even to say whether it is there.
  symlinkSync(path, path);
  expect(namesAfterASecond(file)).toEqual(['olga']);
  rmSync(path);
  mkdirSync(path);
  expect(namesAfterASecond(file)).toEqual(['olga']);
  expect(sink.text()).toMatch(/kept the tokens as they were.*\n.*kept the tokens/);
  expect(sink.text()).not.toContain('canary');
});

it('that cannot be looked at ends the process at start, with a reason', () => {
  symlinkSync(path, path);
  expect(() => new TokensFile(path, sink.log)).toThrow(ConfigError);
});
