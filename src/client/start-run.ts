/**
 * Starting a workflow so that it is found in Temporal by its search attributes.
 *
 * Invariant: where the namespace does not know them, because `vnf-migrator setup` was not run, it is started without.
 */
import type { Client, WorkflowStartOptions } from '@temporalio/client';
import type { TypedSearchAttributes } from '@temporalio/common';
import { isUnknownSearchAttribute } from './search-attributes.js';

/** Starts a run of a workflow type; resolves with its run id. A Nexus handler starts runs in its own way. */
export type StartRun = (workflowType: string, options: WorkflowStartOptions) => Promise<string>;

export function startRunBy(client: Client): StartRun {
  return async (workflowType, options) =>
    (await client.workflow.start(workflowType, options)).firstExecutionRunId;
}

export interface FindableRun {
  workflowType: string;
  options: WorkflowStartOptions;
  typedSearchAttributes: TypedSearchAttributes;
}

export async function startFindable(startRun: StartRun, run: FindableRun): Promise<string> {
  const { workflowType, options, typedSearchAttributes } = run;
  try {
    return await startRun(workflowType, { ...options, typedSearchAttributes });
  } catch (error) {
    if (!isUnknownSearchAttribute(error)) throw error;
    return await startRun(workflowType, options);
  }
}
