// The workflow bundles of the compiled worker: made once, at build time, so that a worker starts at once. Four, because two
// things are decided within the sandbox, where no setting can be read: what becomes of a failure's message, and what stays
// with the build that it began on.
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

const KINDS = ['', '.encrypting', '.versioned', '.versioned.encrypting'];
for (const kind of KINDS) {
  const workflowsPath = path(`../dist/workflows/${kind.includes('.versioned') ? 'versioned' : 'index'}.js`);
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // Loaded once for all runs. Loading it for each would be most of the cost of a waiting migration.
    preloadModules: [workflowsPath],
    workflowInterceptorModules: [path('../dist/workflows/runtime/task-guard.js')],
    ...(kind.includes('.encrypting')
      ? { failureConverterPath: path('../dist/codec/failure-converter.js') }
      : {}),
    logger,
  });
  await writeFile(path(`../dist/workflow-bundle${kind}.js`), code);
}
console.log(`workflow bundles: ${KINDS.length}`);
