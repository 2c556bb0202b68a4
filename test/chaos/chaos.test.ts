/** A small run of `npm run chaos`, for CI. */
import { expect, it } from 'vitest';
import { chaosOptions, type ChaosOptions } from './options.js';
import { runChaos } from './run.js';

it(
  'thirty migrations, workers and Temporal killed meanwhile: none lost, none sent twice',
  { timeout: 420_000 },
  async () => {
    const options = chaosOptions(['--migrations', '30', '--in-flight', '40', '--seed', 'ci']) as ChaosOptions;
    const { violations, kills, attempted, migrated, lost, duplicated, unexpected } = await runChaos(
      options,
      (line) => console.error(`[chaos] ${line}`),
    );
    expect(violations).toEqual([]);
    expect({ attempted, migrated, lost, duplicated, unexpected }).toEqual({
      attempted: 30,
      migrated: 30,
      lost: 0,
      duplicated: 0,
      unexpected: 0,
    });
    expect(kills.worker).toBeGreaterThan(2);
    expect(kills.temporal).toBeGreaterThan(0);
  },
);
