/** For visibility: the workflows of a type that run on a task queue, because several deployments may share a namespace. */
export function runningQuery({ type, taskQueue }: { type: string; taskQueue: string }): string {
  return `WorkflowType = '${type}' AND ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}'`;
}
