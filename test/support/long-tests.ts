/**
 * Files that `npm test` leaves out, so that it takes 12 minutes: `npm run test:long` runs them. What they hold is held by
 * shorter tests in part.
 */
export const LONG_TESTS = [
  'test/chaos/chaos.test.ts',
  'test/integration/broker-user.test.ts',
  'test/integration/campaign-schedules.test.ts',
  'test/integration/console-outages.test.ts',
  'test/integration/failback.test.ts',
  'test/integration/limits.test.ts',
  'test/integration/most-free.test.ts',
  'test/integration/notifications.test.ts',
  'test/integration/worker-version.test.ts',
  'test/workflow/migration/both-routes.test.ts',
];
