/**
 * Temporal's remote codec: its web UI and command line send payloads here to have them decrypted and encrypted.
 *
 * On the wire: `{ payloads: [protobuf JSON of temporal.api.common.v1.Payload] }` both ways, as Temporal documents it.
 *
 * Invariants: for operators alone, because what it gives is what encryption hides; pages of other origins only where
 * CONSOLE_CODEC_ORIGINS names them; without PAYLOAD_KEYS_FILE there are no such routes.
 */
import cors from '@fastify/cors';
import { z } from 'zod';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { json, problems, type Api } from '../api/app.js';
import { createPayloadCodec } from '../../codec/payload-codec.js';
import { UnreadablePayloadError } from '../../codec/unreadable-payload.js';
import type { ConsoleContext } from '../context.js';
import { Problem } from '../problem.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

const base64Schema = z.base64();
const payloadSchema = z.object({
  /** Values are base64. */
  metadata: z.record(z.string(), base64Schema).optional(),
  /** Base64. */
  data: base64Schema.optional(),
});
const payloadsSchema = z.object({ payloads: z.array(payloadSchema).max(10_000) });

/** A page of a history has many payloads of up to 2 MiB. */
const LARGEST_BODY_BYTES = 16_777_216;

export async function codecRoutes(api: Api, { config }: ConsoleContext): Promise<void> {
  const { keysFile, keys } = config.payloads;
  if (keysFile === null) return;
  const { codecOrigins } = config.console;
  await api.register(cors, {
    origin: [...codecOrigins],
    credentials: true,
    methods: ['POST'],
    allowedHeaders: ['authorization', 'content-type', 'x-namespace'],
  });
  const codec = createPayloadCodec(keys);
  for (const direction of ['encode', 'decode'] as const) {
    api.post(
      `/${direction}`,
      {
        bodyLimit: LARGEST_BODY_BYTES,
        config: { access: 'operator', origins: codecOrigins },
        schema: {
          tags: ['codec'],
          summary: `Temporal's remote codec: ${direction}`,
          body: payloadsSchema,
          response: { 200: json(payloadsSchema, 'the payloads, in their order'), ...problems() },
        },
      },
      async ({ body }) => {
        const payloads = body.payloads.map((payload) => PayloadMessage.fromObject(payload) as Payload);
        const made = await coded(() => codec[direction](payloads));
        return { payloads: made.map((payload) => PayloadMessage.create(payload).toJSON()) };
      },
    );
  }
}

/** A payload that cannot be read is the caller's: of another deployment, or of a key that was taken away. */
async function coded(code: () => Promise<Payload[]>): Promise<Payload[]> {
  try {
    return await code();
  } catch (error) {
    if (error instanceof UnreadablePayloadError)
      throw new Problem('invalid', { detail: error.message, cause: error });
    throw error;
  }
}
