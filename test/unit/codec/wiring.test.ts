/** The effect of the keys in the settings: the data converters, and the report of the doctor. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { clientConverterFromSettings, workerConverterFromSettings } from '../../../src/codec/index.js';
import { loadConfig } from '../../../src/settings/config.js';
import type { Check } from '../../../src/doctor/check.js';
import { checkPayloadKeys } from '../../../src/doctor/payload-keys.js';

const folder = mkdtempSync(join(tmpdir(), 'codec-wiring-'));
afterAll(() => rmSync(folder, { recursive: true }));

const newKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

function settings(lines: string[], mode = 0o600): NodeJS.ProcessEnv {
  const file = join(folder, randomBytes(8).toString('hex'));
  writeFileSync(file, lines.join('\n'));
  chmodSync(file, mode);
  return { PAYLOAD_KEYS_FILE: file };
}

describe('the converter of a worker', () => {
  it('encodes the messages of failures where payloads are encrypted, and nowhere else', () => {
    const { failureConverterPath } = workerConverterFromSettings(settings([newKey('a')]));
    expect(existsSync(failureConverterPath ?? '')).toBe(true);
    for (const environment of [{}, settings(['none', newKey('a')])]) {
      expect(workerConverterFromSettings(environment)).not.toHaveProperty('failureConverterPath');
    }
  });

  it('reads what that of a client has encrypted', async () => {
    const environment = settings([newKey('a')]);
    const [client] = clientConverterFromSettings(environment).payloadCodecs ?? [];
    const [worker] = workerConverterFromSettings(environment).payloadCodecs ?? [];
    const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('1') };
    const encrypted = await client!.encode([plain]);
    expect(encrypted).not.toEqual([plain]);
    expect(await worker!.decode(encrypted)).toMatchObject([{ data: plain.data }]);
  });
});

describe('the doctor', () => {
  const told = (environment: NodeJS.ProcessEnv): Check[] => {
    const checks: Check[] = [];
    checkPayloadKeys(loadConfig(environment), (check) => checks.push(check));
    return checks;
  };

  it('tells what encrypts and what decrypts', () => {
    const [check] = told(settings([newKey('new'), newKey('old')]));
    expect(check).toMatchObject({ name: 'payload keys', state: 'ok' });
    expect(check?.text).toMatch(/^encrypted with new; decrypted with new, old \(of this shell/);
    expect(told(settings(['none', newKey('a')]))[0]?.text).toMatch(
      /^nothing is encrypted; decrypted with a /,
    );
  });

  it('tells nothing where there are no keys', () => {
    expect(told({})).toEqual([]);
  });

  it.each([
    ['604', 'warning'],
    ['644', 'warning'],
    ['640', 'ok'],
    ['400', 'ok'],
  ])('judges a file of mode %s: %s', (mode, state) => {
    expect(told(settings([newKey('a')], parseInt(mode, 8)))).toMatchObject([{ state }]);
  });
});
