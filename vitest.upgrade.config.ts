import { defineConfig } from 'vitest/config';

// An upgrade with migrations under way, between two builds: `npm run test:upgrade`. One at a time, because each has
// workers enough for a machine.
export default defineConfig({
  test: {
    include: ['test/upgrade/**/*.test.ts'],
    globalSetup: ['test/support/stack.ts'],
    testTimeout: 1_200_000,
    hookTimeout: 240_000,
    fileParallelism: false,
  },
});
