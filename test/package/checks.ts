/** A list of checks, each printed with its figures as it ends. One that fails does not keep the others from being run. */

export class Checks {
  private readonly failed: string[] = [];
  private passed = 0;

  /** The check returns its figures, or throws what is wrong. */
  async run(what: string, check: () => Promise<string> | string): Promise<void> {
    const startedAtMs = Date.now();
    const seconds = (): string => `${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s`;
    try {
      const figures = await check();
      this.passed += 1;
      console.log(`ok      ${what}: ${figures} (${seconds()})`);
    } catch (error) {
      this.failed.push(what);
      const message = error instanceof Error ? error.message : String(error);
      console.log(`failed  ${what} (${seconds()})\n${message.trimEnd().replace(/^/gm, '        ')}`);
    }
  }

  /** Prints the summary, and sets the exit code. */
  end(): void {
    const { passed, failed } = this;
    console.log(`${passed} passed, ${failed.length} failed${failed.map((what) => `\n  ${what}`).join('')}`);
    process.exitCode = failed.length === 0 ? 0 : 1;
  }
}

/** Throws all problems together, a line each. */
export function noneOf(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
