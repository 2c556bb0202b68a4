/**
 * Has a VNF migrated by a workflow of yours, and prints how it ended. `vnf-migrator worker` must run somewhere.
 *
 *   npx tsx examples/typescript/main.ts child '{"serviceInstanceUuid": "…", "vnfUuid": "…", "vimUuid": "…"}'
 *   npx tsx examples/typescript/main.ts nexus '{"serviceInstanceUuid": "…", "vnfUuid": "…", "vimUuid": "…"}'
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { TASK_QUEUE, type MigrationInput } from 'vnf-migrator/contract';
import type { Ending, moveVnf } from './workflows.js';

const address = process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
/** Of this workflow; through Nexus it need not be that of the migrations. */
const namespace = process.env['TEMPORAL_NAMESPACE'] ?? 'default';
const WAYS = {
  child: { workflow: 'moveVnf', where: process.env['TEMPORAL_TASK_QUEUE'] ?? TASK_QUEUE },
  nexus: { workflow: 'moveVnfThroughNexus', where: process.env['NEXUS_ENDPOINT'] ?? 'vnf-migration' },
};

async function move({ workflow, where }: (typeof WAYS)['child'], request: MigrationInput): Promise<Ending> {
  const taskQueue = `my-orchestrator-${randomUUID()}`;
  const [connection, native] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  try {
    const worker = await Worker.create({
      connection: native,
      namespace,
      taskQueue,
      workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    });
    const { workflow: workflows } = new Client({ connection, namespace });
    const workflowId = `move-${randomUUID()}`;
    return await worker.runUntil(
      workflows.execute<typeof moveVnf>(workflow, { taskQueue, workflowId, args: [request, where] }),
    );
  } finally {
    await Promise.all([connection.close(), native.close()]);
  }
}

const [way = '', request = ''] = process.argv.slice(2);
if (way !== 'child' && way !== 'nexus') throw new Error('expected child or nexus, and a request as JSON');
process.stdout.write(`${JSON.stringify(await move(WAYS[way], JSON.parse(request) as MigrationInput))}\n`);
