/**
 * Measures migrations a second, with a growing number of them in flight: ours compared with the bare workflow.
 *
 * All migrations of a round start as fast as the server accepts them, and each is answered immediately. The number
 * in flight therefore grows until the workers have caught up. Results are awaited in the order of the starts, which
 * limits the number of calls that wait at the server.
 */
import { limiter, newIds, resultOf, times } from './drive.js';
import { alone, compared, inRotation, type BenchContext, type Figure, type Goal } from './harness.js';
import { withSides, type Side, type Sides } from './stage.js';

const STARTS_AT_ONCE = 50;
const RESULTS_AT_ONCE = 100;
const ROUNDS = 5;
/** Ten thousand take ten minutes, so such a size runs once unless `--rounds` requests more. */
const MIGRATIONS_A_SUBJECT = 2_000;
const GOAL: Goal = { of: 'ratio', atLeast: 0.9 };

export async function throughput(context: BenchContext): Promise<Figure[]> {
  return await withSides(context.stage, async (sides) => {
    const measured: Size[] = [];
    for (const size of context.sizes) {
      const isFirst = measured.length === 0;
      measured.push(await measure(context, { size, isFirst, sides }));
    }
    return [...measured.flatMap(({ rate, inFlight }) => [rate, inFlight]), ...growth(measured)];
  });
}

interface Size {
  size: number;
  rate: Figure;
  inFlight: Figure;
}

async function measure(
  { rounds, report }: BenchContext,
  { size, isFirst, sides }: { size: number; isFirst: boolean; sides: Sides },
): Promise<Size> {
  const inFlight: number[] = [];
  const rush = async (side: Side): Promise<number> => {
    const { perSecond, mostInFlight } = await rushOf(side, size);
    if (side.name === 'ours') inFlight.push(mostInFlight);
    return perSecond;
  };
  const byDefault = Math.max(1, Math.min(ROUNDS, Math.floor(MIGRATIONS_A_SUBJECT / size)));
  const what = `throughput, ${String(size)} started at once`;
  const perSecond = await inRotation({
    what,
    rounds: rounds(byDefault),
    subjects: { ours: () => rush(sides.ours), bare: () => rush(sides.bare) },
    report,
    // The earlier sizes have warmed it up.
    warmUp: isFirst,
  });
  const reference = { name: 'bare', values: perSecond.bare };
  return {
    size,
    rate: compared({ what, unit: 'a second', ours: perSecond.ours, reference, goal: GOAL }),
    inFlight: alone({
      what: `most in flight of ${String(size)}`,
      unit: 'migrations',
      ours: inFlight.slice(-perSecond.ours.length),
    }),
  };
}

interface Rush {
  perSecond: number;
  mostInFlight: number;
}

async function rushOf(side: Side, count: number): Promise<Rush> {
  const starts = limiter(STARTS_AT_ONCE);
  const results = limiter(RESULTS_AT_ONCE);
  let inFlight = 0;
  let mostInFlight = 0;
  const startedAtMs = performance.now();
  await times(count, async () => {
    const handle = await starts(() => side.start(newIds()));
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    await results(() => resultOf(side, handle));
    inFlight -= 1;
  });
  return { perSecond: (1_000 * count) / (performance.now() - startedAtMs), mostInFlight };
}

/** Compares each larger size with the smallest, to show whether a migration costs more when many are in flight. */
function growth([smallest, ...larger]: readonly Size[]): Figure[] {
  if (smallest === undefined) return [];
  const name = `${String(smallest.size)} at once`;
  return larger.map(({ size, rate }) =>
    compared({
      what: `throughput of ${String(size)} beside that of ${String(smallest.size)}`,
      unit: 'a second',
      ours: [rate.ours],
      reference: { name, values: [smallest.rate.ours] },
    }),
  );
}
