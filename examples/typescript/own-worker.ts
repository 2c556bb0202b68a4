/**
 * Our workflows on a worker of yours, bundled with your own. Takes the settings of `vnf-migrator worker`, those
 * of its version (docs/upgrades.md) aside, and does without it; `vnf-migrator listener` must run somewhere.
 *
 *   npx tsx examples/typescript/own-worker.ts
 */
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { activitiesFromSettings } from 'vnf-migrator/activities';
import { TASK_QUEUE } from 'vnf-migrator/contract';

const { activities, dataConverter, close } = activitiesFromSettings();
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const connection = await NativeConnection.connect(connectionOptions);
try {
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: process.env['TEMPORAL_TASK_QUEUE'] ?? TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('./all-workflows.ts', import.meta.url)),
    // Our workflow code is loaded once, not anew with each run: 70 kB instead of 1.4 MB for a migration that waits.
    bundlerOptions: { preloadModules: [fileURLToPath(import.meta.resolve('vnf-migrator/workflows'))] },
    // Without them a question at the wrong moment can leave a workflow unable to go on.
    interceptors: {
      workflowModules: [fileURLToPath(import.meta.resolve('vnf-migrator/workflow-interceptors'))],
    },
    activities,
    // Encrypts payloads where PAYLOAD_KEYS_FILE is set.
    dataConverter,
  });
  await worker.run();
} finally {
  await close();
  await connection.close();
}
