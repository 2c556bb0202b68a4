/**
 * `npm run bench` compares our cost with the smallest possible cost. The exit code is 1 if a goal is missed or a
 * bench fails.
 */
import { mkdir } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { campaign } from './campaign.js';
import { cost } from './cost.js';
import { foreign } from './foreign.js';
import { table, type Bench, type Measured } from './harness.js';
import { memory } from './memory.js';
import { benchOptions, HELP, type BenchName, type BenchOptions } from './options.js';
import { polling } from './polling.js';
import { profileTexts } from './profile.js';
import { signal } from './signal.js';
import { Stage } from './stage.js';
import { startToResult } from './start-to-result.js';
import { throughput } from './throughput.js';
import { workerStart } from './worker-start.js';

const BENCHES: Record<BenchName, Bench> = {
  'start-to-result': startToResult,
  throughput,
  signal,
  foreign,
  memory,
  polling,
  campaign,
  'worker-start': workerStart,
  cost,
};

/** The load of other processes on a processor. Above it, a figure reflects that load. */
const QUIET_LOAD_PER_CPU = 0.25;

interface Machine {
  node: string;
  cpus: string;
  memoryGiB: number;
  /** The average number of running processes over the last minute, before the bench started anything. */
  loadAtBegin: number;
  isQuiet: boolean;
}

function machine(): Machine {
  const all = cpus();
  const [loadAtBegin = 0] = loadavg();
  return {
    node: process.version,
    cpus: `${String(all.length)} × ${all[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAtBegin,
    isQuiet: loadAtBegin <= QUIET_LOAD_PER_CPU * all.length,
  };
}

interface Outcome {
  figures: Measured[];
  failures: string[];
}

/** Runs the benches one after another. The figures of the others are kept if a bench fails. */
async function runAll(
  { only, sizes, rounds, profile }: BenchOptions,
  report: (line: string) => void,
): Promise<Outcome> {
  const outcome: Outcome = { figures: [], failures: [] };
  // Refuse an existing folder: its profiles would mix with the new ones.
  if (profile !== null) await mkdir(profile);
  const stage = await Stage.set({ report, profile });
  try {
    for (const bench of only) {
      report(`— ${bench}`);
      try {
        const [atOnce] = sizes;
        const context = { stage, sizes, atOnce, rounds: (byDefault: number) => rounds ?? byDefault, report };
        const figures = await BENCHES[bench](context);
        outcome.figures.push(...figures.map((figure) => ({ bench, ...figure })));
      } catch (error) {
        outcome.failures.push(
          `${bench}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      }
    }
  } finally {
    await stage.stop({ keep: outcome.failures.length > 0 });
  }
  return outcome;
}

async function main(options: BenchOptions): Promise<number> {
  const report = (line: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
  const on = machine();
  if (!on.isQuiet)
    report(`the machine has other work (load ${on.loadAtBegin.toFixed(1)}): the figures mean little`);
  const { figures, failures } = await runAll(options, report);
  if (options.json) console.log(JSON.stringify({ machine: on, figures, failures }));
  else
    console.log(
      `${table(figures)}\n\n${on.cpus}, ${String(on.memoryGiB)} GiB, Node ${on.node}, load ${on.loadAtBegin.toFixed(1)}`,
    );
  if (options.profile !== null)
    for (const text of await profileTexts(options.profile)) console.error(`\n${text}`);
  for (const failure of failures) console.error(failure);
  return failures.length > 0 || figures.some(({ isMet }) => isMet === false) ? 1 : 0;
}

const options = benchOptions(process.argv.slice(2));
if (options === 'help') console.log(HELP);
else process.exitCode = await main(options);
