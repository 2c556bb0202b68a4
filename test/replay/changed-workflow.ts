/** A `migrateVnf` of another mind: what it does first is not what any history says. */
import { sleep } from '@temporalio/workflow';

export async function migrateVnf(): Promise<void> {
  await sleep('1 hour');
}
