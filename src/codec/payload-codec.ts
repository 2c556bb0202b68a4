/**
 * AES-256-GCM over each payload, between us and Temporal.
 *
 * On the wire as in Temporal's own samples for other languages, so that callers and codec servers made after those
 * read it: encoding `binary/encrypted`, the key's id in `encryption-key-id`, the data a nonce of 12 bytes, the ciphertext
 * of the payload's protobuf, and the tag of 16 bytes.
 *
 * Invariants: a payload that was changed, or is of another key, is an error and never data; a payload that is not
 * encrypted is handed on as it is, so that encryption can be switched on and off while migrations run; no nonce is made
 * of anything but chance.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { PayloadKey, PayloadKeys } from './payload-keys.js';
import { UnreadablePayloadError } from './unreadable-payload.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

export const ENCRYPTED = 'binary/encrypted';
export const KEY_ID = 'encryption-key-id';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of an id that anybody may have written. */
const SHOWN_ID_CHARACTERS = 64;

/** `onUnreadable` is called for each payload that cannot be decrypted. */
export function createPayloadCodec(
  keys: PayloadKeys,
  { onUnreadable }: { onUnreadable?: (() => void) | undefined } = {},
): PayloadCodec {
  const { encrypting } = keys;
  // What is thrown in the making of a promise rejects it.
  return {
    encode: (payloads) =>
      new Promise((resolve) => {
        resolve(encrypting === null ? payloads : payloads.map((payload) => encrypted(payload, encrypting)));
      }),
    decode: (payloads) =>
      new Promise((resolve) => {
        try {
          resolve(payloads.map((payload) => readable(payload, keys)));
        } catch (error) {
          onUnreadable?.();
          throw error;
        }
      }),
  };
}

function encrypted(payload: Payload, { id, secret }: PayloadKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
  const plain = PayloadMessage.encode(payload).finish();
  return {
    metadata: { [METADATA_ENCODING_KEY]: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(id) },
    data: Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
  };
}

function readable(payload: Payload, keys: PayloadKeys): Payload {
  if (textOf(payload, METADATA_ENCODING_KEY) !== ENCRYPTED) return payload;
  const id = textOf(payload, KEY_ID);
  const secret = keys.byId.get(id);
  if (secret === undefined) throw new UnreadablePayloadError(missingKey(id, keys));
  const data = Buffer.from(payload.data ?? []);
  try {
    const decipher = createDecipheriv(CIPHER, secret, data.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(data.subarray(-TAG_BYTES));
    const plain = [decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()];
    return PayloadMessage.decode(Buffer.concat(plain));
  } catch {
    throw new UnreadablePayloadError(
      `a payload cannot be decrypted with key ${shown(id)}: it was changed, or PAYLOAD_KEYS_FILE has another key by that id here than where it was encrypted`,
    );
  }
}

function missingKey(id: string, { byId }: PayloadKeys): string {
  const here = byId.size === 0 ? 'PAYLOAD_KEYS_FILE is not set' : 'PAYLOAD_KEYS_FILE has none by that id';
  return `a payload is encrypted with key ${shown(id)}, and ${here}: add that key to the keys file of this process, and start it again`;
}

function shown(id: string): string {
  return JSON.stringify(id.slice(0, SHOWN_ID_CHARACTERS));
}

function textOf({ metadata }: Payload, name: string): string {
  return Buffer.from(metadata?.[name] ?? []).toString();
}
