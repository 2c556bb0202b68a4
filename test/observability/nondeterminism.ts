/**
 * Two builds of a workflow that disagree, in this process, with the SDK's own metrics: the one symptom that no healthy build can
 * be brought to show. A replay of a recorded history would not do: it counts nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createLogger } from '../../src/observability/logger.js';
import { runtimeLogger } from '../../src/observability/runtime-logger.js';

const BUILDS = ['../replay/changed-workflow.ts', '../../src/workflows/index.ts'];
const TASK_QUEUE = 'disagreeing-builds';
const HAPPENS_WITHIN_MS = 60_000;
const POLL_MS = 100;

/** Serves the metrics of the second build at `bindAddress` until `close` of what it returns. */
export async function disagree(
  client: Client,
  { bindAddress, temporalAddress }: { bindAddress: string; temporalAddress: string },
): Promise<NativeConnection> {
  const logger = runtimeLogger(createLogger({ level: 'silent' }));
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {} }, metrics: { prometheus: { bindAddress } } },
  });
  // Without a connection, the end of the last worker is that of the metrics.
  const connection = await NativeConnection.connect({ address: temporalAddress });
  const [before = '', after = ''] = BUILDS.map((name) => fileURLToPath(new URL(name, import.meta.url)));
  const start = { taskQueue: TASK_QUEUE, workflowId: TASK_QUEUE, args: [{}] };
  const handle = await client.workflow.start('migrateVnf', start);
  await work(connection, { workflowsPath: before, until: untilEvent(handle, /^timerStarted/) });
  await handle.signal('anything');
  await work(connection, { workflowsPath: after, until: untilEvent(handle, /^workflowTaskFailed/) });
  await handle.terminate('the builds have disagreed');
  return connection;
}

async function work(
  connection: NativeConnection,
  { workflowsPath, until }: { workflowsPath: string; until: Promise<void> },
): Promise<void> {
  const logger = runtimeLogger(createLogger({ level: 'silent' }));
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, preloadModules: [workflowsPath], logger });
  const worker = await Worker.create({ connection, taskQueue: TASK_QUEUE, workflowBundle });
  await worker.runUntil(until);
}

/** Resolves when the history has an event of that kind. */
async function untilEvent(handle: WorkflowHandle, kind: RegExp): Promise<void> {
  const limit = AbortSignal.timeout(HAPPENS_WITHIN_MS);
  for (;;) {
    const { events } = await handle.fetchHistory();
    if (events?.some((event) => Object.keys(event).some((name) => kind.test(name)))) return;
    limit.throwIfAborted();
    await delay(POLL_MS);
  }
}
