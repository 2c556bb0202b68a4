/** The lint rules keep clocks, randomness and shared state out of the workflow sandbox. */
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let eslint: ESLint;

beforeAll(() => {
  // The rules that are tried here need no types, and files that do not exist have none.
  eslint = new ESLint({
    cwd: ROOT,
    overrideConfig: [{ languageOptions: { parserOptions: { projectService: false } } }],
    ruleFilter: ({ ruleId }) => RULES.has(ruleId),
  });
});

const RULES = new Set(['no-restricted-globals', 'no-restricted-properties', 'no-restricted-syntax']);

/** The rules that a file with this code, at this path, breaks. */
async function broken(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `${ROOT}${filePath}` });
  const fatal = result!.messages.find((message) => message.fatal);
  if (fatal !== undefined) throw new Error(fatal.message);
  return result!.messages.map(({ ruleId }) => ruleId ?? '');
}

describe('what would differ at a replay is refused', () => {
  const rooms = ['src/shared/x.ts', 'src/workflows/x.ts'];
  it.each([
    ['Date.now()', 'no-restricted-globals'],
    ['new Date()', 'no-restricted-globals'],
    ['Math.random()', 'no-restricted-properties'],
    ["process.env['HOME']", 'no-restricted-globals'],
    ["Buffer.from('x')", 'no-restricted-globals'],
    ['setTimeout(String, 1)', 'no-restricted-globals'],
    ['setInterval(String, 1)', 'no-restricted-globals'],
    ["fetch('http://x')", 'no-restricted-globals'],
    ['crypto.randomUUID()', 'no-restricted-globals'],
  ])('%s', async (expression, rule) => {
    for (const room of rooms) expect(await broken(room, `export const x = ${expression};`)).toEqual([rule]);
    expect(await broken('src/amqp/x.ts', `export const x = ${expression};`)).toEqual([]);
  });

  it('except for the one clock', async () => {
    expect(await broken('src/workflows/runtime/clock.ts', 'export const now = () => Date.now();')).toEqual(
      [],
    );
    expect(await broken('src/workflows/runtime/clock.ts', 'export const x = Math.random();')).not.toEqual([]);
  });
});

describe('state that all runs of all workflows would share is refused', () => {
  it.each([
    'let last = 0;',
    'export let last = 0;',
    'const seen = new Map<string, string>();',
    'export const seen = new Set<string>();',
    'const seen = new WeakMap<object, string>();',
    'const seen: string[] = [];',
  ])('%s', async (code) => {
    expect(await broken('src/workflows/x.ts', code)).toEqual(['no-restricted-syntax']);
    expect(await broken('src/shared/x.ts', code)).toEqual(['no-restricted-syntax']);
    expect(await broken('src/listener/x.ts', code)).toEqual([]);
  });

  it.each([
    'const NAMES: ReadonlyMap<string, string> = new Map();',
    'const NOTHING: readonly string[] = [];',
    "const NAMES = ['a'] as const;",
    'export function count(): number { let seen = 0; seen += 1; return seen; }',
  ])('%s is none', async (code) => {
    expect(await broken('src/workflows/x.ts', code)).toEqual([]);
  });
});
