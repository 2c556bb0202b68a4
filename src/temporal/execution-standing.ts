/** Whether a workflow runs, by Temporal's own word, and of which chain of runs. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';

export interface ExecutionStanding {
  isRunning: boolean;
  runId: string;
  /** Of the chain of runs; null: the server does not tell. */
  firstRunId: string | null;
  closedAtMs: number | null;
}

/** Of the latest run; null: Temporal does not know the workflow. @throws ServiceError while Temporal is away */
export async function standingOf(client: Client, workflowId: string): Promise<ExecutionStanding | null> {
  try {
    const { status, runId, closeTime, raw } = await client.workflow.getHandle(workflowId).describe();
    const firstRunId = raw.workflowExecutionInfo?.firstRunId ?? '';
    return {
      isRunning: status.name === 'RUNNING' || status.name === 'PAUSED',
      runId,
      firstRunId: firstRunId === '' ? null : firstRunId,
      closedAtMs: closeTime?.getTime() ?? null,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Whether any run of the workflow goes on. @throws ServiceError while Temporal is away */
export async function isWorkflowRunning(client: Client, workflowId: string): Promise<boolean> {
  return (await standingOf(client, workflowId))?.isRunning === true;
}

/** Whether that chain of runs goes on. */
export function isChainRunning(standing: ExecutionStanding | null, firstRunId: string): boolean {
  if (standing?.isRunning !== true) return false;
  return standing.firstRunId === null || standing.firstRunId === firstRunId;
}
