import { defineConfig } from 'vitest/config';
import { FlakyTests } from './test/support/flaky-tests.js';
import { LongestFirst } from './test/support/longest-first.js';
import { LONG_TESTS } from './test/support/long-tests.js';

// `npm run test:long`: on real servers, as the project `real` of vitest.config.ts.
export default defineConfig({
  test: {
    reporters: ['default', new FlakyTests()],
    sequence: { sequencer: LongestFirst },
    include: LONG_TESTS,
    globalSetup: ['test/support/stack.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 3,
    retry: 1,
  },
});
