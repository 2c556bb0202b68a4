/**
 * JSON schemas of the API, made of its own descriptions, and kubeconform, which checks manifests by them.
 *
 * Invariant: they are strict. A field that the API does not know is a finding, where a cluster would drop it in silence.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import type { Tools } from './tools.js';

const execute = promisify(execFile);

type Schema = Record<string, unknown>;

interface Kind {
  group: string;
  version: string;
  kind: string;
}

const REFERENCE = '#/components/schemas/';
const KINDS = 'x-kubernetes-group-version-kind';
const ANYTHING = 'x-kubernetes-preserve-unknown-fields';
const EITHER = 'x-kubernetes-int-or-string';

/** A file for each kind, named as kubeconform looks for it. Returns how many. */
export async function writeSchemas(tools: Tools, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const all = [...(await builtIn(tools.openapi)), ...(await custom(tools.customResources))];
  for (const { kind, schema } of all) await writeFile(join(folder, fileOf(kind)), JSON.stringify(schema));
  return all.length;
}

/** Nothing found: an empty list. */
export async function schemaFindings(
  tools: Tools,
  { file, schemas }: { file: string; schemas: string },
): Promise<{ resources: number; findings: string[] }> {
  const location = join(schemas, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
  const args = ['-strict', '-summary', '-output', 'json', '-schema-location', location, file];
  const output = await execute(tools.kubeconform, args).catch((error: unknown) => {
    // It ends with 1 on findings, which are in its output.
    if (error instanceof Error && 'stdout' in error && error.stdout !== '')
      return { stdout: String(error.stdout) };
    throw error;
  });
  const { resources = [], summary } = JSON.parse(output.stdout) as {
    resources?: { kind: string; name: string; msg: string }[];
    summary: { valid: number; invalid: number; errors: number; skipped: number };
  };
  const { valid, invalid, errors, skipped } = summary;
  return {
    resources: valid + invalid + errors + skipped,
    findings: [
      ...resources.map(({ kind, name, msg }) => `${kind}/${name}: ${msg}`),
      ...(skipped > 0 ? [`${skipped} were not looked at`] : []),
    ],
  };
}

function fileOf({ group, version, kind }: Kind): string {
  const [first = ''] = group.split('.');
  return `${[kind.toLowerCase(), ...(first === '' ? [] : [first]), version].join('-')}.json`;
}

async function builtIn(folder: string): Promise<{ kind: Kind; schema: Schema }[]> {
  const files = (await readdir(folder)).filter((name) => /__v\w+_openapi\.json$/.test(name));
  const found = await Promise.all(
    files.map(async (name) => {
      const { components = {} } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
        components?: { schemas?: Record<string, Schema> };
      };
      return kindsIn(components.schemas ?? {});
    }),
  );
  return found.flat();
}

/** Those that a description has a single kind for. Of `DeleteOptions` and its like it has many. */
function kindsIn(schemas: Record<string, Schema>): { kind: Kind; schema: Schema }[] {
  return Object.entries(schemas).flatMap(([name, schema]) => {
    const [kind, ...more] = (schema[KINDS] ?? []) as Kind[];
    if (kind === undefined || more.length > 0) return [];
    const definitions = Object.fromEntries(
      reachedFrom(name, schemas).map((one) => [one, strict(schemas[one] ?? {}) as Schema]),
    );
    return [{ kind, schema: { $ref: `#/definitions/${name}`, definitions } }];
  });
}

function reachedFrom(name: string, schemas: Record<string, Schema>): string[] {
  const reached = new Set([name]);
  for (const one of reached) {
    for (const [, other = ''] of JSON.stringify(schemas[one]).matchAll(/#\/components\/schemas\/([^"]+)/g))
      reached.add(other);
  }
  return [...reached];
}

async function custom(folder: string): Promise<{ kind: Kind; schema: Schema }[]> {
  const definitions = await customResources(folder);
  return definitions.flatMap(({ spec }) =>
    spec.versions.map(({ name, schema }) => ({
      kind: { group: spec.group, version: name, kind: spec.names.kind },
      schema: strict(withMetadata(schema.openAPIV3Schema)) as Schema,
    })),
  );
}

export interface CustomResource {
  metadata: { name: string };
  spec: {
    group: string;
    names: { kind: string; plural: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema } }[];
  };
}

export async function customResources(folder: string): Promise<CustomResource[]> {
  const names = await readdir(folder);
  return Promise.all(
    names.map(async (name) => load(await readFile(join(folder, name), 'utf8')) as CustomResource),
  );
}

/** A definition does not describe metadata: the API server knows it. */
function withMetadata(schema: Schema): Schema {
  return { ...schema, properties: { ...(schema['properties'] as Schema), metadata: { type: 'object' } } };
}

/** As JSON Schema, and with no other fields than those that are described. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref, format, ...given } = schema as Schema;
  if (typeof $ref === 'string') return { $ref: $ref.replace(REFERENCE, '#/definitions/') };
  // A format such as int32 is none of JSON Schema.
  const kept: Schema = format === 'date-time' ? { ...given, format } : given;
  if (kept[EITHER] === true) return { anyOf: [{ type: 'integer' }, { type: 'string' }] };
  const converted = Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, strict(value)]));
  const isClosed =
    'properties' in converted && !('additionalProperties' in converted) && converted[ANYTHING] !== true;
  return isClosed ? { ...converted, additionalProperties: false } : converted;
}
