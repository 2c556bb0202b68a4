// The messages between a supervisor and its reaper, over the IPC channel.

export interface SpawnRequest {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Both outputs are appended to this file. */
  logFile: string;
  /** The time from a stop request to SIGKILL. */
  stopTimeoutMs: number;
  /**
   * True for a process that causes damage when interrupted. It receives no SIGTERM, and may end on its own within
   * its time limit.
   */
  letFinish?: boolean;
  /** True for a process that others depend on. It is stopped after all of them. */
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
