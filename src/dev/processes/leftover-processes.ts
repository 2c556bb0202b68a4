// The last step of the reaper: it kills processes that left their process group, as a daemon does. RabbitMQ, for
// example, starts its own epmd as long as it finds none. Such a process carries a mark in its environment, which
// every descendant inherits. This needs /proc, so it works on Linux only. Elsewhere the reaper relies on process
// groups alone.
import { readdirSync, readFileSync } from 'node:fs';

const MARK = 'VNF_MIGRATOR_REAPER';

/** The same for all children of this process, and different for the children of any other process. */
const mark = `${process.pid}-${Date.now()}`;

export function withMark(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, [MARK]: mark };
}

/**
 * Kills every process that carries the mark, until none is left. It repeats because a killed process may have just
 * started another.
 */
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
    // The process has ended in the meantime.
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended, or that belongs to another user. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
