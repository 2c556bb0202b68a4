import type { MigrationClient } from '../../client/migration-client.js';
import { CommandError } from '../exit-codes.js';

/** @throws CommandError with the final status if the migration has ended */
export async function mustBeRunning(migrations: MigrationClient, workflowId: string): Promise<void> {
  const { status } = await migrations.describe(workflowId);
  if (status.name === 'RUNNING') return;
  throw new CommandError(`${workflowId} has ended already: ${status.name.toLowerCase()}`);
}
