/** Two workflows of yours that migrate a VNF as one step: a child in the same namespace, an operation from another. */
import { createNexusServiceClient } from '@temporalio/workflow';
import { vnfMigration } from 'vnf-migrator/nexus';
import {
  executeMigration,
  migrationFailureOf,
  type MigrationFailure,
  type MigrationInput,
  type MigrationResult,
} from 'vnf-migrator/workflow';

export interface Ending {
  outcome?: string;
  vnfUuid?: string;
  failure?: string;
  message?: string;
  next?: string;
}

/** Where `vnf-migrator worker` runs in a namespace that this workflow's own namespace shares. */
export async function moveVnf(request: MigrationInput, taskQueue: string): Promise<Ending> {
  try {
    return moved(await executeMigration(request, { taskQueue }));
  } catch (error) {
    return notMoved(error);
  }
}

/** Where it runs in another namespace: an operator has made a Nexus endpoint to its task queue. */
export async function moveVnfThroughNexus(request: MigrationInput, endpoint: string): Promise<Ending> {
  const migrations = createNexusServiceClient({ service: vnfMigration, endpoint });
  try {
    return moved(await migrations.executeOperation('migrate', request));
  } catch (error) {
    return notMoved(error);
  }
}

function moved({ outcome, vnfUuid, newVnfUuid }: MigrationResult): Ending {
  return { outcome, vnfUuid: newVnfUuid ?? vnfUuid };
}

function notMoved(error: unknown): Ending {
  const failure = migrationFailureOf(error);
  // Cancelled, or ended from outside.
  if (failure === null) throw error;
  return { failure: failure.type, message: failure.message, next: whatNext(failure) };
}

function whatNext({ type }: MigrationFailure): string {
  switch (type) {
    case 'InvalidMigrationRequest':
      return 'mend the request';
    case 'MigrationRejected':
      return 'nothing was moved: look at the reason';
    case 'MigrationFailed':
      return 'look whether the target has a copy that no service lists';
    case 'MigrationOutcomeUnknown':
      return 'look where the VNF is before anything else';
    case 'MigrationNotAcknowledged':
      return 'look whether the MANO is there';
    case 'ServiceBusy':
    case 'BrokerUnavailable':
      return 'start again later';
  }
}
