/**
 * Measures the time from the spawn of a worker to its first poll for work, as Temporal sees it: ours compared with
 * the bare worker, both with a prebuilt bundle.
 */
import { compared, inRotation, type BenchContext, type Figure, type Goal } from './harness.js';
import type { SideName, Stage } from './stage.js';
import { until } from './stage.js';

const ROUNDS = 5;
const GOAL: Goal = { of: 'ours', atMost: 2_000 };

export async function workerStart({ stage, rounds, report }: BenchContext): Promise<Figure[]> {
  const what = 'spawn of a worker to its first poll';
  const tookMs = await inRotation({
    what,
    rounds: rounds(ROUNDS),
    subjects: { ours: () => startOf(stage, 'ours'), bare: () => startOf(stage, 'bare') },
    report,
  });
  const reference = { name: 'bare', values: tookMs.bare };
  return [compared({ what, unit: 'ms', ours: tookMs.ours, reference, goal: GOAL })];
}

async function startOf(stage: Stage, name: SideName): Promise<number> {
  const address = stage.newAddress(name);
  const { taskQueue } = address;
  const startedAtMs = performance.now();
  const process = await stage.spawn(name, { address });
  try {
    await until('a worker that polls', () => stage.isPolling({ taskQueue, pid: process.pid }));
    return performance.now() - startedAtMs;
  } finally {
    await process.stop();
    await stage.forget(address);
  }
}
