// One server under a supervisor, with start, stop, kill and restart. Invariants: if start() rejects, its process is
// gone. At most one process of a service runs at a time.
import { setTimeout as sleep } from 'node:timers/promises';
import { DevError } from '../errors.js';
import { logSize, readLog, tail } from './log-file.js';
import { describeExit, type ExitStatus, type SpawnRequest } from './reaper-protocol.js';
import type { SupervisedProcess, Supervisor } from './supervisor.js';

export interface ServiceOptions {
  supervisor: Supervisor;
  /** The name in messages. */
  name: string;
  spawn: SpawnRequest;
  /** Returns true if the server serves. It is polled until it does, and must never throw. */
  isReady: () => Promise<boolean>;
  startTimeoutMs: number;
}

const POLL_MS = 100;
const PORT_CONFLICT = /address already in use|eaddrinuse|port .* (is )?already in use|could not bind/i;

/** Another process took a port after it was chosen and before it was used. A retry with other ports may succeed. */
export class PortConflict extends DevError {}

export class Service {
  readonly #options: ServiceOptions;
  readonly #reportEnd: (reason: string) => void;
  #process: SupervisedProcess | null = null;
  /** Resolves, with a text for the user, if the server ends without a stop or kill. */
  readonly ended: Promise<string>;

  constructor(options: ServiceOptions) {
    this.#options = options;
    let reportEnd: (reason: string) => void = () => undefined;
    this.ended = new Promise((resolve) => (reportEnd = resolve));
    this.#reportEnd = reportEnd;
  }

  /** The process id, or 0 if none runs. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(): Promise<void> {
    if (this.#process) return;
    const { supervisor, spawn } = this.#options;
    const fromByte = logSize(spawn.logFile);
    const started = await supervisor.spawn(spawn);
    this.#process = started;
    void started.exited.then((status) => this.#onExit({ started, status }));
    try {
      await this.#untilReady({ started, fromByte });
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#take()?.stop();
  }

  async kill(): Promise<void> {
    await this.#take()?.kill();
  }

  /** After this call the end of the process is expected, and is not reported. */
  #take(): SupervisedProcess | null {
    const taken = this.#process;
    this.#process = null;
    return taken;
  }

  async #untilReady({ started, fromByte }: { started: SupervisedProcess; fromByte: number }): Promise<void> {
    const { name, isReady, startTimeoutMs, spawn } = this.#options;
    const giveUpAt = Date.now() + startTimeoutMs;
    const failure = async (what: string): Promise<Error> => {
      const log = await readLog({ path: spawn.logFile, fromByte });
      const message = `${name} ${what}. The end of its log, ${spawn.logFile}:\n${tail(log)}`;
      return PORT_CONFLICT.test(log) ? new PortConflict(message) : new DevError(message);
    };
    for (;;) {
      const exit = await exitSoFar(started);
      if (exit) throw await failure(`ended while it started (${describeExit(exit)})`);
      if (await isReady()) return;
      if (Date.now() > giveUpAt) throw await failure(`was not ready after ${startTimeoutMs / 1000} s`);
      await sleep(POLL_MS);
    }
  }

  #onExit({ started, status }: { started: SupervisedProcess; status: ExitStatus }): void {
    if (this.#process !== started) return;
    this.#process = null;
    const { name, spawn, supervisor } = this.#options;
    if (supervisor.closing) return;
    this.#reportEnd(`${name} ended unexpectedly (${describeExit(status)}); its log is ${spawn.logFile}`);
  }
}

function exitSoFar({ exited }: SupervisedProcess): Promise<ExitStatus | null> {
  return Promise.race([exited, Promise.resolve(null)]);
}

/** Runs `attempt`, and retries it with other ports if one was taken in the meantime. */
export async function retryOnPortConflict<T>(attempt: () => Promise<T>): Promise<T> {
  const MAX_ATTEMPTS = 3;
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PortConflict) || number === MAX_ATTEMPTS) throw error;
    }
  }
}
