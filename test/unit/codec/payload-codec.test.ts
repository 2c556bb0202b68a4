import { createSecretKey, randomBytes, webcrypto } from 'node:crypto';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPayloadCodec } from '../../../src/codec/payload-codec.js';
import { NO_KEYS, type PayloadKey, type PayloadKeys } from '../../../src/codec/payload-keys.js';
import { UnreadablePayloadError } from '../../../src/codec/unreadable-payload.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const newKey = (id: string): PayloadKey => ({ id, secret: createSecretKey(randomBytes(32)) });
const [K1, K2] = [newKey('k1'), newKey('k2')];

/** The first one encrypts. */
function keys(...all: PayloadKey[]): PayloadKeys {
  return { encrypting: all[0] ?? null, byId: new Map(all.map(({ id, secret }) => [id, secret])) };
}

async function encode(value: unknown, withKeys: PayloadKeys): Promise<Payload> {
  const [payload] = await createPayloadCodec(withKeys).encode([defaultPayloadConverter.toPayload(value)]);
  return payload!;
}

async function decode(payload: Payload, withKeys: PayloadKeys): Promise<unknown> {
  const [plain] = await createPayloadCodec(withKeys).decode([payload]);
  return defaultPayloadConverter.fromPayload(plain!);
}

const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('latin1');

/** As Temporal has it: through bytes and back. */
const throughTemporal = (payload: Payload): Payload =>
  PayloadMessage.decode(PayloadMessage.encode(payload).finish());

describe('a payload', () => {
  it('comes back as it was, whatever it was', async () => {
    const values = fc.oneof(fc.jsonValue(), fc.uint8Array(), fc.constant(undefined), fc.string());
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const encrypted = throughTemporal(await encode(value, keys(K1)));
        expect(await decode(encrypted, keys(K1))).toEqual(
          value instanceof Uint8Array ? value : (JSON.parse(JSON.stringify(value ?? null)) ?? value),
        );
      }),
    );
  });

  it('of two megabytes does, too', async () => {
    const value = 'x'.repeat(2 * 1024 * 1024);
    expect(await decode(await encode(value, keys(K1)), keys(K1))).toBe(value);
  });

  it('shows the id of its key, and nothing else of what it is', async () => {
    const { metadata, data } = await encode({ vnfUuid: 'canary' }, keys(K1, K2));
    const shown = Object.entries(metadata ?? {}).map(([name, value]) => [name, textOf(value)]);
    expect(shown).toEqual([
      ['encoding', 'binary/encrypted'],
      ['encryption-key-id', 'k1'],
    ]);
    expect(textOf(data)).not.toMatch(/canary|vnfUuid|json/);
  });

  it('is never encrypted twice alike', async () => {
    const all = await createPayloadCodec(keys(K1)).encode(
      Array.from({ length: 1_000 }, () => defaultPayloadConverter.toPayload('x')),
    );
    const nonces = new Set(all.map(({ data }) => textOf(data?.subarray(0, 12))));
    expect(nonces.size).toBe(1_000);
  });

  it('is one of many, whose order is kept', async () => {
    const codec = createPayloadCodec(keys(K1));
    const plain = ['a', 'b', 'c'].map((value) => defaultPayloadConverter.toPayload(value));
    const values = (await codec.decode(await codec.encode(plain))).map((payload) =>
      defaultPayloadConverter.fromPayload(payload),
    );
    expect(values).toEqual(['a', 'b', 'c']);
    expect(await codec.encode([])).toEqual([]);
  });
});

describe('the form on the wire is that of the samples of Temporal', () => {
  it('what AES-GCM of another library made is read', async () => {
    // Python: nonce + AESGCM(key).encrypt(nonce, payload.SerializeToString(), None), of "hello".
    const key = createSecretKey(Buffer.from('AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=', 'base64'));
    const data = Buffer.from(
      'ZGVmZ2hpamtsbW5vQg3UbhyHNfFaCzGPyG8Aji2sKXrnDZoctdaOIJ7PySe2p1RrdhRQaJpZkftx94RIvQ==',
      'base64',
    );
    const metadata = {
      encoding: Buffer.from('binary/encrypted'),
      'encryption-key-id': Buffer.from('theirs'),
    };
    expect(await decode({ metadata, data }, keys({ id: 'theirs', secret: key }))).toBe('hello');
  });

  it('and what we make is read by another', async () => {
    const { data } = await encode('hello', keys(K1));
    const key = await webcrypto.subtle.importKey('raw', K1.secret.export(), 'AES-GCM', false, ['decrypt']);
    const nonce = data!.subarray(0, 12);
    const plain = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce }, key, data!.subarray(12));
    const payload = PayloadMessage.decode(new Uint8Array(plain));
    expect(defaultPayloadConverter.fromPayload(payload)).toBe('hello');
  });
});

