import { defineConfig } from 'vitest/config';

// Every row of docs/faults.md, the ones that take long included: `npm run test:faults`. One file at a time, because
// what is measured here must not wait for a processor that another file keeps busy.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/support/stack.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
