import { workflowInfo } from '@temporalio/workflow';

/** Whether a run is to continue as new: it has so many events, or the server suggests it. */
export function hasLongHistory(events: number): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return historyLength >= events || continueAsNewSuggested;
}
