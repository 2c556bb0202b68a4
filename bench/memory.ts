/**
 * Measures the memory that a worker holds for a migration that waits for the MANO: while it is in the cache, and
 * after its eviction.
 *
 * Each measurement uses a new worker, warmed up by as many migrations as will wait. The result is the growth of the
 * worker's memory when all of them wait, right after a garbage collection in each of its threads
 * (processes/memory-probe.ts). It covers the heaps, and the resident set, which is the memory that a machine must
 * have. Ten migrations wait before the measurement too: they fill the smallest cache, so that their memory does not
 * count as that of evicted ones. The size of the cache follows from the limit of Node's heap: the SDK caches 600
 * workflows for each GiB beyond 200 MiB, and at least ten.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { limiter, migrateOnce, newIds, times } from './drive.js';
import { alone, compared, inRotation, type BenchContext, type Figure, type Goal } from './harness.js';
import type { MemoryLine } from './processes/memory-probe.js';
import { Side, until, type SideName, type Stage } from './stage.js';

const WAITING_PER_AT_ONCE = 2;
const AT_A_TIME = 50;
const ROUNDS = 2;
/** The smallest possible cache keeps this many. They wait already when "before" is measured. */
const SMALLEST_CACHE = 10;
/** Limits of Node's heap. The first has room for more migrations than wait. The second gives the smallest cache. */
const LARGE_HEAP_MB = 4_096;
const SMALL_HEAP_MB = 144;
const IN_CACHE: Goal = { of: 'ours', atMost: 50 };
/**
 * As close to zero as the measurement can show. It applies to the heaps, because a resident set keeps pages that
 * are no longer in use.
 */
const EVICTED: Goal = { of: 'ours', atMost: 5 };

interface Memory {
  heapKb: number;
  residentKb: number;
}

interface Subject {
  name: SideName;
  heapLimitMb: number;
  count: number;
}

export async function memory({ stage, atOnce, rounds, report }: BenchContext): Promise<Figure[]> {
  const count = WAITING_PER_AT_ONCE * atOnce;
  const heaps = { cached: [] as number[], bare: [] as number[], evicted: [] as number[] };
  const measure = async (kept: keyof typeof heaps, subject: Omit<Subject, 'count'>): Promise<number> => {
    const { heapKb, residentKb } = await perWaiting(stage, { ...subject, count });
    heaps[kept].push(heapKb);
    return residentKb;
  };
  const what = `of each of ${String(count)} that wait`;
  const resident = await inRotation({
    what: `memory ${what}`,
    rounds: rounds(ROUNDS),
    subjects: {
      cached: () => measure('cached', { name: 'ours', heapLimitMb: LARGE_HEAP_MB }),
      bare: () => measure('bare', { name: 'bare', heapLimitMb: LARGE_HEAP_MB }),
      evicted: () => measure('evicted', { name: 'ours', heapLimitMb: SMALL_HEAP_MB }),
    },
    report,
    // Each has its own process, which is warmed up separately.
    warmUp: false,
  });
  const bare = { name: 'bare', values: resident.bare };
  return [
    compared({
      what: `resident ${what}, cached`,
      unit: 'kB',
      ours: resident.cached,
      reference: bare,
      goal: IN_CACHE,
    }),
    compared({
      what: `heap ${what}, cached`,
      unit: 'kB',
      ours: heaps.cached,
      reference: { name: 'bare', values: heaps.bare },
    }),
    alone({ what: `resident ${what}, evicted`, unit: 'kB', ours: resident.evicted }),
    alone({ what: `heap ${what}, evicted`, unit: 'kB', ours: heaps.evicted, goal: EVICTED }),
  ];
}

async function perWaiting(stage: Stage, { name, heapLimitMb, count }: Subject): Promise<Memory> {
  const memoryFile = join(stage.run.directory, 'memory.jsonl');
  const probe = pathToFileURL(stage.programs.memoryProbe).href;
  const side = await Side.open(stage, {
    name,
    nodeArgs: [`--max-old-space-size=${String(heapLimitMb)}`, '--expose-gc', '--import', probe],
    env: { BENCH_MEMORY_FILE: memoryFile },
  });
  try {
    const some = limiter(AT_A_TIME);
    await times(count, () => some(() => migrateOnce(side)));
    side.mano.readyAfterMs = () => null;
    const first = await makeWait(side, SMALLEST_CACHE);
    const before = await measured(side, memoryFile);
    const more = await makeWait(side, count);
    const after = await measured(side, memoryFile);
    if (after.threads !== before.threads) throw new Error('a thread began or ended meanwhile');
    await Promise.all([...first, ...more].map((handle) => some(() => handle.terminate())));
    return {
      heapKb: (after.heapBytes - before.heapBytes) / count / 1_000,
      residentKb: (after.residentBytes - before.residentBytes) / count / 1_000,
    };
  } finally {
    await side.close();
  }
}

/** Starts `count` more. Resolves when all of them wait for READY. */
async function makeWait(side: Side, count: number): Promise<WorkflowHandle[]> {
  const some = limiter(AT_A_TIME);
  return await times(count, () =>
    some(async () => {
      const handle = await side.start(newIds());
      await untilItWaits(handle);
      return handle;
    }),
  );
}

/** Waits until the ack has been signalled and the worker has no further work. */
async function untilItWaits(handle: WorkflowHandle): Promise<void> {
  await until('a migration that waits for READY', async () => {
    const { events } = await handle.fetchHistory();
    if (events?.some((event) => event.workflowExecutionSignaledEventAttributes != null) !== true)
      return false;
    const { raw } = await handle.describe();
    return raw.pendingWorkflowTask == null && raw.pendingActivities?.length === 0;
  });
}

async function measured({ pid }: Side, memoryFile: string): Promise<MemoryLine> {
  await rm(memoryFile, { force: true });
  process.kill(pid, 'SIGUSR2');
  let text = '';
  await until('the memory of the worker', async () => {
    text = await readFile(memoryFile, 'utf8').catch(() => '');
    return text.endsWith('\n');
  });
  return JSON.parse(text) as MemoryLine;
}
