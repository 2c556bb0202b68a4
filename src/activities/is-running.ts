/** Whether a workflow goes on, whichever run of it. Fails only while Temporal is away. */
import { Context } from '@temporalio/activity';
import { isWorkflowRunning } from '../temporal/execution-standing.js';

export interface IsRunningInput {
  workflowId: string;
}

export function createIsRunning() {
  return async ({ workflowId }: IsRunningInput): Promise<boolean> =>
    await isWorkflowRunning(Context.current().client, workflowId);
}
