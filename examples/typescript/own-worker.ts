/**
 * Our workflows on a worker of yours, bundled with your own. Takes the settings of `vnf-migrator worker`, and does
 * without it; `vnf-migrator listener` must run somewhere.
 *
 *   npx tsx examples/typescript/own-worker.ts
 */
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { activitiesFromSettings } from 'vnf-migrator/activities';
import { TASK_QUEUE } from 'vnf-migrator/contract';

const { activities, close } = activitiesFromSettings();
const connection = await NativeConnection.connect({
  address: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233',
});
const worker = await Worker.create({
  connection,
  taskQueue: process.env['TEMPORAL_TASK_QUEUE'] ?? TASK_QUEUE,
  workflowsPath: fileURLToPath(new URL('./all-workflows.ts', import.meta.url)),
  activities,
});
await worker.run();
await close();
await connection.close();
