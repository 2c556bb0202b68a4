/** Whether a workflow goes on, whichever run of it. Fails only while Temporal is away. */
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';

export interface IsRunningInput {
  workflowId: string;
}

export function createIsRunning() {
  return async ({ workflowId }: IsRunningInput): Promise<boolean> => {
    try {
      const { status } = await Context.current().client.workflow.getHandle(workflowId).describe();
      return status.name === 'RUNNING' || status.name === 'PAUSED';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}
