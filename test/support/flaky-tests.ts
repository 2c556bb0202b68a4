/**
 * Names the tests that passed only when they ran again. A test on real servers may race with the load of the machine;
 * the race is to be found all the same, because it may be the product's.
 */
import type { Reporter, TestCase } from 'vitest/node';

export class FlakyTests implements Reporter {
  private readonly names: string[] = [];

  onTestCaseResult(testCase: TestCase): void {
    if (testCase.diagnostic()?.flaky === true) {
      this.names.push(`${testCase.module.relativeModuleId} > ${testCase.fullName}`);
    }
  }

  onTestRunEnd(): void {
    if (this.names.length === 0) return;
    console.log(
      `passed at the second run only, to be looked into:\n${this.names.map((name) => `  ${name}`).join('\n')}`,
    );
  }
}
