/** How each connection to Temporal encodes and decodes: clients, and workers with the workflows in them. */
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createPayloadCodec } from './payload-codec.js';
import type { PayloadKeys } from './payload-keys.js';

/** A client makes no failures; what others made it reads, in either form. */
export function clientConverter(keys: PayloadKeys): DataConverter {
  return { payloadCodecs: [createPayloadCodec(keys)] };
}

/** The workflow bundle beside it must be made with the same failure converter. */
export function workerConverter(
  keys: PayloadKeys,
  watch: { onUnreadable?: (() => void) | undefined } = {},
): DataConverter {
  const converter = { payloadCodecs: [createPayloadCodec(keys, watch)] };
  return keys.encrypting === null ? converter : { ...converter, failureConverterPath: FAILURE_CONVERTER };
}

/** Beside this file, compiled or not. */
const FAILURE_CONVERTER = fileURLToPath(
  new URL(`./failure-converter${import.meta.url.slice(-3)}`, import.meta.url),
);
