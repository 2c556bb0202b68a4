import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePayloadKeys, type PayloadKeys } from '../../../src/codec/payload-keys.js';
import { ConfigError, loadConfig } from '../../../src/settings/config.js';

const folder = mkdtempSync(join(tmpdir(), 'payload-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const newKey = (bytes = 32): string => randomBytes(bytes).toString('base64');

function fileOf(text: string): string {
  const file = join(folder, randomBytes(8).toString('hex'));
  writeFileSync(file, text);
  return file;
}

function keysIn(text: string): PayloadKeys {
  const parsed = parsePayloadKeys(text);
  if (parsed.kind === 'wrong') throw new Error(parsed.problems.join());
  return parsed.keys;
}

function problemsWith(PAYLOAD_KEYS_FILE: string): readonly string[] {
  try {
    loadConfig({ PAYLOAD_KEYS_FILE });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('the settings were taken');
}

const hexOf = (keys: PayloadKeys, id: string): string | undefined =>
  keys.byId.get(id)?.export().toString('hex');

describe('a keys file', () => {
  it('encrypts with its first key, and decrypts with all', () => {
    const [one, two] = [newKey(), newKey()];
    const keys = keysIn(`2026-11:${one}\n2026-05:${two}\n`);
    expect(keys.encrypting?.id).toBe('2026-11');
    expect(keys.encrypting?.secret.export().toString('base64')).toBe(one);
    expect([...keys.byId.keys()]).toEqual(['2026-11', '2026-05']);
    expect(hexOf(keys, '2026-05')).toBe(Buffer.from(two, 'base64').toString('hex'));
  });

  it('may have comments, empty lines, blanks, and what editors elsewhere leave', () => {
    const keys = keysIn(`\uFEFF# ours\r\n\r\n  a : ${newKey()} \r\n\t# old\r\nb:${newKey()}\r\n`);
    expect(keys.encrypting?.id).toBe('a');
    expect([...keys.byId.keys()]).toEqual(['a', 'b']);
  });

  it('that begins with "none" encrypts nothing, and decrypts with all', () => {
    const keys = keysIn(`# not yet\nnone\na:${newKey()}`);
    expect(keys.encrypting).toBeNull();
    expect([...keys.byId.keys()]).toEqual(['a']);
  });

  it('with "none" further down encrypts with its first key', () => {
    expect(keysIn(`a:${newKey()}\nnone`).encrypting?.id).toBe('a');
  });

  it('is part of the settings, and its keys cannot be printed', () => {
    const key = newKey();
    const keysFile = fileOf(`a:${key}`);
    const config = loadConfig({ PAYLOAD_KEYS_FILE: keysFile });
    expect(config.payloads).toMatchObject({ keysFile, keys: { encrypting: { id: 'a' } } });
    const printed = inspect(config, { depth: 9, showHidden: true }) + JSON.stringify(config);
    expect(printed).toContain('SecretKeyObject');
    for (const form of ['base64', 'hex', 'latin1'] as const) {
      expect(printed).not.toContain(Buffer.from(key, 'base64').toString(form));
    }
  });

  it('that is not named leaves payloads as they are', () => {
    const { keysFile, keys } = loadConfig({ PAYLOAD_KEYS_FILE: '' }).payloads;
    expect({ keysFile, encrypting: keys.encrypting, size: keys.byId.size }).toEqual({
      keysFile: null,
      encrypting: null,
      size: 0,
    });
  });
});

describe('a keys file is refused', () => {
  const [one, two] = [newKey(), newKey()];
  const noBase64 = `${one.slice(0, 20)}!${one.slice(21)}`;
  it.each([
    ['without a key', '# nothing\n', [/^there is no key in it: .*openssl rand -base64 32/]],
    ['that is empty', '', [/^there is no key in it/]],
    ['with "none" alone', 'none', [/^there is no key in it/]],
    ['with a key without an id', one, [/^line 1: expected id:key/]],
    ['with an empty id', `:${one}`, [/^line 1: the id: expected 1 to 64/]],
    ['with a blank in the id', `a b:${one}`, [/^line 1: the id: expected/]],
    ['with too long an id', `${'a'.repeat(65)}:${one}`, [/^line 1: the id: expected/]],
    ['with an id that means something else', `None:${one}`, [/^line 1: the id: .*not none/]],
    ['with an id and no key', 'a:', [/^line 1: the key is not base64/]],
    ['with a slip in the key', `a:${noBase64}`, [/^line 1: the key is not base64/]],
    ['with a key without padding', `a:${one.slice(0, -1)}`, [/^line 1: the key is not base64/]],
    ['with the id and the key the wrong way round', `${one}:a`, [/^line 1: the id: expected/]],
    ['with a key that is too short', `a:${newKey(16)}`, [/^line 1: the key has 16 bytes; expected 32$/]],
    ['with a key that is too long', `a:${newKey(33)}`, [/^line 1: the key has 33 bytes; expected 32$/]],
    ['with an id twice', `a:${one}\n\na:${two}`, [/^line 3: the id of line 1 again$/]],
    ['with a key twice', `a:${one}\nb:${one}`, [/^line 2: the key of line 1 again, by another id$/]],
    ['with "none" twice', `none\na:${one}\nnone`, [/^line 3: none again$/]],
    [
      'with many faults, all of which are named',
      `a\nb:${newKey(31)}\nc:${one}\nc:${two}`,
      [/^line 1: expected/, /^line 2: the key has 31/, /^line 4: the id of line 3/],
    ],
  ])('%s', (_, text, expected) => {
    const found = problemsWith(fileOf(text));
    expect(found).toHaveLength(expected.length);
    for (const [index, { source }] of expected.entries()) {
      expect(found[index]).toMatch(new RegExp(`^PAYLOAD_KEYS_FILE: ${source.replace('^', '')}`));
    }
    for (const [secret] of text.matchAll(/[\w+/!=]{10,}/g)) expect(found.join()).not.toContain(secret);
  });

  it.each([
    ['that is not there', join(folder, 'nowhere'), 'ENOENT'],
    ['that is a folder', folder, 'EISDIR'],
    ['whose key stands in the place of its name', `a:${one}`, 'ENOENT'],
    ['whose name cannot be one', `a\0${one}`, 'ERR_INVALID_ARG_VALUE'],
  ])('%s, and not quoted', (_, file, code) => {
    const found = problemsWith(file);
    expect(found).toEqual([`PAYLOAD_KEYS_FILE: the file cannot be read: ${code}`]);
    expect(found.join()).not.toContain(one);
  });

  it('together with whatever else is wrong', () => {
    const environment = { PAYLOAD_KEYS_FILE: join(folder, 'nowhere'), LOG_LEVEL: 'loud' };
    expect(() => loadConfig(environment)).toThrow(/LOG_LEVEL: .*\n.*PAYLOAD_KEYS_FILE: the file/);
  });
});
