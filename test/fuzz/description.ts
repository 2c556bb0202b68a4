/**
 * The description of the API with ids that exist beside those that are made up.
 *
 * Invariant: a schema takes neither more nor less than before: what is added fits what was there.
 */
import type { Known } from './stage.js';

type Json = Record<string, unknown>;

export function describeKnown(description: Json, known: Known): Json {
  const byProperty: Record<string, readonly string[]> = {
    serviceInstanceUuid: known.services,
    serviceInstanceUuids: known.services,
    vnfUuid: known.vnfs,
    vnfUuids: known.vnfs,
    vimUuid: known.vims,
    vims: known.vims,
  };
  const byPath: readonly [RegExp, readonly string[]][] = [
    ...Object.entries(known.forOrders).map(([order, name]): [RegExp, string[]] => [
      new RegExp(`/orders/${order}$`),
      [name],
    ]),
    [/\/campaigns\/\{id\}/, known.campaigns],
    [/\/migrations\/\{id\}/, known.migrations],
    [/\/schedules\/\{name\}/, known.schedules],
    [/\/vims\/\{vim\}/, known.vims],
  ];
  const withProperties = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(withProperties);
    if (!isObject(schema)) return schema;
    return Object.fromEntries(
      Object.entries(schema).map(([key, value]) => {
        if (key.startsWith('CampaignSpecification'))
          return [key, { anyOf: [{ enum: known.specifications }, withProperties(value)] }];
        const values = byProperty[key];
        return [key, values === undefined ? withProperties(value) : withKnown(value, values)];
      }),
    );
  };
  const { paths, ...rest } = withProperties(description) as Json & { paths: Record<string, Json> };
  const named = Object.entries(paths).map(([path, operations]) => {
    const values = byPath.find(([pattern]) => pattern.test(path))?.[1];
    return [path, values === undefined ? operations : withIdsInPath(operations, values)];
  });
  return { ...rest, paths: Object.fromEntries(named) as Json };
}

/** Of a text, or of each text of a list. */
function withKnown(schema: unknown, values: readonly string[]): unknown {
  if (!isObject(schema)) return schema;
  if (isObject(schema['items'])) return { ...schema, items: withKnown(schema['items'], values) };
  return schema['type'] === 'string' ? { anyOf: [{ type: 'string', enum: values }, schema] } : schema;
}

function withIdsInPath(operations: Json, values: readonly string[]): Json {
  const named = Object.entries(operations).map(([method, operation]) => {
    const { parameters = [] } = operation as { parameters?: Json[] };
    const patched = parameters.map((parameter) =>
      parameter['in'] === 'path'
        ? { ...parameter, schema: withKnown(parameter['schema'], values) }
        : parameter,
    );
    return [method, { ...(operation as Json), parameters: patched }];
  });
  return Object.fromEntries(named) as Json;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
