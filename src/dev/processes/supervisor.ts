// Starts processes through a reaper (reaper.ts), so that none of them outlives us, however we end.
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
  /** SIGTERM, after the time limit of its request SIGKILL; resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL to its process group; resolves when it is gone. */
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

  /** Takes the directory, which one supervisor at a time can have. */
  static async start(directory: string): Promise<Supervisor> {
    const absolute = resolve(directory);
    await mkdir(absolute, { recursive: true });
    const { file, execArgv } = entryPoint('./reaper', import.meta.url);
    // Detached: a session of its own, where no signal from our terminal reaches it.
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

  /** Whether the ends of its processes are wanted. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Stops every process that is left, and the reaper. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#send({ type: 'shutdown' });
    await this.#gone;
  }

  #send(message: ToReaper): void {
    // Without a channel the reaper is going or gone, and `exit` settles whatever waits.
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

  /** The reaper is gone. Normally nothing is left; if it was killed, its children are ours to kill. */
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
    // It had ended.
  }
}
