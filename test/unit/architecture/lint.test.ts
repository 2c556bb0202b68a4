/** The lint rules hold the edges between the rooms, and keep clocks and chance out of the workflow sandbox. */
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

const RULES = new Set([
  'no-restricted-imports',
  'no-restricted-globals',
  'no-restricted-properties',
  'no-restricted-syntax',
  '@typescript-eslint/no-restricted-imports',
]);

/** The rules that a file with this code, at this path, breaks. */
async function broken(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `${ROOT}${filePath}` });
  const fatal = result!.messages.find((message) => message.fatal);
  if (fatal !== undefined) throw new Error(fatal.message);
  return result!.messages.map(({ ruleId }) => (ruleId ?? '').replace('@typescript-eslint/', ''));
}

describe('an import over an edge is refused', () => {
  it.each([
    ['src/shared/x.ts', '../mano/reply.js'],
    ['src/shared/x.ts', '../workflows/messages.js'],
    ['src/shared/x.ts', 'node:crypto'],
    ['src/shared/x.ts', 'crypto'],
    ['src/shared/x.ts', '@temporalio/common'],
    ['src/shared/x.ts', '@temporalio/workflow'],
    ['src/shared/x.ts', 'js-yaml'],
    ['src/shared/x.ts', 'pino'],
    ['src/mano/x.ts', '../amqp/session.js'],
    ['src/mano/x.ts', '../config.js'],
    ['src/mano/x.ts', 'amqplib'],
    ['src/mano/x.ts', '@temporalio/client'],
    ['src/workflows/x.ts', 'amqplib'],
    ['src/workflows/x.ts', 'js-yaml'],
    ['src/workflows/x.ts', 'pino'],
    ['src/workflows/x.ts', 'node:fs'],
    ['src/workflows/x.ts', '../mano/reply.js'],
    ['src/workflows/x.ts', '../amqp/publisher.js'],
    ['src/workflows/x.ts', '../listener/reply-listener.js'],
    ['src/workflows/x.ts', '../config.js'],
    ['src/workflows/x.ts', '@temporalio/client'],
    ['src/workflows/x.ts', '@temporalio/activity'],
    ['src/activities/x.ts', '../workflows/index.js'],
    ['src/activities/x.ts', '../client/connect.js'],
    ['src/activities/x.ts', '../listener/reply-listener.js'],
    ['src/amqp/x.ts', '../listener/reply-listener.js'],
    ['src/amqp/x.ts', '../workflows/messages.js'],
    ['src/repository/x.ts', '../activities/index.js'],
    ['src/listener/x.ts', '../activities/index.js'],
    ['src/listener/x.ts', '../client/connect.js'],
    ['src/codec/x.ts', '../config.js'],
    ['src/codec/failure-converter.ts', 'node:crypto'],
    ['src/codec/failure-converter.ts', '@temporalio/proto'],
    ['src/codec/unreadable-payload.ts', 'node:crypto'],
    ['src/simulator/x.ts', '../workflows/index.js'],
    ['src/simulator/x.ts', '../listener/reply-listener.js'],
  ])('%s: %s', async (file, module) => {
    expect(await broken(file, `import x from '${module}';\nexport const y = x;`)).toEqual([
      'no-restricted-imports',
    ]);
    expect(await broken(file, `export * from '${module}';`)).toEqual(['no-restricted-imports']);
  });
});

describe('an import that the layout wants is taken', () => {
  it.each([
    ['src/shared/x.ts', 'zod'],
    ['src/shared/x.ts', './migration.js'],
    ['src/mano/x.ts', '../shared/mano-reply.js'],
    ['src/mano/x.ts', 'js-yaml'],
    ['src/workflows/x.ts', '../shared/migration.js'],
    ['src/workflows/x.ts', '@temporalio/workflow'],
    ['src/workflows/x.ts', '@temporalio/common'],
    ['src/workflows/x.ts', './verdict.js'],
    ['src/activities/x.ts', '../amqp/publisher.js'],
    ['src/activities/x.ts', '../shared/migration.js'],
    ['src/amqp/x.ts', '../mano/topics.js'],
    ['src/listener/x.ts', '../workflows/messages.js'],
    ['src/listener/x.ts', '../amqp/consumer.js'],
    ['src/codec/x.ts', 'node:crypto'],
    ['src/codec/x.ts', '@temporalio/proto'],
    ['src/codec/failure-converter.ts', '../shared/ask-again.js'],
    ['src/codec/index.ts', '../config.js'],
    ['src/simulator/x.ts', '../mano/topics.js'],
  ])('%s: %s', async (file, module) => {
    expect(await broken(file, `import x from '${module}';\nexport const y = x;`)).toEqual([]);
  });

  it('of the types of activities', async () => {
    const code = "import type { Activities } from '../activities/index.js';\nexport type A = Activities;";
    expect(await broken('src/workflows/x.ts', code)).toEqual([]);
  });
});

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
