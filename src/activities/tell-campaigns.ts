/** Signals every campaign that runs on this task queue. One that has ended meanwhile needs no telling. */
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import { CAMPAIGN_WORKFLOW } from '../shared/names.js';
import { runningQuery } from '../temporal/running-query.js';

const MOST_CAMPAIGNS = 1_000;

/** Returns how many there were. */
export function createTellCampaigns() {
  return async (signal: string): Promise<number> => {
    const { client, info } = Context.current();
    const query = runningQuery({ type: CAMPAIGN_WORKFLOW, taskQueue: info.taskQueue });
    let told = 0;
    for await (const { workflowId } of client.workflow.list({ query })) {
      await client.workflow
        .getHandle(workflowId)
        .signal(signal)
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
      Context.current().heartbeat();
      told += 1;
      if (told >= MOST_CAMPAIGNS) break;
    }
    return told;
  };
}
