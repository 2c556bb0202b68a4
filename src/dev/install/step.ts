// A long step that needs the network: announced, its seconds shown while it runs, bounded in time, and under the
// supervisor, so that what it starts ends with us.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DevError } from '../errors.js';
import { logSize, readLog, tail } from '../processes/log-file.js';
import { describeExit } from '../processes/reaper-protocol.js';
import type { Supervisor } from '../processes/supervisor.js';

export interface Installer {
  supervisor: Supervisor;
  env: NodeJS.ProcessEnv;
  report: (line: string) => void;
}

export interface InstallStep {
  installer: Installer;
  /** What it does, for a person: "downloading ...". */
  what: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  timeoutMs: number;
  /** Interrupted, it would leave something broken behind. */
  letFinish?: boolean;
}

const REPORT_EVERY_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
const LET_FINISH_TIMEOUT_MS = 5 * 60_000;

/** Runs it to its end. A failure names the step and shows the end of what it printed. */
export async function runInstallStep(step: InstallStep): Promise<void> {
  const { supervisor, report, env } = step.installer;
  const logFile = join(supervisor.directory, 'install.log');
  const fromByte = logSize(logFile);
  const startedAt = Date.now();
  const seconds = (): number => Math.round((Date.now() - startedAt) / 1_000);
  report(`${step.what} ...`);
  const child = await supervisor.spawn({
    command: step.command,
    args: step.args,
    env: { ...env, ...step.env },
    logFile,
    stopTimeoutMs: step.letFinish ? LET_FINISH_TIMEOUT_MS : STOP_TIMEOUT_MS,
    letFinish: step.letFinish ?? false,
  });
  const progress = setInterval(() => report(`${step.what} ... ${seconds()} s`), REPORT_EVERY_MS);
  const limit = new AbortController();
  const late = sleep(step.timeoutMs, null, { signal: limit.signal }).catch(() => null);
  try {
    const status = await Promise.race([child.exited, late]);
    if (status?.code === 0) return;
    await child.stop();
    const why = status
      ? `ended with ${describeExit(status)}`
      : `was not done after ${step.timeoutMs / 1_000} s`;
    const log = await readLog({ path: logFile, fromByte });
    throw new DevError(`${step.what} ${why}${log.trim() === '' ? '' : `:\n${tail(log)}`}`);
  } finally {
    clearInterval(progress);
    limit.abort();
  }
}
