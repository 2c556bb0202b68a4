// Starts processes through a reaper (reaper.ts), so that none of them outlives this process, however it ends.
// Invariant: `exited` of a process resolves only after its whole process group has been killed.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { entryPoint } from './entry-point.js';
import { DevError } from '../errors.js';
import type { ExitStatus, FromReaper, SpawnRequest, ToReaper } from './reaper-protocol.js';

export interface SupervisedProcess {
  pid: number;
  exited: Promise<ExitStatus>;
  /** Sends SIGTERM, and SIGKILL after the time limit of the request. Resolves when the process is gone. */
  stop(): Promise<void>;
  /** Sends SIGKILL to the process group. Resolves when the process is gone. */
  kill(): Promise<void>;
}

interface Entry {
  pid: number | null;
  started: (pid: number) => void;
  failed: (error: Error) => void;
  exited: (status: ExitStatus) => void;
}

const KILLED: ExitStatus = { code: null, signal: 'SIGKILL' };

export class Supervisor {
  readonly directory: string;
  readonly #reaper: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #entries = new Map<number, Entry>();
  #nextId = 1;
  #closing = false;

  private constructor({ directory, reaper }: { directory: string; reaper: ChildProcess }) {
    this.directory = directory;
    this.#reaper = reaper;
    reaper.on('message', (message) => this.#receive(message as FromReaper));
    this.#gone = new Promise((done) => {
      reaper.once('exit', () => {
        this.#abandon();
        done();
      });
    });
  }

  /** Locks the directory, which belongs to one supervisor at a time. */
  static async start(directory: string): Promise<Supervisor> {
    const absolute = resolve(directory);
    await mkdir(absolute, { recursive: true });
    const { file, execArgv } = entryPoint('./reaper', import.meta.url);
    // Detached means a separate session, which no signal from this terminal reaches.
    const reaper = fork(file, [absolute], {
      execArgv,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await readiness({ reaper, directory: absolute });
    return new Supervisor({ directory: absolute, reaper });
  }

  async spawn(request: SpawnRequest): Promise<SupervisedProcess> {
    const id = this.#nextId++;
    let exitedNow: Entry['exited'] = () => undefined;
    const exited = new Promise<ExitStatus>((done) => (exitedNow = done));
    const pid = await new Promise<number>((started, failed) => {
      this.#entries.set(id, { pid: null, started, failed, exited: exitedNow });
      this.#send({ type: 'spawn', id, request });
    });
    const end = async (type: 'stop' | 'kill'): Promise<void> => {
      this.#send({ type, id });
      await exited;
    };
    return { pid, exited, stop: () => end('stop'), kill: () => end('kill') };
  }

  /** True after close() was called: processes are then expected to end. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Stops every remaining process, and the reaper. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#send({ type: 'shutdown' });
    await this.#gone;
  }

  #send(message: ToReaper): void {
    // Without a channel the reaper is exiting or gone. Its `exit` event settles all pending promises.
    if (this.#reaper.connected) this.#reaper.send(message, () => undefined);
    else if (message.type === 'spawn')
      this.#receive({ type: 'spawn-failed', id: message.id, reason: 'stopping' });
  }

  #receive(message: FromReaper): void {
    const entry = 'id' in message ? this.#entries.get(message.id) : undefined;
    if (!entry || !('id' in message)) return;
    if (message.type === 'spawned') {
      entry.pid = message.pid;
      entry.started(message.pid);
      return;
    }
    this.#entries.delete(message.id);
    if (message.type === 'exited') entry.exited(message.status);
    else entry.failed(new DevError(`cannot start a process: ${message.reason}`));
  }

  /**
   * Handles the exit of the reaper. Normally no child is left. If the reaper was killed, this process must kill its
   * children.
   */
  #abandon(): void {
    for (const entry of this.#entries.values()) {
      entry.failed(new DevError('cannot start a process: the reaper ended'));
      if (entry.pid !== null) killGroup(entry.pid);
      entry.exited(KILLED);
    }
    this.#entries.clear();
  }
}

function readiness({ reaper, directory }: { reaper: ChildProcess; directory: string }): Promise<void> {
  return new Promise((ready, failed) => {
    reaper.once('error', failed);
    reaper.once('exit', (code) =>
      failed(new DevError(`the reaper of ${directory} ended with code ${code ?? 'none'}`)),
    );
    reaper.once('message', (message) => {
      const first = message as FromReaper;
      if (first.type === 'busy') failed(inUse({ directory, holder: first.holder }));
      else ready();
    });
  });
}

function inUse({ directory, holder }: { directory: string; holder: number }): DevError {
  return new DevError(
    `${directory} is in use by another stack (process ${holder}): stop that one, or choose another directory`,
  );
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process had ended already.
  }
}
