// A separate process that starts the servers and stops them when its parent is gone, however the parent died.
// Invariant: after the IPC channel to the parent closes, every child and its process group is dead before this
// process exits. The reaper leads its own session, so that Ctrl-C at the terminal does not reach it.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { markStopping, releaseLock, takeLock } from './directory-lock.js';
import { hasCode, messageOf } from '../errors.js';
import { killStragglers, withMark } from './leftover-processes.js';
import type { FromReaper, SpawnRequest, ToReaper } from './reaper-protocol.js';

interface Child {
  process: ChildProcess;
  request: SpawnRequest;
  exited: Promise<void>;
}

const children = new Map<number, Child>();
const directory = process.argv[2] ?? '.';
let shuttingDown = false;

function tell(message: FromReaper): void {
  // The parent may die at any moment, and the reaper must survive that.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function start({ id, request }: { id: number; request: SpawnRequest }): void {
  if (shuttingDown) throw new Error('stopping');
  const log = openSync(request.logFile, 'a');
  // Detached means a separate process group, so that a kill reaches everything that the child starts.
  const child = spawn(request.command, request.args, {
    env: withMark(request.env),
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const { pid } = child;
  child.once('error', (error) => {
    if (pid === undefined) tell({ type: 'spawn-failed', id, reason: error.message });
  });
  if (pid === undefined) return;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      children.delete(id);
      // The wrapper of a server can exit while the server still runs.
      killGroup(child);
      tell({ type: 'exited', id, status: { code, signal } });
      resolve();
    });
  });
  children.set(id, { process: child, request, exited });
  tell({ type: 'spawned', id, pid });
}

async function stop(child: Child): Promise<void> {
  // Signal only the leader: a server stops in good order only if its helper processes stop after it.
  if (!child.request.letFinish) child.process.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child.process), child.request.stopTimeoutMs);
  await child.exited;
  clearTimeout(timer);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

async function stopAll(wanted: (child: Child) => boolean): Promise<void> {
  await Promise.all([...children.values()].filter(wanted).map(stop));
}

async function shutDown(): Promise<void> {
  if (shuttingDown) return;
  shuttingDown = true;
  markStopping(directory);
  const last = (child: Child): boolean => child.request.stopLast ?? false;
  await stopAll((child) => !last(child));
  await stopAll(last);
  killStragglers();
  releaseLock(directory);
  process.exit(0);
}

function handle(message: ToReaper): void {
  switch (message.type) {
    case 'spawn':
      try {
        start(message);
      } catch (error) {
        tell({ type: 'spawn-failed', id: message.id, reason: messageOf(error) });
      }
      return;
    case 'stop': {
      const child = children.get(message.id);
      if (child) void stop(child);
      return;
    }
    case 'kill': {
      const child = children.get(message.id);
      if (child) killGroup(child.process);
      return;
    }
    case 'shutdown':
      void shutDown();
  }
}

const holder = await takeLock(directory);
if (holder !== null) {
  tell({ type: 'busy', holder });
  process.disconnect();
} else {
  process.on('message', handle);
  process.once('disconnect', () => void shutDown());
  process.on('uncaughtException', () => void shutDown());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void shutDown());
  // The parent may have died while the reaper started.
  if (process.connected) tell({ type: 'ready' });
  else void shutDown();
}
