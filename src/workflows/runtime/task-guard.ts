/**
 * No workflow decides from a part of a task.
 *
 * A worker that is asked about a workflow which it does not hold gets the whole history, with events that no task has
 * begun with yet; the SDK hands them to the workflow and keeps what came of it. The rest of the task comes later, but
 * a replay has it all at once and would decide otherwise: the workflow could never go on. So the question fails
 * instead, which evicts and replays the workflow, and the caller repeats its query.
 *
 * Invariant: events that have come without the start of their task are never applied. The history has grown then, but
 * neither its size nor the time has: both come with the start of a task. Size alone does not decide, since a server may
 * start the next task within the same step; time alone does not, since a clock may be set back.
 * @module
 */
import {
  workflowInfo,
  type WorkflowInterceptorsFactory,
  type WorkflowInternalsInterceptor,
} from '@temporalio/workflow';
import { ASK_AGAIN } from '../../shared/retry-query.js';

interface Seen {
  historyLength: number;
  /** 0: a server before 1.20, which reports none. */
  historySize: number;
  /** To the nanosecond. */
  time: string;
}

function wholeTasks(): WorkflowInternalsInterceptor {
  let seen: Seen | null = null;
  return {
    activate(input, next) {
      const { historyLength, historySize, unsafe } = workflowInfo();
      const { seconds, nanos } = input.activation.timestamp ?? {};
      const now = { historyLength, historySize, time: `${String(seconds)}.${String(nanos)}` };
      if (seen !== null && !unsafe.isReplaying && isPartOfTask(now, seen)) throw new Error(ASK_AGAIN);
      seen = now;
      next(input);
    },
  };
}

function isPartOfTask(now: Seen, before: Seen): boolean {
  const hasStarted = now.historySize !== before.historySize || now.time !== before.time;
  return now.historyLength > before.historyLength && now.historySize > 0 && !hasStarted;
}

/** Workflow interceptors for a worker that runs our workflows. Queries then never cause decisions. */
export const interceptors: WorkflowInterceptorsFactory = () => ({ internals: [wholeTasks()] });
