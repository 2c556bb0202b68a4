/** A different `migrateVnf`, whose first commands match no history. */
import { sleep } from '@temporalio/workflow';

export async function migrateVnf(): Promise<void> {
  await sleep('1 hour');
}
