// Ends a hung test run. Vitest has no time limit for what hangs outside a test, such as a stuck process or the
// teardown of a fixture. If no test starts or ends for the time limit, this reporter prints the running files and
// the stacks of their processes, and then ends the run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reporter, TestModule } from 'vitest/node';

/** The longest test takes seven minutes. */
const SILENCE_LIMIT_MS = 10 * 60_000;
const REPORTS = '.vnf-migrator/reports';
const REPORT_WAIT_MS = 10_000;

/** Options for the processes of tests, so that a signal makes them write a report. */
export const REPORTING = ['--report-on-signal', `--report-directory=${REPORTS}`];

export class HangWatch implements Reporter {
  private readonly running = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  onTestRunStart(): void {
    rmSync(REPORTS, { recursive: true, force: true });
    mkdirSync(REPORTS, { recursive: true });
    this.heard();
  }

  onTestModuleStart({ relativeModuleId }: TestModule): void {
    this.running.add(relativeModuleId);
    this.heard();
  }

  onTestCaseResult(): void {
    this.heard();
  }

  onTestModuleEnd({ relativeModuleId }: TestModule): void {
    this.running.delete(relativeModuleId);
    this.heard();
  }

  onTestRunEnd(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private heard(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.giveUp(), SILENCE_LIMIT_MS);
  }

  private async giveUp(): Promise<void> {
    const files = [...this.running].join(', ') || 'no test file';
    console.error(`nothing has happened for ${String(SILENCE_LIMIT_MS / 60_000)} minutes; hung in ${files}`);
    signalChildren('USR2');
    await delay(REPORT_WAIT_MS);
    for (const standing of standings()) console.error(standing);
    // A stuck process ignores a signal that it can handle, and would keep the output open.
    signalChildren('KILL');
    process.exit(1);
  }
}

function signalChildren(signal: 'USR2' | 'KILL'): void {
  spawnSync('pkill', [`-${signal}`, '-P', String(process.pid)]);
}

/**
 * A process writes no report if it is stuck outside of JavaScript or busy forever. The output of ps shows its state
 * and its processor time.
 */
function standings(): string[] {
  const { stdout } = spawnSync('ps', ['--ppid', String(process.pid), '-o', 'pid,stat,time,args']);
  const reports = readdirSync(REPORTS).map((file) => {
    const { header, javascriptStack, libuv } = JSON.parse(
      readFileSync(`${REPORTS}/${file}`, 'utf8'),
    ) as Report;
    const active = libuv.filter((handle) => handle.is_active === true).map(({ type }) => type);
    const stack = javascriptStack?.stack ?? [];
    return [`${String(header.processId)} waits for ${active.join(', ')}`, ...stack].join('\n');
  });
  return [stdout.toString(), ...reports];
}

interface Report {
  header: { processId: number };
  javascriptStack?: { stack?: string[] };
  libuv: { type: string; is_active?: boolean }[];
}
