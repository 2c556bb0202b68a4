// Bundles a workflow of this project, and the product's workflows as a worker of one's own does. Prints both sizes.
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const problems = [];
const report = (level, message) => problems.push(`${level}: ${message}`);
const logger = {
  log: report,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: (message) => report('WARN', message),
  error: (message) => report('ERROR', message),
};
const own = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  logger,
});
const workflowsPath = fileURLToPath(import.meta.resolve('vnf-migrator/workflows'));
const ours = await bundleWorkflowCode({
  workflowsPath,
  preloadModules: [workflowsPath],
  workflowInterceptorModules: [fileURLToPath(import.meta.resolve('vnf-migrator/workflow-interceptors'))],
  logger,
});
const holds = { moveVnf: own.code.includes('moveVnf'), migrateVnf: ours.code.includes('migrateVnf') };
console.log(JSON.stringify({ bytes: [own.code.length, ours.code.length], holds, problems }));
