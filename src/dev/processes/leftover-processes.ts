// The last resort of the reaper: processes that left their process group, as a daemon does (RabbitMQ starts an epmd of
// its own while it misses one). They are known by a mark in the environment that every descendant inherits.
// Only where the kernel shows environments in /proc, which is Linux; elsewhere the process groups must do.
import { readdirSync, readFileSync } from 'node:fs';

const MARK = 'VNF_MIGRATOR_REAPER';

/** The same for all children of this process, and for no other's. */
const mark = `${process.pid}-${Date.now()}`;

export function withMark(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, [MARK]: mark };
}

/** Kills every process that carries the mark, until none is found: one may have been starting another. */
export function killStragglers(): void {
  for (let found = marked(); found.length > 0; found = marked()) {
    for (const pid of found) kill(pid);
  }
}

function marked(): number[] {
  const entry = `${MARK}=${mark}\0`;
  const pids = list('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => read(`/proc/${pid}/environ`).includes(entry));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended or is another user's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
