/** The options of a run. Every wrong argument is named. */
import { parseArgs } from 'node:util';

export interface FuzzOptions {
  /** Of each operation, beside those that its description asks for. */
  examples: number;
  seed: number;
  json: boolean;
}

export const HELP = `npm run test:fuzz -- [--examples 40] [--seed 1] [--json]

Fuzzes the console's API against its description, with everything up. Exit code 1: a finding; 2: the run itself failed.`;

export function fuzzOptions(args: readonly string[]): FuzzOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      examples: { type: 'string', default: '40' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'examples' | 'seed', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least) throw new Error(`--${name}: a whole number from ${least}`);
    return value;
  };
  return { examples: whole('examples', 1), seed: whole('seed', 0), json: values.json };
}
