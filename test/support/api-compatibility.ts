/**
 * Whether callers of an older API go on with a newer one: what is taken away, and what is asked for besides.
 *
 * Invariant: a newer API may take more and tell more. It takes all that the older took, and tells all that the older told.
 */
type Schema = Record<string, unknown>;

export interface Api {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

/** What breaks callers of `older`; empty: nothing does. */
export function breaks(older: Api, newer: Api): string[] {
  const both = (schema: Schema | undefined, api: Api): Schema => resolved(schema ?? {}, api);
  return operationsOf(older).flatMap(({ name, operation }) => {
    const present = operationsOf(newer).find((one) => one.name === name)?.operation;
    if (present === undefined) return [`${name}: is gone`];
    const taken = taking(both(bodyOf(operation), older), {
      older,
      newer,
      present: both(bodyOf(present), newer),
    });
    return [
      ...parameterBreaks(operation, present),
      ...taken.map((text) => `request${text}`),
      ...Object.entries(operation.responses)
        .filter(([status]) => status.startsWith('2'))
        .flatMap(([status, { content = {} }]) =>
          Object.entries(content).flatMap(([type, { schema }]) => {
            const now = present.responses[status]?.content?.[type]?.schema;
            if (now === undefined) return [`${status} ${type} is gone`];
            return telling(both(schema, older), { older, newer, present: both(now, newer) }).map(
              (text) => `${status}${text}`,
            );
          }),
        ),
    ].map((text) => `${name}: ${text}`);
  });
}

/** What `breaks` compares: answers that are no problems, and the schemas that are used. */
export function recordingOf({ paths, components }: Api): Api {
  const told = Object.fromEntries(
    Object.entries(paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).map(([method, { parameters, requestBody, responses }]) => [
          method,
          {
            ...(parameters && { parameters }),
            ...(requestBody && { requestBody }),
            responses: Object.fromEntries(
              Object.entries(responses).filter(([status]) => status.startsWith('2')),
            ),
          },
        ]),
      ),
    ]),
  );
  const text = JSON.stringify([told, components]);
  const used = Object.entries(components?.schemas ?? {}).filter(([name]) =>
    text.includes(`/schemas/${name}"`),
  );
  return { paths: told, components: { schemas: Object.fromEntries(used) } };
}

function operationsOf({ paths }: Api) {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );
}

function bodyOf({ requestBody }: Operation): Schema | undefined {
  return requestBody?.content['application/json']?.schema;
}

function parameterBreaks(older: Operation, newer: Operation): string[] {
  const [before, after] = [older.parameters ?? [], newer.parameters ?? []];
  const gone = before.filter((one) => !after.some(({ name }) => name === one.name));
  const needed = after.filter(
    ({ name, required }) => required === true && !before.some((one) => one.name === name && one.required),
  );
  return [
    ...gone.map(({ name }) => `parameter ${name} is gone`),
    ...needed.map(({ name }) => `parameter ${name} is required`),
  ];
}

interface Pair {
  older: Api;
  newer: Api;
  present: Schema;
}

function taking(before: Schema, { older, newer, present }: Pair): string[] {
  const [had, has] = [fieldsOf(before), fieldsOf(present)];
  const isStrict = present['additionalProperties'] === false;
  const needed = requiredOf(present).filter((name) => !requiredOf(before).includes(name));
  const lost = (before['enum'] as unknown[] | undefined)?.filter(
    (value) => (present['enum'] as unknown[] | undefined)?.includes(value) === false,
  );
  return [
    ...needed.map((name) => `/${name} is required`),
    ...(lost ?? []).map((value) => ` takes no ${String(value)}`),
    ...Object.entries(had).flatMap(([name, schema]) => {
      const now = has[name];
      if (now === undefined) return isStrict ? [`/${name} is not taken`] : [];
      return taking(resolved(schema, older), { older, newer, present: resolved(now, newer) }).map(
        (text) => `/${name}${text}`,
      );
    }),
  ];
}

function telling(before: Schema, { older, newer, present }: Pair): string[] {
  const [had, has] = [fieldsOf(before), fieldsOf(present)];
  const gone = requiredOf(before).filter((name) => !requiredOf(present).includes(name));
  const items = [before['items'], present['items']] as [Schema | undefined, Schema | undefined];
  return [
    ...(isOfOtherType(before, present) ? [' is of another type'] : []),
    ...gone.map((name) => `/${name} may be missing`),
    ...Object.entries(had).flatMap(([name, schema]) => {
      const now = has[name];
      if (now === undefined) return [`/${name} is gone`];
      return telling(resolved(schema, older), { older, newer, present: resolved(now, newer) }).map(
        (text) => `/${name}${text}`,
      );
    }),
    ...(items[0] === undefined
      ? []
      : telling(resolved(items[0], older), { older, newer, present: resolved(items[1] ?? {}, newer) }).map(
          (text) => `/*${text}`,
        )),
  ];
}

/** More than one type is a list of them. */
function isOfOtherType(before: Schema, present: Schema): boolean {
  return before['type'] !== undefined && JSON.stringify(before['type']) !== JSON.stringify(present['type']);
}

function resolved(schema: Schema, api: Api): Schema {
  const reference = schema['$ref'];
  if (typeof reference === 'string')
    return resolved(api.components?.schemas?.[reference.split('/').at(-1) ?? ''] ?? {}, api);
  // What may be null is compared as what it is else.
  const [first, second] = (schema['anyOf'] as Schema[] | undefined) ?? [];
  return first !== undefined && second?.['type'] === 'null' ? resolved(first, api) : schema;
}

function fieldsOf(schema: Schema): Record<string, Schema> {
  return (schema['properties'] ?? {}) as Record<string, Schema>;
}

function requiredOf(schema: Schema): string[] {
  return (schema['required'] ?? []) as string[];
}
