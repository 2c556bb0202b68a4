/** Asks a workflow for the nonces of its requests. */
import { QueryNotRegisteredError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { migrationNoncesQuery } from '../workflows/messages.js';
import type { AskNonces } from './crowds.js';

/** The SDK sets none: a server that is frozen, or a queue without a worker, would be waited for. */
const QUERY_TIMEOUT_MS = 5_000;

export function createAskNonces(client: Client): AskNonces {
  return async (workflowId) => {
    const question = () => client.workflow.getHandle(workflowId).query(migrationNoncesQuery);
    try {
      return await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, question);
    } catch (error) {
      if (error instanceof QueryNotRegisteredError) return null;
      if (error instanceof WorkflowNotFoundError) return [];
      throw error;
    }
  };
}
