import { defineConfig } from 'vitest/config';

// What docs/scaling.md says of several servers, on real ones: `npm run test:cluster`, `npm run test:postgres`. Minutes
// each, and some gigabytes of memory.
export default defineConfig({
  test: {
    include: ['test/scale/*.test.ts'],
    globalSetup: ['test/support/stack.ts'],
    testTimeout: 60_000,
    // Three nodes that start one after the other, on a machine that has much else to do.
    hookTimeout: 1_200_000,
    fileParallelism: false,
  },
});
