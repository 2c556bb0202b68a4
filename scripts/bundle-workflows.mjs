// Creates the workflow bundles of the compiled worker once, at build time, so that a worker starts quickly. There
// are eight, because three decisions are made inside the sandbox, which cannot read settings: whether the message of a
// failure is kept or removed, whether a workflow stays with the build that it began on, and whether there are traces.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { licensesOf } from './bundled-licenses.mjs';
import { withPortableMap } from './workflow-bundle-map.mjs';

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

const KINDS = ['', '.encrypting', '.versioned', '.versioned.encrypting'].flatMap((kind) => [
  kind,
  `${kind}.tracing`,
]);
const bundled = [];
for (const kind of KINDS) {
  const workflowsPath = path(`../dist/workflows/${kind.includes('.versioned') ? 'versioned' : 'index'}.js`);
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // Loads the module once for all runs. Loading it in each run would be most of the cost of a waiting migration.
    preloadModules: [workflowsPath],
    workflowInterceptorModules: [
      path('../dist/workflows/runtime/task-guard.js'),
      ...(kind.includes('.tracing') ? [path('../dist/workflows/tracing/interceptors.js')] : []),
    ],
    ...(kind.includes('.encrypting')
      ? { failureConverterPath: path('../dist/codec/failure-converter.js') }
      : {}),
    logger,
  });
  const portable = withPortableMap(code, path('..'));
  await writeFile(path(`../dist/workflow-bundle${kind}.js`), portable.code);
  bundled.push(...portable.files);
}
await writeFile(path('../dist/workflow-bundle.licenses.md'), licensesOf(bundled));
console.log(`workflow bundles: ${KINDS.length}`);
