import { defineConfig } from 'vitest/config';
import { FlakyTests } from './test/support/flaky-tests.js';
import { HangWatch, REPORTING } from './test/support/hang-watch.js';
import { LONG_TESTS } from './test/support/long-tests.js';
import { LongestFirst } from './test/support/longest-first.js';

// Two kinds of tests: `unit` needs nothing but Node; `real` runs against a Temporal server and a RabbitMQ
// that the project starts itself (see test/support/stack.ts). Neither of the two is ever mocked.
export default defineConfig({
  test: {
    reporters: [
      'default',
      new HangWatch(),
      new FlakyTests(),
      ['json', { outputFile: '.vnf-migrator/test-report.json' }],
    ],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/replay/**/*.test.ts'],
          testTimeout: 20_000,
          maxWorkers: 2,
          execArgv: REPORTING,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/workflow/**/*.test.ts', 'test/integration/**/*.test.ts', 'test/faults/*.test.ts'],
          exclude: LONG_TESTS,
          globalSetup: ['test/support/stack.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // They wait more than they work: of two processors, two at a time leave a third idle.
          maxWorkers: 3,
          // What passes only then is named at the end of the run.
          retry: 1,
          execArgv: REPORTING,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
