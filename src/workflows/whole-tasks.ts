/**
 * No workflow decides from a part of a task.
 *
 * A worker that is asked about a workflow which it does not hold gets the whole history, with events that no task has
 * begun with yet; the SDK hands them to the workflow and keeps what came of it. The rest of the task comes later, but
 * a replay has it all at once and would decide otherwise: the workflow could never go on. So the question fails
 * instead, which has the workflow forgotten and read anew, and whoever asked asks again.
 *
 * Invariant: events that have come without the start of their task are never applied. The history has grown then, but
 * its size, which the server tells at the start of a task, has not.
 */
import {
  workflowInfo,
  type WorkflowInterceptorsFactory,
  type WorkflowInternalsInterceptor,
} from '@temporalio/workflow';
import { ASK_AGAIN } from '../shared/ask-again.js';

function wholeTasks(): WorkflowInternalsInterceptor {
  let seen: { historyLength: number; historySize: number } | null = null;
  return {
    activate(input, next) {
      const { historyLength, historySize } = workflowInfo();
      const hasNews = seen !== null && historyLength > seen.historyLength;
      // A server before 1.20 tells no size.
      if (hasNews && historySize > 0 && historySize === seen?.historySize) throw new Error(ASK_AGAIN);
      seen = { historyLength, historySize };
      next(input);
    },
  };
}

export const interceptors: WorkflowInterceptorsFactory = () => ({ internals: [wholeTasks()] });
