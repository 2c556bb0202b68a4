/** The options of `npm run test:traces`. Every wrong argument is named. */
import { parseArgs } from 'node:util';

export interface TracesOptions {
  /** Of rounds with and without traces; 0: throughput is not measured. */
  pairs: number;
  /** In each half of a pair. */
  migrations: number;
  /** Only the throughput. */
  onlyThroughput: boolean;
}

export const HELP = `npm run test:traces -- [--pairs <number>] [--migrations <number>] [--only-throughput]

Builds an OpenTelemetry Collector, where there is none yet, runs migrations with traces against it, and checks the
traces that it has got. Then it compares migrations a second with and without traces, in turns. The exit code is 1 if
anything is not as it should be, or if the throughput with traces is below 0.9 of that without.

--pairs            pairs of rounds with and without traces; default 7; 0: none
--migrations       migrations in each round, 10 in flight; default 100
--only-throughput  checks no traces`;

export function tracesOptions(args: readonly string[]): TracesOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pairs: { type: 'string', default: '7' },
      migrations: { type: 'string', default: '100' },
      'only-throughput': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    pairs: whole('pairs', { text: values.pairs, least: 0 }),
    migrations: whole('migrations', { text: values.migrations, least: 1 }),
    onlyThroughput: values['only-throughput'],
  };
}

function whole(option: string, { text, least }: { text: string; least: number }): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${option}: whole numbers from ${least}`);
  return value;
}