describe('after a rotation', () => {
  it('what the old key encrypted is read, and the new one encrypts', async () => {
    const old = await encode('old', keys(K1));
    const rotated = keys(K2, K1);
    expect(await decode(old, rotated)).toBe('old');
    expect(textOf((await encode('new', rotated)).metadata?.['encryption-key-id'])).toBe('k2');
  });

  it('a process that has the new key in its second line reads what others encrypt with it', async () => {
    expect(await decode(await encode('new', keys(K2, K1)), keys(K1, K2))).toBe('new');
  });

  it('a process that has none of them to encrypt with reads all', async () => {
    const readsOnly: PayloadKeys = { ...keys(K1, K2), encrypting: null };
    for (const key of [K1, K2]) expect(await decode(await encode('x', keys(key)), readsOnly)).toBe('x');
    expect(textOf((await encode('x', readsOnly)).metadata?.['encoding'])).toBe('json/plain');
  });
});

describe('what is not encrypted', () => {
  it.each([
    ['where there are keys', keys(K1)],
    ['where there are none', NO_KEYS],
  ])('is handed on as it is, %s', async (_, withKeys) => {
    for (const value of [{ a: 1 }, undefined, new Uint8Array([1])]) {
      const plain = defaultPayloadConverter.toPayload(value);
      const [same] = await createPayloadCodec(withKeys).decode([plain]);
      expect(same).toBe(plain);
    }
    expect(await createPayloadCodec(withKeys).decode([{}])).toEqual([{}]);
  });

  it('stays so where there are no keys', async () => {
    const plain = defaultPayloadConverter.toPayload('x');
    expect((await createPayloadCodec(NO_KEYS).encode([plain]))[0]).toBe(plain);
  });
});

describe('what cannot be read is an error', () => {
  const refusal = async (payload: Payload, withKeys: PayloadKeys): Promise<string> => {
    const error: unknown = await decode(payload, withKeys).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnreadablePayloadError);
    return (error as Error).message;
  };

  it('whichever byte was changed', async () => {
    const { metadata, data } = await encode({ a: 'b' }, keys(K1));
    for (const [at, byte] of data!.entries()) {
      const changed = Buffer.from(data!);
      changed[at] = byte ^ 1;
      expect(await refusal({ metadata: metadata!, data: changed }, keys(K1))).toMatch(
        /cannot be decrypted with key "k1": it was changed, or/,
      );
    }
  });

  it('however much was cut off', async () => {
    const { metadata, data } = await encode('x', keys(K1));
    for (let bytes = 0; bytes < data!.length; bytes += 1) {
      await refusal({ metadata: metadata!, data: data!.subarray(0, bytes) }, keys(K1));
    }
    await refusal({ metadata: metadata!, data: null }, keys(K1));
  });

  it('by another key of the same id', async () => {
    expect(await refusal(await encode('x', keys(K1)), keys(newKey('k1')))).toMatch(
      /cannot be decrypted with key "k1"/,
    );
  });

  it('where another key is claimed to have encrypted it', async () => {
    const { metadata, data } = await encode('x', keys(K1));
    const claimed = { ...metadata, 'encryption-key-id': Buffer.from('k2') };
    expect(await refusal({ metadata: claimed, data: data! }, keys(K1, K2))).toMatch(/with key "k2"/);
  });

  it('by a key that is not there, which it names, and says what to do', async () => {
    expect(await refusal(await encode('x', keys(K1)), keys(K2))).toBe(
      'a payload is encrypted with key "k1", and PAYLOAD_KEYS_FILE has none by that id: ' +
        'add that key to the keys file of this process, and start it again',
    );
    expect(await refusal(await encode('x', keys(K1)), NO_KEYS)).toMatch(
      /with key "k1", and PAYLOAD_KEYS_FILE is not set/,
    );
  });

  it('however the id was made up', async () => {
    const { metadata, data } = await encode('x', keys(K1));
    const claimed = { ...metadata, 'encryption-key-id': Buffer.from(`\u001b[2J\n${'y'.repeat(500)}`) };
    const message = await refusal({ metadata: claimed, data: data! }, keys(K1));
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(300);
    const { encoding } = metadata!;
    expect(await refusal({ metadata: { encoding: encoding! }, data: data! }, keys(K1))).toMatch(/key "",/);
  });
});
