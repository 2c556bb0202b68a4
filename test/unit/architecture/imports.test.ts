/**
 * The import rules restrict the imports between the rooms and refuse cycles. A small source tree breaks each rule
 * once.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../support/markdown.js';

/** A file of `src/`, and what it imports: a file from `src/` on, or a package. */
type Import = readonly [file: string, module: string];

const REFUSED: readonly Import[] = [
  ['src/shared/x.ts', 'src/mano/reply.ts'],
  ['src/shared/x.ts', 'src/workflows/messages.ts'],
  ['src/shared/x.ts', 'node:crypto'],
  ['src/shared/x.ts', 'crypto'],
  ['src/shared/x.ts', '@temporalio/common'],
  ['src/shared/x.ts', '@temporalio/workflow'],
  ['src/shared/x.ts', 'js-yaml'],
  ['src/shared/x.ts', 'pino'],
  ['src/shared/campaign/x.ts', 'src/mano/reply.ts'],
  ['src/shared/campaign/x.ts', 'node:crypto'],
  ['src/mano/x.ts', 'src/amqp/session.ts'],
  ['src/mano/x.ts', 'src/settings/config.ts'],
  ['src/mano/x.ts', 'amqplib'],
  ['src/mano/x.ts', '@temporalio/client'],
  ['src/workflows/x.ts', 'amqplib'],
  ['src/workflows/x.ts', 'js-yaml'],
  ['src/workflows/x.ts', 'pino'],
  ['src/workflows/x.ts', 'node:fs'],
  ['src/workflows/x.ts', 'src/mano/reply.ts'],
  ['src/workflows/x.ts', 'src/amqp/publisher.ts'],
  ['src/workflows/x.ts', 'src/listener/reply-listener.ts'],
  ['src/workflows/x.ts', 'src/settings/config.ts'],
  ['src/workflows/x.ts', '@temporalio/client'],
  ['src/workflows/x.ts', '@temporalio/activity'],
  // Types only: the code of activities is not bundled with the workflows.
  ['src/workflows/x.ts', 'src/activities/index.ts'],
  ['src/workflows/migration/x.ts', 'src/workflows/campaign/state.ts'],
  ['src/workflows/campaign/x.ts', 'src/workflows/migration/next-step.ts'],
  ['src/workflows/runtime/x.ts', 'src/workflows/migration/next-step.ts'],
  ['src/workflows/runtime/x.ts', 'node:fs'],
  ['src/activities/x.ts', 'src/workflows/index.ts'],
  ['src/activities/x.ts', 'src/client/connect.ts'],
  ['src/activities/x.ts', 'src/listener/reply-listener.ts'],
  ['src/amqp/x.ts', 'src/listener/reply-listener.ts'],
  ['src/amqp/x.ts', 'src/workflows/messages.ts'],
  ['src/repository/x.ts', 'src/activities/index.ts'],
  ['src/listener/x.ts', 'src/activities/index.ts'],
  ['src/listener/x.ts', 'src/client/connect.ts'],
  ['src/codec/x.ts', 'src/settings/config.ts'],
  ['src/codec/failure-converter.ts', 'node:crypto'],
  ['src/codec/failure-converter.ts', '@temporalio/proto'],
  ['src/codec/unreadable-payload.ts', 'node:crypto'],
  ['src/nexus/service.ts', 'src/client/connect.ts'],
  ['src/nexus/service.ts', '@temporalio/nexus'],
  ['src/simulator/x.ts', 'src/workflows/index.ts'],
  ['src/simulator/x.ts', 'src/listener/reply-listener.ts'],
  ['src/client/x.ts', 'test/support/markdown.ts'],
  ['src/client/x.ts', 'no-such-package'],
  ['src/client/x.ts', 'src/new-room/x.ts'],
];

