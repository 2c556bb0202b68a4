// The workflow bundles of the compiled worker: made once, at build time, so that a worker starts at once.
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

/** The bundle of each kind of worker, by what is exported to it. */
const bundles = { 'workflow-bundle.js': 'index.js', 'workflow-bundle-versioned.js': 'versioned.js' };

for (const [file, entry] of Object.entries(bundles)) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path(`../dist/workflows/${entry}`),
    workflowInterceptorModules: [path('../dist/workflows/whole-tasks.js')],
    logger,
  });
  await writeFile(path(`../dist/${file}`), code);
  console.log(`${file}: ${(code.length / 1_048_576).toFixed(1)} MiB, source map included`);
}
