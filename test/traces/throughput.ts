/**
 * Migrations a second with traces beside those without, in turns: a worker each, of one build, on one stack, all spans sent to
 * the collector.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { limiter, newIds, times } from '../../bench/drive.js';
import { compared, inRotation, type Figure } from '../../bench/harness.js';
import { Side, Stage } from '../../bench/stage.js';
import { Collector } from './collector.js';

/** More at once would measure what an overloaded machine does with heartbeats. */
const IN_FLIGHT = 10;
/** Nobody lists VIMs here: a round in which a worker asks again would wait 20 s for it. Nor is silence waited for long. */
const HASTY = { policy: { verifyTarget: 'off', ackTimeout: '10s' } };
const GOAL = { of: 'ratio', atLeast: 0.9 } as const;

export interface ThroughputOptions {
  command: string;
  pairs: number;
  migrations: number;
  report: (line: string) => void;
}

export interface Throughput {
  figure: Figure;
  /** Of the worker, in each round: on a machine that others use, too, it says more than the time. */
  cpuSeconds: Figure;
  spansAMigration: number;
}

export async function throughputWithTraces(options: ThroughputOptions): Promise<Throughput> {
  const { command, report } = options;
  const stage = await Stage.set({ report, profile: null });
  let hasEnded = false;
  try {
    const collector = await Collector.start(command, join('.vnf-migrator', `throughput-${process.pid}`));
    try {
      const measured = await measure(stage, { ...options, collector });
      hasEnded = true;
      return measured;
    } finally {
      await collector.stop();
    }
  } finally {
    await stage.stop({ keep: !hasEnded });
  }
}

async function measure(
  stage: Stage,
  { pairs, migrations, report, collector }: ThroughputOptions & { collector: Collector },
): Promise<Throughput> {
  const off = await Side.open(stage, { name: 'ours' });
  // Longer than by default, so that every span is sent: what is dropped costs less.
  const env = { ...collector.settings(), OTEL_BSP_MAX_QUEUE_SIZE: '65536' };
  const on = await Side.open(stage, { name: 'ours', env });
  try {
    const what = `throughput, ${String(migrations)} migrations, ${String(IN_FLIGHT)} in flight`;
    const cpu: Record<'on' | 'off', number[]> = { on: [], off: [] };
    const measured = (side: Side, name: 'on' | 'off') => async (): Promise<number> => {
      const before = cpuSecondsOf(side.pid);
      const rate = await rush(side, migrations);
      cpu[name].push(cpuSecondsOf(side.pid) - before);
      return rate;
    };
    const subjects = { on: measured(on, 'on'), off: measured(off, 'off') };
    const rates = await inRotation({ what, rounds: pairs, subjects, report });
    await on.close();
    const spans = (await collector.spans()).length;
    const name = 'without traces';
    return {
      figure: compared({
        ...{ what, unit: 'a second', ours: rates.on, goal: GOAL },
        reference: { name, values: rates.off },
      }),
      // The first warms up.
      cpuSeconds: compared({
        ...{ what: 'CPU of the worker', unit: 's', ours: cpu.on.slice(1) },
        reference: { name, values: cpu.off.slice(1) },
      }),
      spansAMigration: spans / (migrations * (pairs + 1)),
    };
  } finally {
    await off.close();
  }
}

const TICKS_A_SECOND = 100;

/** User and system time of a process. */
function cpuSecondsOf(pid: number): number {
  const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  // After the name of the command, which may have blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

async function rush(side: Side, count: number): Promise<number> {
  const inFlight = limiter(IN_FLIGHT);
  const startedAtMs = performance.now();
  await times(count, () =>
    inFlight(async () => {
      // On an overloaded machine it may take a second request; it is migrated all the same.
      await (await side.start({ ...newIds(), ...HASTY })).result();
    }),
  );
  return (1_000 * count) / (performance.now() - startedAtMs);
}
