import { defineConfig } from 'vitest/config';

// The examples for callers, run as their readers run them: `npm run test:examples`. Needs Python and Go; what is
// not there is not run, and said to be so.
export default defineConfig({
  test: {
    include: ['test/examples/*.test.ts'],
    globalSetup: ['test/support/stack.ts'],
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
