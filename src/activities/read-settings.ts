/** What a workflow must know of the worker's settings; it becomes part of the history. */
export interface WorkerSettings {
  deployment: string;
  hasRepository: boolean;
}

export function createReadSettings(settings: WorkerSettings) {
  return (): Promise<WorkerSettings> => Promise.resolve(settings);
}
