// A worker loads the workflow code once for all runs, and the SDK freezes the exports of its modules.
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const ROOMS = ['shared', 'workflows'];
const MODULES = (
  await Promise.all(
    ROOMS.map(async (room) => {
      const files = await readdir(new URL(`../../../src/${room}/`, import.meta.url), { recursive: true });
      return files.filter((file) => file.endsWith('.ts')).map((file) => `${room}/${file}`);
    }),
  )
).flat();

/** Where a schema is within reach of whoever freezes a value, by its path. */
function schemasIn(value: unknown, path: string): string[] {
  if (value instanceof z.core.$ZodType) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => schemasIn(part, `${path}.${name}`));
}

describe('no schema is where it would be frozen', () => {
  it.each(MODULES)('%s', async (file) => {
    const exported: unknown = await import(new URL(`../../../src/${file}`, import.meta.url).href);
    expect(schemasIn(exported, file)).toEqual([]);
  });

  it('is seen where there is one', () => {
    expect(schemasIn({ limits: { total: z.int() } }, 'campaign')).toEqual(['campaign.limits.total']);
  });
});
