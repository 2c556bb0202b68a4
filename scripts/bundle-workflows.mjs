// The workflow bundle of the compiled worker: made once, at build time, so that a worker starts at once.
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

const { code } = await bundleWorkflowCode({
  workflowsPath: path('../dist/workflows/index.js'),
  workflowInterceptorModules: [path('../dist/workflows/whole-tasks.js')],
  logger,
});
await writeFile(path('../dist/workflow-bundle.js'), code);
console.log(`workflow bundle: ${(code.length / 1_048_576).toFixed(1)} MiB, source map included`);
