// Runs a long step that needs the network. It announces the step, shows the elapsed seconds, and limits the time.
// The supervisor runs the step, so that its processes end with this one.
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
  /** The text for the user: "downloading ...". */
  what: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  timeoutMs: number;
  /** True for a step that leaves a broken installation behind if it is interrupted. */
  letFinish?: boolean;
}

const REPORT_EVERY_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
const LET_FINISH_TIMEOUT_MS = 5 * 60_000;

/** Runs the step to completion. An error names the step and shows the last lines of its output. */
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
