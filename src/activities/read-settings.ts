/** What a workflow must know of the worker's settings; it becomes part of the history. */
export interface WorkerSettings {
  deployment: string;
  hasRepository: boolean;
  /** Neither is in the history of a run that a worker began which knew the bus alone. */
  hasBus?: boolean;
  hasGatekeeper?: boolean;
  /** Not in the history of a run that a worker of version 0.1 began. */
  hasVimList?: boolean;
}

export function createReadSettings(settings: WorkerSettings) {
  return (): Promise<WorkerSettings> => Promise.resolve(settings);
}
