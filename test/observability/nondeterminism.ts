/**
 * A worker whose code disagrees with a recorded history, in this process, with the SDK's own metrics: the one symptom that no
 * healthy build can be brought to show.
 */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Runtime, Worker } from '@temporalio/worker';
import { createLogger } from '../../src/observability/logger.js';
import { runtimeLogger } from '../../src/observability/runtime-logger.js';
import { recordedHistories } from '../replay/histories.js';

const CHANGED = fileURLToPath(new URL('../replay/changed-workflow.ts', import.meta.url));

/** Serves its metrics at the address until `shutdown` of what it returns. */
export async function failNondeterministically(bindAddress: string): Promise<Runtime> {
  const logger = runtimeLogger(createLogger({ level: 'silent' }));
  const runtime = Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {} }, metrics: { prometheus: { bindAddress } } },
  });
  const { code } = await bundleWorkflowCode({ workflowsPath: CHANGED, logger });
  const migrated = [...recordedHistories().values()].filter(
    ({ scenario }) => scenario === 'migrated-by-reply',
  );
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { code } }, migrated))
    if (error === undefined) throw new Error('another workflow replayed a history without an error');
  return runtime;
}
