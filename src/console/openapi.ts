/** The description of the API, made of the schemas that its requests are checked by. */
import swagger from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { SESSION_COOKIE } from './access/session-cookie.js';
import type { Api } from './api/app.js';

/** What we answer may grow: only what is checked strictly takes no other fields. */
const zodToJsonConfig = {
  override: ({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: Record<string, unknown> }) => {
    const { def } = (zodSchema as z.core.$ZodType)._zod;
    const isStrict = def.type === 'object' && (def as z.core.$ZodObjectDef).catchall !== undefined;
    if (def.type === 'object' && !isStrict) delete jsonSchema['additionalProperties'];
  },
};

export async function describeApi(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'vnf-migrator console',
        version,
        description:
          'Asks and orders all that the command line can. Errors are problems (RFC 9457). A client that repeats a start joins what runs; an order with an `Idempotency-Key` is carried out once.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig }),
    transformObject: createJsonSchemaTransformObject({ zodToJsonConfig }),
  });
}
