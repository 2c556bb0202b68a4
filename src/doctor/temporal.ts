/** Is Temporal there, the namespace, a worker on the task queue, the search attributes? */
import { isGrpcServiceError } from '@temporalio/client';
import { connectClient, type ConnectedClient } from '../client/connect.js';
import { missingSearchAttributes } from '../client/search-attributes.js';
import type { Config } from '../settings/config.js';
import { messageOf, type Tell } from './check.js';
import { checkWorkers } from './workers.js';

export async function checkTemporal(config: Config, tell: Tell): Promise<void> {
  const { address, namespace } = config.temporal;
  let client: ConnectedClient;
  try {
    client = await connectClient(config);
  } catch (error) {
    tell({
      name: 'Temporal',
      state: 'failed',
      text: `no Temporal at ${address} (TEMPORAL_ADDRESS): ${messageOf(error)}`,
    });
    return;
  }
  try {
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    tell({ name: 'Temporal', state: 'ok', text: `server ${serverVersion} at ${address}` });
    if (!(await checkNamespace({ client, namespace, tell }))) return;
    await checkWorkers({ client, config, tell });
    await checkSearchAttributes({ client, namespace, tell });
  } catch (error) {
    tell({ name: 'Temporal', state: 'failed', text: messageOf(error) });
  } finally {
    await client.connection.close();
  }
}

async function checkNamespace({
  client,
  namespace,
  tell,
}: {
  client: ConnectedClient;
  namespace: string;
  tell: Tell;
}) {
  try {
    await client.workflowService.describeNamespace({ namespace });
    tell({ name: 'namespace', state: 'ok', text: namespace });
    return true;
  } catch (error) {
    const why = isGrpcServiceError(error) ? error.details : messageOf(error);
    tell({ name: 'namespace', state: 'failed', text: `${namespace} (TEMPORAL_NAMESPACE): ${why}` });
    return false;
  }
}

async function checkSearchAttributes({
  client,
  namespace,
  tell,
}: {
  client: ConnectedClient;
  namespace: string;
  tell: Tell;
}) {
  const missing = await missingSearchAttributes(client, { namespace });
  tell(
    missing.length === 0
      ? { name: 'search attributes', state: 'ok', text: 'all registered' }
      : {
          name: 'search attributes',
          state: 'warning',
          text: `not registered: ${missing.join(', ')}; migrations run without them, \`vnf-migrator setup\` adds them`,
        },
  );
}
