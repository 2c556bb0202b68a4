/**
 * Schemas that are built when they are first asked for, and kept.
 *
 * Invariant: no module of shared/ exports a schema itself, only a function that gives it. A worker loads the workflow
 * code once for all its runs, and the SDK then freezes whatever modules export; a schema of zod completes itself when it
 * is used, which it cannot once it is frozen. What a function keeps in its closure stays as it is.
 */
import type { z } from 'zod';

export function lazily<Value>(build: () => Value): () => Value {
  let kept: { value: Value } | null = null;
  return () => (kept ??= { value: build() }).value;
}

/** What is checked by the schema that `Schema` gives. */
export type Input<Schema extends () => z.ZodType> = z.input<ReturnType<Schema>>;
/** What the schema that `Schema` gives makes of it. */
export type Output<Schema extends () => z.ZodType> = z.output<ReturnType<Schema>>;
