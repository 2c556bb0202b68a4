/** Workflows of a caller, in a separate namespace. */
import { NexusOperationFailure } from '@temporalio/common';
import { ApplicationFailure, createNexusServiceClient } from '@temporalio/workflow';
import { vnfMigration } from '../../src/nexus/service.js';
import type { MigrationState } from '../../src/shared/migration/contract.js';

export { moveVnfThroughNexus } from '../../examples/typescript/workflows.js';

interface Refusal {
  /** The types of all failures in the chain of causes. */
  types: (string | null | undefined)[];
  message: string;
  phase: string | null;
}

export async function callVnfMigration({
  endpoint,
  operation,
  input,
}: {
  endpoint: string;
  operation: 'migrate' | 'campaign';
  input: unknown;
}): Promise<unknown> {
  const service = createNexusServiceClient({ service: vnfMigration, endpoint });
  try {
    return await service.executeOperation(operation, input as never);
  } catch (error) {
    if (!(error instanceof NexusOperationFailure) || !(error.cause instanceof ApplicationFailure))
      throw error;
    return refusalOf(error.cause);
  }
}

function refusalOf(failure: ApplicationFailure): Refusal {
  const [state] = (failure.details ?? []) as [MigrationState?];
  const inner = failure.cause instanceof ApplicationFailure ? refusalOf(failure.cause) : null;
  return {
    types: [failure.type, ...(inner?.types ?? [])],
    message: failure.message,
    phase: state?.phase ?? null,
  };
}
