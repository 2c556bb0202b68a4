/** The contract as JSON Schema, as `vnf-migrator schema` prints it. */
import { z } from 'zod';
import { CONTRACT_NAMES, jsonSchemaOf } from '../../contract/json-schema.js';
import { json, problems, type Api } from './app.js';

const anySchema = z.looseObject({ $schema: z.string(), title: z.string() });

export function schemaRoutes(api: Api): void {
  const tags = ['schemas'];
  api.get(
    '/schemas',
    {
      schema: {
        ...{ tags, summary: 'The names of the parts of the contract with Temporal callers' },
        response: { 200: json(z.object({ names: z.array(z.string()) }), 'their names'), ...problems() },
      },
    },
    () => ({ names: CONTRACT_NAMES }),
  );
  api.get(
    '/schemas/:name',
    {
      schema: {
        ...{ tags, summary: 'One part, as JSON Schema' },
        params: z.object({ name: z.enum(CONTRACT_NAMES) }),
        response: { 200: json(anySchema, 'the schema'), ...problems() },
      },
    },
    ({ params }) => anySchema.parse(jsonSchemaOf(params.name)),
  );
}
