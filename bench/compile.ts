/**
 * Compiles to plain JavaScript what runs in separate processes, so that it starts and runs as the build does.
 *
 * Invariant: the imports of these files from src/ resolve to dist/, as those of the worker that they are compared
 * with.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import ts from 'typescript';

const SOURCES = new URL('./processes/', import.meta.url);
const BUILT = new URL('../dist/', import.meta.url);

export interface Programs {
  bareWorker: string;
  rawConsumer: string;
  memoryProbe: string;
  /** The bare workflow, prebuilt as ours is. */
  bareBundle: string;
}

export async function compilePrograms(directory: string): Promise<Programs> {
  const [bareWorker, rawConsumer, memoryProbe, bareBundle] = await Promise.all([
    compile('bare-worker', directory),
    compile('raw-consumer', directory),
    compile('memory-probe', directory),
    bundle('bare-workflows', directory),
  ]);
  return { bareWorker, rawConsumer, memoryProbe, bareBundle };
}

async function compile(name: string, directory: string): Promise<string> {
  const source = await readFile(new URL(`${name}.ts`, SOURCES), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  const file = join(directory, `${name}.mjs`);
  await writeFile(file, outputText.replaceAll("from '../../src/", `from '${BUILT.href}`));
  return file;
}

async function bundle(name: string, directory: string): Promise<string> {
  const quiet = (): void => undefined;
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`${name}.ts`, SOURCES)),
    preloadModules: [fileURLToPath(new URL(`${name}.ts`, SOURCES))],
    logger: {
      log: quiet,
      trace: quiet,
      debug: quiet,
      info: quiet,
      warn: console.error,
      error: console.error,
    },
  });
  const file = join(directory, `${name}.js`);
  await writeFile(file, code);
  return file;
}
