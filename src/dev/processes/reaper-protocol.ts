// What a supervisor and its reaper say to each other, over the IPC channel between them.

export interface SpawnRequest {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Both outputs are appended to it. */
  logFile: string;
  /** How long it may take to end once it is to be stopped, before SIGKILL. */
  stopTimeoutMs: number;
  /** For what does harm when it is interrupted: no SIGTERM, it may end by itself within its time limit. */
  letFinish?: boolean;
  /** Others cannot do without it: it is stopped after all of them. */
  stopLast?: boolean;
}

export interface ExitStatus {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export function describeExit({ code, signal }: ExitStatus): string {
  return signal ? `signal ${signal}` : `code ${code ?? 'unknown'}`;
}

export type ToReaper =
  | { type: 'spawn'; id: number; request: SpawnRequest }
  | { type: 'stop'; id: number }
  | { type: 'kill'; id: number }
  | { type: 'shutdown' };

export type FromReaper =
  | { type: 'ready' }
  | { type: 'busy'; holder: number }
  | { type: 'spawned'; id: number; pid: number }
  | { type: 'spawn-failed'; id: number; reason: string }
  | { type: 'exited'; id: number; status: ExitStatus };
