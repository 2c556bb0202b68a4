/** The options of `npm run bench`. Every wrong argument is named. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const BENCH_NAMES = [
  'start-to-result',
  'throughput',
  'signal',
  'foreign',
  'memory',
  'polling',
  'campaign',
  'worker-start',
  'cost',
] as const;
export type BenchName = (typeof BENCH_NAMES)[number];

export interface BenchOptions {
  only: readonly BenchName[];
  /** Numbers of migrations in flight. Never empty. */
  sizes: readonly [number, ...number[]];
  /** Null means the default of each bench. */
  rounds: number | null;
  /** The folder for CPU profiles. Null means that none are recorded. */
  profile: string | null;
  json: boolean;
}

export const HELP = `npm run bench -- [--only <name>,…] [--sizes 100,1000] [--rounds <number>]
                     [--profile <directory>] [--json]

Measures ours and something to hold it against in turns, on a stack of its own, prints each figure beside its goal,
and ends with code 1 if a goal is missed or a bench fails. On a machine that has other work the figures mean little.

--only    ${BENCH_NAMES.slice(0, 5).join(', ')},
          ${BENCH_NAMES.slice(5).join(', ')}
--sizes   migrations in flight for the throughput; the first is what "at once" means in the other benches, whose
          amounts follow from it: 5 for a try, 100,1000,10000 to see how it grows
--rounds  how often each thing is measured, beside a first time that does not count; default: by bench
--profile CPU profiles of the workers, listeners and consumers into a folder that does not exist yet, and what they
          tell on standard error; taking them costs time, so figures are not comparable to those without
--json    the figures and the machine as JSON on standard output`;

export function benchOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      sizes: { type: 'string', default: '100,1000' },
      rounds: { type: 'string' },
      profile: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const [first = 1, ...others] = values.sizes.split(',').map((text) => whole('sizes', text));
  return {
    only: values.only === undefined ? BENCH_NAMES : values.only.split(',').map(benchName),
    sizes: [first, ...others],
    rounds: values.rounds === undefined ? null : whole('rounds', values.rounds),
    profile: values.profile === undefined ? null : resolve(values.profile),
    json: values.json,
  };
}

function whole(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option}: whole numbers from 1`);
  return value;
}

function benchName(text: string): BenchName {
  const name = BENCH_NAMES.find((known) => known === text);
  if (name === undefined) throw new Error(`--only: one of ${BENCH_NAMES.join(', ')}, not ${text}`);
  return name;
}
