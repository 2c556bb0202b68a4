/**
 * Measures two subjects in turns, and derives the figures.
 *
 * Invariants: subjects that are compared are measured in one run, A B A B …, after a first round that does not
 * count, so that a machine that becomes slow affects both. A ratio is ours divided by the other's for each round,
 * and the result is the median of these ratios.
 */
import type { BenchName } from './options.js';
import { readable } from './readable.js';
import type { Stage } from './stage.js';

export type Unit =
  'ms' | 'a second' | 'kB' | 'bytes' | 's' | 'calls' | 'events' | 'actions' | 'messages' | 'migrations';

/** The required value of a figure: the ratio to the reference, or our own value. */
export type Goal = { of: 'ratio' | 'ours' } & ({ atMost: number } | { atLeast: number });

export interface Figure {
  what: string;
  unit: Unit;
  /** Medians over the rounds. */
  ours: number;
  reference: { name: string; value: number } | null;
  ratio: { median: number; least: number; most: number } | null;
  rounds: number;
  goal: Goal | null;
  isMet: boolean | null;
}

export interface BenchContext {
  stage: Stage;
  /** The number of simultaneous migrations: the first value of `--sizes`. */
  atOnce: number;
  sizes: readonly number[];
  /** The value of the option, or the default of the bench. */
  rounds: (byDefault: number) => number;
  report: (line: string) => void;
}

export type Bench = (context: BenchContext) => Promise<Figure[]>;

export interface Measured extends Figure {
  bench: BenchName;
}

/** One measurement for each named subject. */
export type Subjects<Name extends string> = Record<Name, () => Promise<number>>;

export interface RotationOptions<Name extends string> {
  what: string;
  rounds: number;
  subjects: Subjects<Name>;
  report: (line: string) => void;
  /** False if the subjects are warmed up already. Default: true. */
  warmUp?: boolean;
}

/** Measures each subject once a round, one after another, in the order of their names in the options. */
export async function inRotation<Name extends string>(
  options: RotationOptions<Name>,
): Promise<Record<Name, number[]>> {
  const { what, rounds, subjects, report, warmUp = true } = options;
  const names = Object.keys(subjects) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = warmUp ? 0 : 1; round <= rounds; round += 1) {
    const told: string[] = [];
    for (const name of names) {
      const value = await subjects[name]();
      if (round > 0) values[name].push(value);
      told.push(`${name} ${readable(value)}`);
    }
    const title = round === 0 ? 'warm-up' : `round ${String(round)} of ${String(rounds)}`;
    report(`${what}, ${title}: ${told.join(', ')}`);
  }
  return values;
}

interface Rounds {
  what: string;
  unit: Unit;
  ours: readonly number[];
  goal?: Goal;
}

/** A figure with a reference. Both have one value for each round. */
export function compared({
  what,
  unit,
  ours,
  reference,
  goal,
}: Rounds & { reference: { name: string; values: readonly number[] } }): Figure {
  const ratios = ours.map((value, round) => value / (reference.values[round] ?? NaN));
  const ratio = { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
  const value = median(ours);
  return {
    what,
    unit,
    ours: value,
    reference: { name: reference.name, value: median(reference.values) },
    ratio,
    rounds: ours.length,
    goal: goal ?? null,
    isMet: goal === undefined ? null : isMet(goal, { ours: value, ratio: ratio.median }),
  };
}

/** A figure without a reference. */
export function alone({ what, unit, ours, goal }: Rounds): Figure {
  const value = median(ours);
  return {
    what,
    unit,
    ours: value,
    reference: null,
    ratio: null,
    rounds: ours.length,
    goal: goal ?? null,
    isMet: goal === undefined ? null : isMet(goal, { ours: value, ratio: NaN }),
  };
}

/** A value that is not a number meets no goal. */
function isMet(goal: Goal, { ours, ratio }: { ours: number; ratio: number }): boolean {
  const value = goal.of === 'ratio' ? ratio : ours;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** The middle value. For an even number of values it is the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
  return (lower + upper) / 2;
}

function goalText(goal: Goal): string {
  const limit = 'atMost' in goal ? `at most ${String(goal.atMost)}` : `at least ${String(goal.atLeast)}`;
  return goal.of === 'ratio' ? `ratio ${limit}` : limit;
}

/** One line for each figure, in columns. */
export function table(figures: readonly Measured[]): string {
  const head = ['bench', 'figure', 'ours', 'beside', 'ratio', 'from … to', 'rounds', 'goal', ''];
  const rows = figures.map(({ bench, what, unit, ours, reference, ratio, rounds, goal, isMet }) => [
    bench,
    what,
    `${readable(ours)} ${unit}`,
    reference === null ? '' : `${reference.name} ${readable(reference.value)}`,
    ratio === null ? '' : readable(ratio.median),
    ratio === null ? '' : `${readable(ratio.least)} … ${readable(ratio.most)}`,
    String(rounds),
    goal === null ? '' : goalText(goal),
    isMet === null ? '' : isMet ? 'met' : 'MISSED',
  ]);
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
