// Allows one stack for each directory: the reaper of a stack holds `<directory>/reaper.lock` as long as it has
// children. A lock of a dead holder, for example after a power failure, is taken over. If the holder is stopping,
// the new reaper waits for it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../errors.js';

const STOPPING = 'stopping';
const STOPPING_TIMEOUT_MS = 30_000;
const POLL_MS = 100;

/** Takes the lock for this process. Returns null on success, else the process id of the holder. */
export async function takeLock(directory: string): Promise<number | null> {
  const path = lockPath(directory);
  const giveUpAt = Date.now() + STOPPING_TIMEOUT_MS;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return null;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const { holder, stopping } = readLock(path);
    if (!isReaper(holder)) rmSync(path, { force: true });
    else if (!stopping || Date.now() > giveUpAt) return holder;
    else await sleep(POLL_MS);
  }
}

export function markStopping(directory: string): void {
  try {
    writeFileSync(lockPath(directory), `${process.pid} ${STOPPING}`);
  } catch {
    // The directory is gone, so nobody needs its lock.
  }
}

export function releaseLock(directory: string): void {
  rmSync(lockPath(directory), { force: true });
}

function lockPath(directory: string): string {
  return join(directory, 'reaper.lock');
}

function readLock(path: string): { holder: number; stopping: boolean } {
  try {
    const [pid, state] = readFileSync(path, 'utf8').split(' ');
    return { holder: Number(pid), stopping: state === STOPPING };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { holder: 0, stopping: false };
    throw error;
  }
}

/** The system reuses process ids. A living process is the holder only if it is a reaper, where /proc shows that. */
function isReaper(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('reaper');
  } catch {
    return true;
  }
}
