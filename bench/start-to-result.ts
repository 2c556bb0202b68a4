/**
 * Measures how long a caller waits for a migration whose MANO needs no time: ours compared with the bare workflow.
 */
import { MigrationClient } from '../src/client/migration-client.js';
import { migrateOnce, mustBeClean, newIds, times } from './drive.js';
import { compared, inRotation, median, type BenchContext, type Figure, type Goal } from './harness.js';
import { withSides, type Sides } from './stage.js';

const ALONE_IN_A_ROUND = 10;
const ROUNDS = 5;
const GOAL: Goal = { of: 'ratio', atMost: 1.5 };

export async function startToResult(context: BenchContext): Promise<Figure[]> {
  return await withSides(context.stage, async (sides) => [
    ...(await measure(context, { what: 'start to result, alone', round: oneByOne(ALONE_IN_A_ROUND), sides })),
    ...(await measure(context, {
      what: `start to result, ${String(context.atOnce)} at once`,
      round: atOnce(context.atOnce),
      sides,
    })),
  ]);
}

/** The typical time of a migration in one round. */
type Round = (migrate: () => Promise<number>) => Promise<number>;

function oneByOne(count: number): Round {
  return async (migrate) => {
    const tookMs: number[] = [];
    while (tookMs.length < count) tookMs.push(await migrate());
    return median(tookMs);
  };
}

function atOnce(count: number): Round {
  return async (migrate) => median(await times(count, migrate));
}

async function measure(
  { stage, rounds, report }: BenchContext,
  { what, round, sides }: { what: string; round: Round; sides: Sides },
): Promise<Figure[]> {
  const { ours, bare } = sides;
  const migrations = new MigrationClient({ client: stage.client, taskQueue: ours.taskQueue });
  const tookMs = await inRotation({
    what,
    rounds: rounds(ROUNDS),
    subjects: {
      ours: () => round(() => migrateOnce(ours)),
      bare: () => round(() => migrateOnce(bare)),
      'by MigrationClient': () => round(() => migrateByClient(migrations)),
    },
    report,
  });
  const reference = { name: 'bare', values: tookMs.bare };
  return [
    compared({ what, unit: 'ms', ours: tookMs.ours, reference, goal: GOAL }),
    // The client first queries the result of an earlier migration of the VNF, and sets search attributes.
    compared({
      what: `${what}, by MigrationClient`,
      unit: 'ms',
      ours: tookMs['by MigrationClient'],
      reference,
    }),
  ];
}

async function migrateByClient(migrations: MigrationClient): Promise<number> {
  const startedAtMs = performance.now();
  mustBeClean(await migrations.migrate(newIds()));
  return performance.now() - startedAtMs;
}