const ALLOWED: readonly Import[] = [
  ['src/shared/y.ts', 'zod'],
  ['src/shared/y.ts', 'src/shared/names.ts'],
  ['src/mano/y.ts', 'src/shared/mano/reply.ts'],
  ['src/mano/y.ts', 'js-yaml'],
  ['src/workflows/y.ts', 'src/shared/names.ts'],
  ['src/workflows/y.ts', '@temporalio/workflow'],
  ['src/workflows/y.ts', '@temporalio/common'],
  ['src/workflows/y.ts', 'src/workflows/migration/next-step.ts'],
  ['src/activities/y.ts', 'src/amqp/publisher.ts'],
  ['src/activities/y.ts', 'src/shared/names.ts'],
  ['src/amqp/y.ts', 'src/mano/topics.ts'],
  ['src/listener/y.ts', 'src/workflows/messages.ts'],
  ['src/listener/y.ts', 'src/amqp/consumer.ts'],
  ['src/codec/y.ts', 'node:crypto'],
  ['src/codec/y.ts', '@temporalio/proto'],
  ['src/codec/index.ts', 'src/settings/config.ts'],
  ['src/simulator/y.ts', 'src/mano/topics.ts'],
];

interface Cruised {
  modules: {
    source: string;
    dependencies: { module: string; circular: boolean; rules?: { name: string }[] }[];
  }[];
}

let tree: string;
let cruised: Cruised;

function write(file: string, code: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), code);
}

/** As the file writes it. */
function specifier([file, module]: Import): string {
  if (!/^(?:src|test)\//.test(module)) return module;
  const path = posix.relative(posix.dirname(file), module).replace(/\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

function isRefused(of: Import): boolean {
  const [file] = of;
  const module = cruised.modules.find(({ source }) => source === file);
  // It reports a module of Node by its bare name.
  const name = specifier(of).replace(/^node:/, '');
  const found = module?.dependencies.find((each) => each.module === name);
  if (found === undefined) throw new Error(`${file} was not seen to import ${specifier(of)}`);
  return (found.rules ?? []).length > 0;
}

beforeAll(async () => {
  tree = mkdtempSync(join(tmpdir(), 'imports-'));
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  copyFileSync(join(ROOT, 'tsconfig.json'), join(tree, 'tsconfig.json'));
  copyFileSync(join(ROOT, 'package.json'), join(tree, 'package.json'));
  const all = [...REFUSED, ...ALLOWED];
  for (const [, module] of all) if (/^(?:src|test)\//.test(module)) write(module, 'export const x = 1;\n');
  for (const importer of new Set(all.map(([file]) => file))) {
    const lines = all.flatMap((each, at) =>
      each[0] === importer ? [`export * as x${String(at)} from '${specifier(each)}';`] : [],
    );
    write(importer, `${lines.join('\n')}\n`);
  }
  write('src/activities/types.ts', 'export type A = 1;\n');
  write('src/workflows/z.ts', "import type { A } from '../activities/types.js';\nexport type B = A;\n");
  write('src/client/circle-a.ts', "import type { B } from './circle-b.js';\nexport type A = B | 1;\n");
  write('src/client/circle-b.ts', "import type { A } from './circle-a.js';\nexport type B = A | 2;\n");
  cruised = await cruise();
}, 60_000);

afterAll(() => {
  rmSync(tree, { recursive: true });
});

/** The same rules as `npm run imports`, over the small tree. Its exit code counts what they refuse. */
function cruise(): Promise<Cruised> {
  const args = ['--config', join(ROOT, '.dependency-cruiser.mjs'), '--preserve-symlinks'];
  const bin = join(ROOT, 'node_modules/.bin/depcruise');
  return new Promise((resolve, reject) => {
    execFile(bin, [...args, '--output-type', 'json', 'src'], { cwd: tree }, (_, stdout, stderr) => {
      if (stdout === '') reject(new Error(stderr));
      else resolve(JSON.parse(stdout) as Cruised);
    });
  });
}

describe('an import over an edge is refused', () => {
  it.each(REFUSED)('%s: %s', (...each) => {
    expect(isRefused(each)).toBe(true);
  });
});

describe('an import that the layout wants is accepted', () => {
  it.each(ALLOWED)('%s: %s', (...each) => {
    expect(isRefused(each)).toBe(false);
  });

  it('of the types of activities', () => {
    const of = cruised.modules.find(({ source }) => source === 'src/workflows/z.ts');
    expect(of?.dependencies.map(({ rules = [] }) => rules)).toEqual([[]]);
  });
});

it('a circle is refused, also one of types alone', () => {
  const of = cruised.modules.find(({ source }) => source === 'src/client/circle-a.ts');
  expect(of?.dependencies.map(({ rules }) => rules?.map(({ name }) => name))).toEqual([['no circles']]);
});
