/** Temporal's remote codec: what its web UI sends, and who may. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestConsole } from '../../support/console.js';

const UI = 'https://temporal.example';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PLAIN = { metadata: { encoding: base64('json/plain') }, data: base64('{"vnfUuid":"secret"}') };

let folder: string;
let console: TestConsole;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'console-codec-'));
  const file = join(folder, 'keys');
  writeFileSync(file, `key-1:${randomBytes(32).toString('base64')}\n`);
  console = await TestConsole.on({
    ...{ TEMPORAL_ADDRESS: '127.0.0.1:1', PAYLOAD_KEYS_FILE: file, CONSOLE_CODEC_ORIGINS: UI },
  });
});

afterAll(async () => {
  await console.stop();
  rmSync(folder, { recursive: true });
});

describe('the codec', () => {
  it('encrypts, and decrypts to the same', async () => {
    const encoded = await console.post<{ payloads: (typeof PLAIN)[] }>('/codec/encode', {
      payloads: [PLAIN],
    });
    expect(encoded.payloads[0]!.metadata.encoding).toBe(base64('binary/encrypted'));
    expect(Buffer.from(encoded.payloads[0]!.data, 'base64').toString('latin1')).not.toContain('secret');
    expect(await console.post('/codec/decode', encoded)).toEqual({ payloads: [PLAIN] });
  });

  it('leaves what is not encrypted as it is', async () => {
    expect(await console.post('/codec/decode', { payloads: [PLAIN, {}] })).toEqual({ payloads: [PLAIN, {}] });
  });

  it('says which key is missing, and that a payload was changed', async () => {
    const unknown = {
      metadata: { encoding: base64('binary/encrypted'), 'encryption-key-id': base64('key-9') },
    };
    const missing = await console.post<{ detail: string }>('/codec/decode', { payloads: [unknown] }, 422);
    expect(missing.detail).toContain('"key-9"');
    const encoded = await console.post<{ payloads: (typeof PLAIN)[] }>('/codec/encode', {
      payloads: [PLAIN],
    });
    const [payload] = encoded.payloads;
    const changed = { ...payload, data: base64('x'.repeat(60)) };
    const wrong = await console.post<{ detail: string }>('/codec/decode', { payloads: [changed] }, 422);
    expect(wrong.detail).toContain('cannot be decrypted');
  });

  it('is for operators alone', async () => {
    const headers = { authorization: `Bearer ${console.tokens.viewer}` };
    const { statusCode } = await console.ask('POST', '/codec/decode', { headers, body: { payloads: [] } });
    expect(statusCode).toBe(403);
  });

  it("is for pages of Temporal's UI, where the settings name its origin, and of no other", async () => {
    const ask = (origin: string) =>
      console.ask('POST', '/codec/decode', { headers: { origin }, body: { payloads: [PLAIN] } });
    const allowed = await ask(UI);
    expect(allowed.statusCode).toBe(200);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': UI,
      'access-control-allow-credentials': 'true',
    });
    const refused = await ask('https://evil.example');
    expect(refused.statusCode).toBe(403);
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
    const preflight = await console.app.inject({
      method: 'OPTIONS',
      url: '/codec/decode',
      headers: {
        ...{ host: '127.0.0.1:8088', origin: UI, 'access-control-request-method': 'POST' },
        'access-control-request-headers': 'content-type,x-namespace,authorization',
      },
    });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('x-namespace');
    const elsewhere = await console.ask('GET', 'session', { headers: { origin: UI } });
    expect(elsewhere.headers['access-control-allow-origin']).toBeUndefined();
  });
});
