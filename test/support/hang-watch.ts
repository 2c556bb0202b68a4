// Vitest has no time limit for what hangs outside a test: a process that is stuck, the end of a fixture. A run that
// says nothing for so long has hung: it is ended, and tells in which files, and where their processes stand.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reporter, TestModule } from 'vitest/node';

/** The longest test takes seven minutes. */
const SILENCE_LIMIT_MS = 10 * 60_000;
const REPORTS = '.vnf-migrator/reports';
const REPORT_WAIT_MS = 10_000;

/** What the processes of tests are started with, so that they can be asked where they stand. */
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
    // A process that is stuck hears no polite signal, and would keep our output open.
    signalChildren('KILL');
    process.exit(1);
  }
}

function signalChildren(signal: 'USR2' | 'KILL'): void {
  spawnSync('pkill', [`-${signal}`, '-P', String(process.pid)]);
}

/** A process that is busy for ever, or stuck outside of JavaScript, makes no report: its state and time tell that. */
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
