/** Replays the histories whose name holds the argument, in this process's time zone; prints what became of each. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Runtime, Worker } from '@temporalio/worker';
import { createLogger } from '../../src/observability/logger.js';
import { runtimeLogger } from '../../src/observability/runtime-logger.js';
import { recordedHistories } from './histories.js';

const logger = runtimeLogger(createLogger({ level: 'silent' }));
Runtime.install({ logger, shutdownSignals: [] });
const [wanted = ''] = process.argv.slice(2);
const histories = [...recordedHistories()].filter(([file]) => file.includes(wanted));
const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath, preloadModules: [workflowsPath], logger });

const results: string[] = [];
const replays = Worker.runReplayHistories(
  { workflowBundle: { code } },
  histories.map(([, recorded]) => recorded),
);
for await (const { error } of replays) results.push(error?.message ?? 'ok');
const replayed = Object.fromEntries(
  histories.map(([file], index) => [file, results[index] ?? 'not replayed']),
);
console.log(JSON.stringify({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone, replayed }));
