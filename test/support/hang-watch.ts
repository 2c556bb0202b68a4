// Vitest has no time limit for what hangs outside a test: a process that is stuck, the end of a fixture. A run that
// says nothing for so long has hung: it is ended, and tells in which files.
import { spawnSync } from 'node:child_process';
import type { Reporter, TestModule } from 'vitest/node';

/** The longest test takes seven minutes. */
const SILENCE_LIMIT_MS = 10 * 60_000;

export class HangWatch implements Reporter {
  private readonly running = new Set<string>();
  private timer: NodeJS.Timeout | null = null;

  onTestRunStart(): void {
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
    this.timer = setTimeout(() => this.giveUp(), SILENCE_LIMIT_MS);
  }

  private giveUp(): void {
    const files = [...this.running].join(', ') || 'no test file';
    console.error(`nothing has happened for ${String(SILENCE_LIMIT_MS / 60_000)} minutes; hung in ${files}`);
    // A process that is stuck hears no polite signal, and would keep our output open.
    spawnSync('pkill', ['-KILL', '-P', String(process.pid)]);
    process.exit(1);
  }
}
