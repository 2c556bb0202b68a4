// The workflow bundles of the compiled worker: made once, at build time, so that a worker starts at once. Two, because what
// becomes of a failure's message is decided within the sandbox, where no setting can be read.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const log = (level, message) => {
  if (level === 'WARN' || level === 'ERROR') console.error(message);
};
const logger = {
  log,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => log('WARN', message),
  error: (message) => log('ERROR', message),
};

const bundles = [
  ['workflow-bundle.js', {}],
  ['workflow-bundle.encrypting.js', { failureConverterPath: path('../dist/codec/failure-converter.js') }],
];
for (const [name, options] of bundles) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path('../dist/workflows/index.js'),
    workflowInterceptorModules: [path('../dist/workflows/whole-tasks.js')],
    logger,
    ...options,
  });
  await writeFile(path(`../dist/${name}`), code);
  console.log(`${name}: ${(code.length / 1_048_576).toFixed(1)} MiB, source map included`);
}
