/** Every entry of the package as a project of somebody else uses it. The compiler checks it, and that a wrong use is an error. */
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { MigrationClient, type CampaignInput, type MigrationResult } from 'vnf-migrator';
import { activitiesFromSettings } from 'vnf-migrator/activities';
import { clientConverterFromSettings } from 'vnf-migrator/codec';
import { FAILURE_TYPES, TASK_QUEUE, type FailureType, type MigrationInput } from 'vnf-migrator/contract';
import { vnfMigration } from 'vnf-migrator/nexus';
import { executeMigration } from 'vnf-migrator/workflow';
import type { migrateVnf } from 'vnf-migrator/workflows';

const request: MigrationInput = {
  serviceInstanceUuid: 'a',
  vnfUuid: 'b',
  vimUuid: 'c',
  policy: { maxAttempts: 2 },
};

export async function migrate(): Promise<MigrationResult['outcome']> {
  const dataConverter: DataConverter = clientConverterFromSettings();
  const client = new Client({ connection: await Connection.connect(), dataConverter });
  const migrations = new MigrationClient({ client, taskQueue: TASK_QUEUE });
  const { workflowId } = await migrations.start(request);
  const { outcome } = await migrations.result(workflowId, { waitMs: 1_000 });
  return outcome;
}

export async function migrateByName(client: Client): Promise<string | null> {
  const { newVnfUuid } = await client.workflow.execute<typeof migrateVnf>('migrateVnf', {
    taskQueue: TASK_QUEUE,
    workflowId: 'vnf-migration/b',
    args: [request],
  });
  return newVnfUuid;
}

export const campaign: CampaignInput = { items: [{ serviceInstanceUuid: 'a', vnfUuid: 'b', vimUuid: 'c' }] };
export const operations: string[] = Object.keys(vnfMigration.operations);
export const types: readonly FailureType[] = FAILURE_TYPES;
export const asStep: Promise<MigrationResult> = executeMigration(request);
export const close: () => Promise<void> = activitiesFromSettings().close;

// @ts-expect-error A VIM is missing.
export const incomplete: MigrationInput = { serviceInstanceUuid: 'a', vnfUuid: 'b' };
// @ts-expect-error No such outcome exists.
export const lost: MigrationResult['outcome'] = 'lost';
// @ts-expect-error No such failure type exists.
export const unknownType: FailureType = 'MigrationLost';
// @ts-expect-error The policy has no such part.
export const misspelt: MigrationInput = { ...request, policy: { maxAttemps: 2 } };
// @ts-expect-error A migration is a request, not an id.
export const byId: Promise<MigrationResult> = executeMigration('b');
